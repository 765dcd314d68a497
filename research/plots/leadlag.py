"""Who leads, in a picture: the curve by shift, segments, days, and what dYdX does next."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure

from research.arrays import Floats
from research.leadlag.lag import LeadLag
from research.leadlag.sentences import lead_sentences
from research.leadlag.shifts import ShiftCurve
from research.plots.figure import (
    COLORS,
    FAINT,
    INK,
    LINE_HEIGHT,
    new_figure,
    quiet,
    wrapped,
    write_head,
    write_notes,
)

__all__ = ["BarSeries", "LagInfo", "draw_lag", "lag_info"]

_WIDTH, _HEAD, _TALL, _GAP = 12.0, 0.95, 2.9, 0.95  # inches


@dataclass(frozen=True, slots=True, eq=False)
class BarSeries:
    """Points with a band each; arrays of shape (points,), NaN where unknown."""

    value: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True, eq=False)
class LagInfo:
    """Everything that :func:`draw_lag` draws."""

    title: str
    subtitle: str
    shift: npt.NDArray[np.int64]
    curves: dict[str, BarSeries]  # by name of the estimator
    segments: tuple[str, ...]
    segment_ratio: BarSeries
    window_start: npt.NDArray[np.datetime64]
    window_ratio: BarSeries
    horizons: tuple[int, ...]
    gap_slopes: dict[str, BarSeries]  # by the price at which the return begins
    notes: tuple[str, ...]


def lag_info(found: LeadLag, *, label: str, notes: Sequence[str] = ()) -> LagInfo:
    """The picture of :func:`research.leadlag.lag.lead_lag`; ``label``: market and span."""
    overall = found.overall
    curves = {"cross-correlation": overall.correlation, "HRY contrast": overall.contrast}
    known = [each for each in found.segments if each.contrast is not None]
    starts = dict.fromkeys(each.start for each in overall.predictions)
    unknown = ", ".join(each.segment.name for each in found.segments if each.contrast is None)
    return LagInfo(
        title="Does Binance lead dYdX?",
        subtitle=f"{label}; both venues traded in {found.both:,} of {found.minutes:,} minutes",
        shift=overall.contrast.shift if overall.contrast else np.arange(0),
        curves={
            name: BarSeries(curve.value, curve.low, curve.high)
            for name, curve in curves.items()
            if curve is not None
        },
        segments=tuple(each.segment.name for each in known),
        segment_ratio=_ratios([each.contrast for each in known if each.contrast]),
        window_start=np.array([each.first_minute for each in found.windows], dtype="datetime64[m]"),
        window_ratio=BarSeries(
            np.array([each.ratio for each in found.windows]),
            np.array([each.ratio_low for each in found.windows]),
            np.array([each.ratio_high for each in found.windows]),
        ),
        horizons=tuple(dict.fromkeys(each.horizon for each in overall.predictions)),
        gap_slopes={start.replace("_", " "): _slopes(found, start) for start in starts},
        notes=(
            *lead_sentences(found),
            "Bands: 95 %, shift by shift, stationary bootstrap in blocks of "
            f"{found.spec.block_min} minutes on average, {found.spec.draws} resamples; slopes: "
            "1.96 Newey-West errors.",
            *([f"Too little evidence for: {unknown}."] if unknown else []),
            *notes,
        ),
    )


def draw_lag(info: LagInfo) -> Figure:
    """The picture: four panels."""
    notes = wrapped(info.notes, _WIDTH)
    foot = 0.55 + LINE_HEIGHT * len(notes)
    height = _HEAD + 2 * _TALL + _GAP + foot
    figure = new_figure(_WIDTH, height)
    write_head(figure, info.title, info.subtitle)
    write_notes(figure, notes)
    wide = (_WIDTH - 2.2) / 2
    places = [
        (0.75 + column * (wide + 1.0), foot + (1 - row) * (_TALL + _GAP))
        for row in range(2)
        for column in range(2)
    ]
    panels = [
        figure.add_axes((x / _WIDTH, y / height, wide / _WIDTH, _TALL / height)) for x, y in places
    ]
    for axes in panels:
        quiet(axes)
    _draw_curves(panels[0], info)
    _draw_segments(panels[1], info)
    _draw_windows(panels[2], info)
    _draw_slopes(panels[3], info)
    return figure


def _ratios(curves: Sequence[ShiftCurve]) -> BarSeries:
    return BarSeries(
        np.array([each.ratio for each in curves]),
        np.array([each.ratio_low for each in curves]),
        np.array([each.ratio_high for each in curves]),
    )


def _slopes(found: LeadLag, start: str) -> BarSeries:
    mine = [each for each in found.overall.predictions if each.start == start]
    slope = np.array([each.gap_slope for each in mine])
    reach = 1.96 * np.array([each.gap_error for each in mine])
    return BarSeries(slope, slope - reach, slope + reach)


def _draw_curves(axes: Axes, info: LagInfo) -> None:
    is_beside = info.shift != 0
    for k, (name, curve) in enumerate(info.curves.items()):
        place = info.shift[is_beside] + (k - 0.5) * 0.3
        _bars(axes, place, _where(curve, is_beside), COLORS[k], name)
    ends = [each[is_beside] for curve in info.curves.values() for each in (curve.low, curve.high)]
    reach = float(np.nanmax(np.abs(np.concatenate(ends)))) * 1.15
    axes.set_ylim(-reach, reach)
    axes.axhline(0, color=FAINT, lw=0.7)
    axes.axvspan(-0.5, 0.5, color=FAINT, alpha=0.15, lw=0)
    same = " / ".join(f"{curve.value[~is_beside][0]:.3f}" for curve in info.curves.values())
    axes.text(0, reach * 0.96, f"same minute:\n{same}", ha="center", va="top", size=7.5, color=INK)
    _name(axes, "Correlation by shift", "dYdX so many minutes later than Binance", "correlation")
    axes.legend(loc="lower right", fontsize=7.5, frameon=False)


def _draw_segments(axes: Axes, info: LagInfo) -> None:
    place = np.arange(len(info.segments))[::-1]
    ratio = info.segment_ratio
    axes.hlines(place, ratio.low, ratio.high, color=COLORS[0], lw=1.4)
    axes.plot(ratio.value, place, "o", ms=4, color=COLORS[0])
    axes.set_yticks(place, info.segments)
    axes.axvline(1, color=INK, lw=0.8, ls="--")
    _log_scale(axes, "x", ratio)
    _name(axes, "Lead-lag ratio by segment", "ratio: above 1 Binance leads", "")


def _draw_windows(axes: Axes, info: LagInfo) -> None:
    time = date2num(info.window_start)  # type: ignore[no-untyped-call]  # matplotlib's own gap
    _bars(axes, time, info.window_ratio, COLORS[0], "")
    axes.axhline(1, color=INK, lw=0.8, ls="--")
    _log_scale(axes, "y", info.window_ratio)
    locator: Any = AutoDateLocator(minticks=3, maxticks=7)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    axes.xaxis.get_offset_text().set_fontsize(8)
    _name(axes, "Lead-lag ratio over time", "start of the window, UTC", "ratio")


def _draw_slopes(axes: Axes, info: LagInfo) -> None:
    place = np.arange(len(info.horizons), dtype=np.float64)
    for k, (name, slopes) in enumerate(info.gap_slopes.items()):
        _bars(axes, place + (k - 0.5) * 0.2, slopes, COLORS[(0, 4)[k % 2]], f"from the {name}")
    axes.axhline(0, color=FAINT, lw=0.7)
    axes.axhline(-1, color=FAINT, lw=0.7, ls=":")
    axes.set_xticks(place, [f"{horizon}" for horizon in info.horizons])
    _name(
        axes,
        "dYdX's next return per percent of gap (-1: it closes all of it)",
        "minutes ahead",
        "slope",
    )
    axes.legend(loc="best", fontsize=7.5, frameon=False)


def _bars(axes: Axes, place: Floats, series: BarSeries, color: str, name: str) -> None:
    axes.vlines(place, series.low, series.high, color=color, lw=1.2, alpha=0.8)
    axes.plot(place, series.value, "o", ms=3.5, color=color, label=name)


def _where(series: BarSeries, mask: npt.NDArray[np.bool_]) -> BarSeries:
    return BarSeries(series.value[mask], series.low[mask], series.high[mask])


def _log_scale(axes: Axes, side: str, series: BarSeries) -> None:
    """A scale on which twice and half are equally far from 1."""
    ends = np.abs(np.log(np.concatenate((series.low, series.high))))
    reach = float(np.nanmax(ends)) if np.isfinite(ends).any() else 1.0
    limits = (float(np.exp(-reach * 1.1)), float(np.exp(reach * 1.1)))
    ticks = [t for t in (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0) if limits[0] <= t <= limits[1]]
    getattr(axes, f"set_{side}scale")("log")
    getattr(axes, f"set_{side}lim")(*limits)
    getattr(axes, f"set_{side}ticks")(ticks, [f"{tick:g}" for tick in ticks])
    getattr(axes, f"set_{side}ticks")([], minor=True)


def _name(axes: Axes, title: str, x: str, y: str) -> None:
    axes.set_title(title, loc="left", size=9, weight="bold", color=INK)
    axes.set_xlabel(x, size=8, color=INK)
    axes.set_ylabel(y, size=8, color=INK)

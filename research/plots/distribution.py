"""Histograms: where the spread lies and what thresholds leave of it; what trades earned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from research.arrays import Floats, Ints
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

__all__ = [
    "DistributionInfo",
    "HistogramPanel",
    "Marker",
    "draw_distribution",
    "pnl_distribution_info",
    "spread_distribution_info",
]

_MAX_BINS = 80
_WIDTH, _HEAD, _TALL, _GAP = 10.0, 0.95, 2.1, 0.75  # inches


@dataclass(frozen=True, slots=True)
class Marker:
    """A line across a histogram."""

    name: str
    value: float
    beyond: int | None = None  # values at least as far from 0 on its side; None: not counted


@dataclass(frozen=True, slots=True, eq=False)
class HistogramPanel:
    """One panel; ``counts`` has shape (bins,), ``edges`` (bins + 1,), both read-only."""

    name: str
    edges: Floats
    counts: Ints
    size: int  # known values, all of them inside the edges
    markers: tuple[Marker, ...]


@dataclass(frozen=True, slots=True, eq=False)
class DistributionInfo:
    """Everything that :func:`draw_distribution` draws."""

    title: str
    subtitle: str
    unit: str
    counted: str  # what is counted: minutes, trades
    is_log: bool  # counts on a logarithmic scale, so that tails are seen
    panels: tuple[HistogramPanel, ...]
    notes: tuple[str, ...]


def spread_distribution_info(
    spreads: Mapping[str, ArrayLike],
    thresholds: Mapping[str, float],
    *,
    label: str,
    notes: Sequence[str] = (),
) -> DistributionInfo:
    """Histograms of spreads (raw, excess), with the minutes beyond each threshold counted.

    Parameters
    ----------
    spreads
        By name; percent, shape (n,); NaN is left out.
    thresholds
        Signed, by name: a positive one is passed by ``spread >= value``, a negative one by
        ``spread <= value``; 0 by either side's ``>=``.
    label
        Market and span of the data; says so where it is synthetic.
    """
    known = {name: _known(values) for name, values in spreads.items()}
    markers = {
        name: [Marker(text, value, _beyond(each, value)) for text, value in thresholds.items()]
        for name, each in known.items()
    }
    return DistributionInfo(
        title="Spread (dYdX - Binance) / Binance and its thresholds",
        subtitle=label,
        unit="percent",
        counted="minutes",
        is_log=True,
        panels=_histograms(known, markers),
        notes=tuple(notes),
    )


def pnl_distribution_info(
    net_pct: Mapping[str, ArrayLike], *, title: str, label: str, notes: Sequence[str] = ()
) -> DistributionInfo:
    """Histograms of net pnl per trade, one panel a model, with the mean marked.

    Parameters
    ----------
    net_pct
        By name of the model; percent, shape (trades,).
    label
        Market and span of the data; says so where it is synthetic.
    """
    known = {name: _known(values) for name, values in net_pct.items()}
    markers = {
        name: [Marker("mean", float(each.mean()))] if each.size else []
        for name, each in known.items()
    }
    return DistributionInfo(
        title=title,
        subtitle=label,
        unit="% net a trade",
        counted="trades",
        is_log=False,
        panels=_histograms(known, markers),
        notes=tuple(notes),
    )


def draw_distribution(info: DistributionInfo) -> Figure:
    """The picture: one histogram under the other on the same bins."""
    notes = wrapped(info.notes, _WIDTH)
    foot = 0.55 + LINE_HEIGHT * len(notes)
    count = len(info.panels)
    height = _HEAD + count * _TALL + (count - 1) * _GAP + foot
    figure = new_figure(_WIDTH, height)
    write_head(figure, info.title, info.subtitle)
    write_notes(figure, notes)
    for k, (panel, color) in enumerate(zip(info.panels, COLORS, strict=False)):
        bottom = height - _HEAD - k * (_TALL + _GAP) - _TALL
        place = (0.75 / _WIDTH, bottom / height, (_WIDTH - 1.0) / _WIDTH, _TALL / height)
        _draw_panel(figure.add_axes(place), info, panel, color)
    return figure


def _known(values: ArrayLike) -> Floats:
    array = np.asarray(values, dtype=np.float64)
    return array[~np.isnan(array)]


def _beyond(known: Floats, threshold: float) -> int:
    return int(np.count_nonzero(known <= threshold if threshold < 0 else known >= threshold))


def _histograms(
    known: Mapping[str, Floats], markers: Mapping[str, Sequence[Marker]]
) -> tuple[HistogramPanel, ...]:
    """Panels on the same equal bins, which cover all values, all markers and 0."""
    ends = [0.0, *(marker.value for each in markers.values() for marker in each)]
    values = np.concatenate([*known.values(), ends])
    margin = float(np.ptp(values)) * 0.02 or 0.01
    span = (float(values.min()) - margin, float(values.max()) + margin)
    bins = min(_MAX_BINS, max(10, int(2 * max(each.size for each in known.values()) ** 0.5)))
    panels = []
    for name, each in known.items():
        counts, edges = np.histogram(each, bins=bins, range=span)
        for array in (counts, edges):
            array.setflags(write=False)
        panels.append(HistogramPanel(name, edges, counts, each.size, tuple(markers[name])))
    return tuple(panels)


def _draw_panel(axes: Axes, info: DistributionInfo, panel: HistogramPanel, color: str) -> None:
    quiet(axes)
    title = f"{panel.name}: {panel.size:,} {info.counted}"
    axes.set_title(title, loc="left", size=9, weight="bold", color=INK)
    if info.is_log and panel.size:
        axes.set_yscale("symlog", linthresh=1.0)
    axes.stairs(panel.counts, panel.edges, fill=True, color=color, alpha=0.75)
    axes.set_xlim(panel.edges[0], panel.edges[-1])
    top = max(int(panel.counts.max()), 1)
    axes.set_ylim(0, top * (10 if info.is_log else 1.3))  # room for the markers' words
    axes.set_xlabel(info.unit, size=8, color=INK)
    axes.set_ylabel(info.counted + (", log scale" if info.is_log else ""), size=8, color=INK)
    axes.axvline(0, color=FAINT, lw=0.7)
    for k, marker in enumerate(panel.markers):
        _draw_marker(axes, marker, _describe(marker, panel, info.counted), k)
    if not panel.size:
        nothing = f"no {info.counted}"
        axes.text(0.5, 0.5, nothing, transform=axes.transAxes, ha="center", color=FAINT)


def _draw_marker(axes: Axes, marker: Marker, text: str, line: int) -> None:
    """A dashed line whose text stands towards the middle, where there is always room."""
    axes.axvline(marker.value, color=INK, lw=0.9, ls="--")
    is_left = marker.value < sum(axes.get_xlim()) / 2
    axes.annotate(
        text,
        (marker.value, 0.98 - 0.12 * (line % 4)),
        xycoords=("data", "axes fraction"),
        xytext=(4 if is_left else -4, 0),
        textcoords="offset points",
        ha="left" if is_left else "right",
        va="top",
        size=7.5,
        color=INK,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 1.0},
    )


def _describe(marker: Marker, panel: HistogramPanel, counted: str) -> str:
    text = f"{marker.name} {marker.value:+.4g}"
    if marker.beyond is None:
        return text
    share = f" ({marker.beyond / panel.size:.2%})" if panel.size else ""
    return f"{text}: {marker.beyond:,} {counted} beyond{share}"

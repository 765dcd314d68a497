"""One HALT in a picture: the prices, the diff, the ages around it, and the parts of the diff."""

from math import isnan
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

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
from research.plots.halt_info import TOGETHER, HaltInfo, halt_info

__all__ = ["HaltInfo", "draw_halt", "halt_info"]

_BINANCE, _DYDX, _FILL, _BAD = COLORS[0], COLORS[1], COLORS[3], "#c0392b"
_PART_COLORS: Final = {"mid": _DYDX, "fill": _FILL, "latency": _BINANCE, TOGETHER: COLORS[4]}
_THOUSANDS: Final = StrMethodFormatter("{x:,.6g}")
_WIDTH, _HEAD, _TALL = 11.0, 0.72, 6.4  # inches


def draw_halt(info: HaltInfo) -> Figure:
    """The picture: prices, diffs and ages over each other, the parts of the diff at the right."""
    notes = wrapped(info.notes, _WIDTH)
    foot = 0.5 + LINE_HEIGHT * len(notes)
    figure = new_figure(_WIDTH, _HEAD + _TALL + foot)
    write_head(figure, info.title, info.subtitle)
    write_notes(figure, notes)
    ages = _axes(figure, (0.85, foot, 7.2, 1.2))
    diffs = _axes(figure, (0.85, foot + 1.4, 7.2, 1.35), ages)
    prices = _axes(figure, (0.85, foot + 2.95, 7.2, _TALL - 2.95), ages)
    _draw_prices(prices, info)
    _draw_diffs(diffs, info)
    _draw_ages(ages, info)
    _draw_parts(_axes(figure, (8.85, foot, 1.95, _TALL)), info)
    for axes in (prices, diffs, ages):
        axes.axvline(_days(info.moment), color=_BAD, lw=1.0, zorder=1)
        axes.set_xlim(_days(info.start), _days(info.end))
    for axes in (prices, diffs):
        axes.tick_params(labelbottom=False)
    return figure


def _axes(figure: Figure, box: tuple[float, float, float, float], like: Axes | None = None) -> Axes:
    width, height = figure.get_size_inches()
    left, bottom, wide, high = box
    place = (left / width, bottom / height, wide / width, high / height)
    axes = figure.add_axes(place, sharex=like)
    quiet(axes)
    return axes


def _draw_prices(axes: Axes, info: HaltInfo) -> None:
    times, values = _days(info.binance.time), info.binance.value
    if not isnan(info.halt_diff_pct):
        low, high = (values * (1 + sign * info.halt_diff_pct / 100) for sign in (-1, 1))
        axes.fill_between(times, low, high, step="post", color=_BINANCE, alpha=0.08, lw=0)
        name = f"HALT threshold: Binance ± {info.halt_diff_pct:.3g} %"
        axes.plot([], [], color=_BINANCE, alpha=0.2, lw=6, label=name)
    axes.plot(times, values, drawstyle="steps-post", color=_BINANCE, lw=1.4, label="Binance mid")
    axes.plot(
        _days(info.dydx.time), info.dydx.value, drawstyle="steps-post", color=_DYDX, lw=1.2,
        marker="o", ms=2.5, label="dYdX mid, at its own time",
    )  # fmt: skip
    axes.plot(
        _days(info.fill.time), info.fill.value, ls="none", color=_FILL, marker="_", ms=7,
        label=f"expected fill, {info.side}",
    )  # fmt: skip
    _mark_record(axes, info)
    axes.yaxis.set_major_formatter(_THOUSANDS)
    axes.set_ylabel("price", size=8, color=INK)
    axes.legend(loc="best", fontsize=7.5, frameon=True, framealpha=0.85, edgecolor="none")


def _mark_record(axes: Axes, info: HaltInfo) -> None:
    for point, color, marker in (
        (info.binance_mid, _BINANCE, "s"),
        (info.dydx_mid, _DYDX, "s"),
        (info.binance_then, _BINANCE, "D"),
    ):
        if point is not None:
            axes.plot(
                [_days(point[0])], [point[1]], marker=marker, ms=6, mfc="white", mec=color,
                mew=1.4, ls="none", zorder=5,
            )  # fmt: skip
    if not isnan(info.expected_fill):
        axes.plot(
            [_days(info.moment)], [info.expected_fill], marker="s", ms=6, mfc="white", mec=_FILL,
            mew=1.4, ls="none", zorder=5,
        )  # fmt: skip
    if info.dydx_mid is not None:
        axes.axvline(_days(info.dydx_mid[0]), color=_DYDX, lw=0.8, ls=":", zorder=1)
    axes.plot([], [], marker="s", mfc="white", mec=INK, ls="none", label="used by the decision")
    if info.binance_then is not None:
        axes.plot(
            [], [], marker="D", mfc="white", mec=_BINANCE, ls="none", label="Binance at dydx_ts"
        )


def _draw_diffs(axes: Axes, info: HaltInfo) -> None:
    for side, track in info.diffs.items():
        color = _FILL if side == info.side else FAINT
        axes.plot(
            _days(track.time), track.value, drawstyle="steps-post", color=color, lw=1.2,
            marker=".", ms=3,
            label=f"diff {side}",
        )  # fmt: skip
    if not isnan(info.halt_diff_pct):
        for sign in (-1, 1):
            axes.axhline(sign * info.halt_diff_pct, color=_BAD, lw=0.8, ls="--")
    axes.axhline(0, color=FAINT, lw=0.6, zorder=0)
    axes.set_ylabel("diff [%]", size=8, color=INK)
    _legend_above(axes)


def _draw_ages(axes: Axes, info: HaltInfo) -> None:
    for (venue, track), color in zip(info.ages.items(), (_BINANCE, _DYDX), strict=True):
        axes.plot(
            _days(track.time), track.value, drawstyle="steps-post", color=color, lw=1.2,
            marker=".", ms=3,
            label=f"{venue} age",
        )  # fmt: skip
        gate = info.gates_ms[venue]
        if not isnan(gate):
            axes.axhline(gate, color=color, lw=0.8, ls="--", label=f"{venue} gate {gate:,.0f} ms")
    lowest = min((np.nanmin(t.value, initial=np.inf) for t in info.ages.values()), default=1.0)
    # ages below 0 are shown as they are
    axes.set_yscale("log" if lowest > 0 else "symlog", **({} if lowest > 0 else {"linthresh": 100}))
    axes.minorticks_off()
    axes.yaxis.set_major_formatter(_THOUSANDS)
    axes.set_ylabel("age [ms]", size=8, color=INK)
    axes.set_xlabel("time, UTC", size=8, color=INK, loc="left")
    _legend_above(axes)
    locator: Any = AutoDateLocator(minticks=4, maxticks=8)  # type: ignore[no-untyped-call]  # matplotlib's own gap
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    axes.xaxis.get_offset_text().set_fontsize(8)


def _legend_above(axes: Axes) -> None:
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1.0), fontsize=7, frameon=False, ncols=4,
        borderpad=0.1, borderaxespad=0.1,
    )  # fmt: skip


def _draw_parts(axes: Axes, info: HaltInfo) -> None:
    if not info.parts_pct:
        axes.set_axis_off()
        axes.text(0.5, 0.5, "no part is known", ha="center", va="center", size=9, color=FAINT)
        return
    bottom, last = 0.0, len(info.parts_pct)
    edges = [0.0, info.diff_pct]
    for place, (name, value) in enumerate(info.parts_pct.items()):
        axes.bar(place, value, bottom=bottom, color=_PART_COLORS[name], width=0.7)
        _label(axes, (place, bottom, bottom + value), f"{value:+.2f}", info.diff_pct)
        axes.plot([place - 0.35, place + 1.35], [bottom + value] * 2, color=FAINT, lw=0.6)
        bottom += value
        edges.append(bottom)
    axes.bar(last, info.diff_pct, color=INK, width=0.7)
    _label(axes, (last, 0.0, info.diff_pct), f"{info.diff_pct:+.2f}", info.diff_pct)
    if not isnan(info.halt_diff_pct):
        axes.axhline(np.sign(info.diff_pct) * info.halt_diff_pct, color=_BAD, lw=0.8, ls="--")
    axes.axhline(0, color=FAINT, lw=0.6)
    axes.set_xticks(range(last + 1), [*info.parts_pct, "diff"], size=8)
    low, high = min(edges), max(edges)
    room = 0.06 * (high - low or 1.0)
    axes.set_ylim(low - room, high + room)
    axes.set_ylabel("parts of the diff [% of the Binance mid]", size=8, color=INK)


def _label(axes: Axes, bar: tuple[float, float, float], text: str, diff: float) -> None:
    place, low, high = bar
    edge = max(low, high) if diff > 0 else min(low, high)
    axes.annotate(
        text, (place, edge), xytext=(0, 3 if diff > 0 else -3), textcoords="offset points",
        ha="center", va="bottom" if diff > 0 else "top", size=8, color=INK,
    )  # fmt: skip


def _days(time: Any) -> Any:
    return date2num(time)  # type: ignore[no-untyped-call]  # matplotlib's own gap

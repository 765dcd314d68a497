"""One HALT in a picture: the prices, the diff, the ages around it, and the parts of the diff."""

from dataclasses import dataclass
from math import isnan
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from research.arrays import Bools, Floats, Ints
from research.halts.history import PointHistory
from research.halts.parts import PARTS
from research.halts.replay import Halt
from research.halts.timeline import NO_TIME, Timeline
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

__all__ = ["HaltInfo", "Track", "draw_halt", "halt_info"]

_WINDOWS_MS: Final = (20_000, 60_000, 300_000, 1_800_000)
_LEAST_ROWS: Final = 10
_BINANCE, _DYDX, _FILL, _BAD = COLORS[0], COLORS[1], COLORS[3], "#c0392b"
_TOGETHER: Final = "mid +\nlatency"
_PART_COLORS: Final = {"mid": _DYDX, "fill": _FILL, "latency": _BINANCE, _TOGETHER: COLORS[4]}
_THOUSANDS: Final = StrMethodFormatter("{x:,.6g}")
_WIDTH, _HEAD, _TALL = 11.0, 0.72, 6.4  # inches


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """Values over time; (n,) datetime64[ms] UTC and (n,) float64, NaN leaves a gap."""

    time: npt.NDArray[np.datetime64]
    value: Floats


@dataclass(frozen=True, slots=True, eq=False)
class HaltInfo:
    """Everything that :func:`draw_halt` draws."""

    title: str
    subtitle: str
    moment: np.datetime64
    start: np.datetime64
    end: np.datetime64
    side: str
    binance: Track  # mids at their own timestamps
    dydx: Track
    fill: Track  # expected fill of the side, at the moment of the decision
    binance_then: tuple[np.datetime64, float] | None  # Binance at dydx_ts, as the history has it
    binance_mid: tuple[np.datetime64, float] | None  # what the record used
    dydx_mid: tuple[np.datetime64, float] | None
    expected_fill: float
    halt_diff_pct: float  # NaN where unknown
    diffs: dict[str, Track]  # percent, buy and sell
    ages: dict[str, Track]  # ms, Binance and dYdX
    gates_ms: dict[str, float]
    parts_pct: dict[str, float]  # mid, fill, latency; what is known of them
    diff_pct: float
    notes: tuple[str, ...]


def halt_info(halt: Halt, line: Timeline, quotes: PointHistory | None = None) -> HaltInfo:
    """The picture of ``halt``, from the records of its market around it.

    The window is the smallest of 20 s, 1, 5 and 30 minutes that holds the age of both quotes and
    ten records. ``quotes``: a recording; it draws Binance finer than the journal.
    """
    moment = halt.record.ts_ms
    before = _window(halt, line)
    after = before // 2
    rows = np.flatnonzero((line.ts >= moment - before) & (line.ts <= moment + after))
    around = (moment - before, moment + after)
    question, answer = halt.question, halt.answer
    side = question.side or "buy"
    return HaltInfo(
        title=_title(halt),
        subtitle=_subtitle(halt),
        moment=_time(moment),
        start=_time(around[0]),
        end=_time(around[1]),
        side=side,
        binance=_binance(line, around, quotes),
        dydx=_track(line.dydx_ts[rows], line.dydx_mid[rows]),
        fill=_track(line.ts[rows], getattr(line, f"expected_fill_{side}")[rows]),
        binance_then=_point(question.dydx_ts_ms, answer.price if answer else float("nan")),
        binance_mid=_point(_binance_ts(halt), question.binance_mid),
        dydx_mid=_point(question.dydx_ts_ms, question.dydx_mid),
        expected_fill=question.expected_fill,
        halt_diff_pct=question.gates.halt_diff * 100,
        diffs={
            "buy": Track(_times(line.ts[rows]), line.diff_buy[rows] * 100),
            "sell": Track(_times(line.ts[rows]), line.diff_sell[rows] * 100),
        },
        ages={
            "Binance": Track(_times(line.ts[rows]), line.binance_age_ms[rows]),
            "dYdX": Track(_times(line.ts[rows]), line.dydx_age_ms[rows]),
        },
        gates_ms={
            "Binance": question.gates.max_binance_age_ms,
            "dYdX": question.gates.max_dydx_age_ms,
        },
        parts_pct=_parts_pct(halt),
        diff_pct=question.diff * 100,
        notes=_notes(halt),
    )


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


def _title(halt: Halt) -> str:
    market = f" {halt.record.market}" if halt.record.market else ""
    head = f"HALT {halt.number}{market}: {halt.question.side or 'no side'}"
    diff = "" if isnan(halt.question.diff) else f" diff {halt.question.diff:+.2%}"
    if not isnan(halt.verdict.share):
        share = f" ({halt.verdict.share:.0%} of the diff)"
    else:
        share = " (by its age)" if halt.verdict.cause == "latency" else ""
    return f"{head}{diff}, cause: {halt.verdict.cause}{share}"


def _subtitle(halt: Halt) -> str:
    shares = halt.parts.shares()
    known = ", ".join(f"{name} {share:.0%}" for name, share in shares.items() if not isnan(share))
    reason = f", the bot said '{halt.record.halt_reason}'" if halt.record.halt_reason else ""
    return f"{halt.record.ts}{reason}; shares: {known or 'not known'}; session {halt.session}"


def _parts_pct(halt: Halt) -> dict[str, float]:
    parts = halt.parts
    if not isnan(parts.total):
        return {name: 100 * getattr(parts, name) for name in PARTS}
    if not isnan(parts.fill):
        return {"fill": 100 * parts.fill, _TOGETHER: 100 * (halt.question.diff - parts.fill)}
    return {}


def _notes(halt: Halt) -> tuple[str, ...]:
    return (
        f"Why: {halt.verdict.why}.",
        f"What would have prevented it: {halt.prevention.words}.",
        *(f"Note: {note}" for note in halt.notes),
    )


def _window(halt: Halt, line: Timeline) -> int:
    moment, question = halt.record.ts_ms, halt.question
    ages = [age for age in (question.binance_age_ms, question.dydx_age_ms) if not isnan(age)]
    for window in _WINDOWS_MS:
        rows = np.count_nonzero((line.ts >= moment - window) & (line.ts <= moment + window // 2))
        if rows >= _LEAST_ROWS and 1.2 * max(ages, default=0) <= window:
            return window
    return _WINDOWS_MS[-1]


def _binance(line: Timeline, around: tuple[int, int], quotes: PointHistory | None) -> Track:
    known = quotes if quotes is not None else line.binance_history()
    inside: Bools = (known.ts_ms >= around[0]) & (known.ts_ms <= around[1])
    if not inside.any() and quotes is not None:
        return _binance(line, around, None)
    return Track(_times(known.ts_ms[inside]), known.prices[inside])


def _track(ts_ms: Ints, values: Floats) -> Track:
    known = ts_ms != NO_TIME
    order = np.argsort(ts_ms[known], kind="stable")
    return Track(_times(ts_ms[known][order]), values[known][order])


def _binance_ts(halt: Halt) -> int | None:
    age = halt.question.binance_age_ms
    return None if isnan(age) else halt.record.ts_ms - round(age)


def _point(ts_ms: int | None, price: float) -> tuple[np.datetime64, float] | None:
    return None if ts_ms is None or isnan(price) else (_time(ts_ms), price)


def _time(ts_ms: int) -> np.datetime64:
    return np.datetime64(ts_ms, "ms")


def _times(ts_ms: Ints) -> npt.NDArray[np.datetime64]:
    return ts_ms.astype("datetime64[ms]")


def _days(time: Any) -> Any:
    return date2num(time)  # type: ignore[no-untyped-call]  # matplotlib's own gap

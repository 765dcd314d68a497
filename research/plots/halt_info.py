"""What a picture of one HALT shows: prices, diffs and ages around it, and the parts of the diff."""

from dataclasses import dataclass
from math import isnan
from typing import Final

import numpy as np
import numpy.typing as npt

from research.arrays import Bools, Floats, Ints
from research.halts.history import PointHistory
from research.halts.parts import PARTS
from research.halts.replay import Halt
from research.halts.timeline import NO_TIME, Timeline

__all__ = ["TOGETHER", "HaltInfo", "Track", "halt_info"]

TOGETHER: Final = "mid +\nlatency"  # a part where no history tells the two apart
_WINDOWS_MS: Final = (20_000, 60_000, 300_000, 1_800_000)
_LEAST_ROWS: Final = 10


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """Values over time; (n,) datetime64[ms] UTC and (n,) float64, NaN leaves a gap."""

    time: npt.NDArray[np.datetime64]
    value: Floats


@dataclass(frozen=True, slots=True, eq=False)
class HaltInfo:
    """Everything that :func:`research.plots.halt.draw_halt` draws."""

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


def _title(halt: Halt) -> str:
    market = f" {halt.record.market}" if halt.record.market else ""
    head = f"HALT {halt.number}{market}: {halt.question.side or 'no side'}"
    diff = "" if isnan(halt.question.diff) else f" diff {halt.question.diff:+.2%}"
    if not isnan(halt.diagnosis.share):
        share = f" ({halt.diagnosis.share:.0%} of the diff)"
    else:
        share = " (by its age)" if halt.diagnosis.cause == "latency" else ""
    return f"{head}{diff}, cause: {halt.diagnosis.cause}{share}"


def _subtitle(halt: Halt) -> str:
    shares = halt.parts.shares()
    known = ", ".join(f"{name} {share:.0%}" for name, share in shares.items() if not isnan(share))
    reason = f", the bot said '{halt.told}'" if halt.told else ""
    return f"{halt.record.ts}{reason}; shares: {known or 'not known'}; session {halt.session}"


def _parts_pct(halt: Halt) -> dict[str, float]:
    parts = halt.parts
    if not isnan(parts.total):
        return {name: 100 * getattr(parts, name) for name in PARTS}
    if not isnan(parts.fill):
        return {"fill": 100 * parts.fill, TOGETHER: 100 * (halt.question.diff - parts.fill)}
    return {}


def _notes(halt: Halt) -> tuple[str, ...]:
    return (
        f"Why: {halt.diagnosis.why}.",
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

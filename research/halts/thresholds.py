"""What another HALT threshold would have done: how many HALTs, and what they kept us out of."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import isnan
from typing import Any, Final

import numpy as np

from research.arrays import Bools, Floats, Ints
from research.halts.history import PriceHistory
from research.halts.timeline import Timeline

__all__ = ["SweepRow", "adverse_moves", "sweep_thresholds"]

_MINUTE_MS: Final = 60_000
_FRESH_MS: Final = 90_000  # a bot may write once a minute


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepRow:
    """One threshold. Moves are percent of the mid, positive when they went against the side."""

    threshold_pct: float
    halts: int  # times that the larger of both diffs rose to the threshold
    known: int  # of these: side and later mid known
    adverse: int  # of these: the move went against the side
    mean_adverse_pct: float  # NaN where nothing is known
    sum_adverse_pct: float  # what all these HALTs kept us out of, losses less gains

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON; unknown numbers are None."""
        row = asdict(self)
        return {
            name: None if isinstance(value, float) and isnan(value) else value
            for name, value in row.items()
        }


def sweep_thresholds(
    lines: Sequence[Timeline],
    thresholds: Sequence[float],
    *,
    horizon_min: float = 15.0,
    histories: Sequence[Sequence[PriceHistory]] = (),
) -> list[SweepRow]:
    """One row per threshold (fractions), over all markets.

    ``histories``: of each line, for the moves that the journal itself does not know.

    A HALT begins where the larger of both sides' diffs rises to the threshold and ends where it
    falls below it; a record without any diff ends nothing and begins nothing.
    """
    asked = histories or [()] * len(lines)
    rows = []
    for threshold in thresholds:
        moves = [
            adverse_moves(line, _starts(line.worst_diff, threshold), horizon_min, known)
            for line, known in zip(lines, asked, strict=True)
        ]
        rows.append(_row(threshold, np.concatenate([np.empty(0), *moves])))
    return rows


def adverse_moves(
    line: Timeline, rows: Ints, horizon_min: float, histories: Sequence[PriceHistory] = ()
) -> Floats:
    """Move of the mid against the intended side over the next ``horizon_min`` minutes, percent.

    Shape of ``rows``: positive where the price went against the side. The dYdX mid where the
    journal has it then (at most 90 s old), else Binance; NaN where side or price is unknown.
    """
    dydx = _moves(line, rows, line.dydx_mid, horizon_min)
    found = np.where(np.isnan(dydx), _moves(line, rows, line.binance_mid, horizon_min), dydx)
    for history in histories:
        for place in np.flatnonzero(np.isnan(found)):
            found[place] = _asked(int(line.ts[rows[place]]), horizon_min, history)
    side = line.side[rows]
    return np.where(side == 0, np.nan, -found * side)


def _moves(line: Timeline, rows: Ints, prices: Floats, horizon_min: float) -> Floats:
    known = np.flatnonzero(~np.isnan(prices))
    if len(known) == 0:
        return np.full(len(rows), np.nan)
    now, later = line.ts[rows], line.ts[rows] + round(horizon_min * _MINUTE_MS)
    last = known[np.maximum(np.searchsorted(line.ts[known], later, side="right") - 1, 0)]
    is_fresh = (line.ts[last] > now) & (later - line.ts[last] <= _FRESH_MS)
    moved: Floats = np.where(is_fresh, (prices[last] - prices[rows]) / prices[rows] * 100, np.nan)
    return moved


def _asked(ts_ms: int, horizon_min: float, history: PriceHistory) -> float:
    now = history.at(ts_ms)
    later = history.at(ts_ms + round(horizon_min * _MINUTE_MS))
    if now is None or later is None or max(now.age_ms, later.age_ms) > _FRESH_MS:
        return float("nan")
    return (later.price - now.price) / now.price * 100


def _starts(diff: Floats, threshold: float) -> Ints:
    known = np.flatnonzero(~np.isnan(diff))
    is_over: Bools = diff[known] >= threshold
    before = np.concatenate(([False], is_over[:-1]))
    starts: Ints = known[is_over & ~before]
    return starts


def _row(threshold: float, moves: Floats) -> SweepRow:
    known = moves[~np.isnan(moves)]
    return SweepRow(
        threshold_pct=round(threshold * 100, 10),
        halts=len(moves),
        known=len(known),
        adverse=int((known > 0).sum()),
        mean_adverse_pct=float(known.mean()) if len(known) else float("nan"),
        sum_adverse_pct=float(known.sum()) if len(known) else float("nan"),
    )

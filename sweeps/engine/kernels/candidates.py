"""Level codes: which minutes can be an entry at all, and for which thresholds.

Levels of an axis rise, so a minute passes the first few of them: a number says which. A minute
that passes none is never looked at again.
"""

from typing import Any, NamedTuple

import numpy as np

from research.arrays import Bools, Floats, Ints
from research.jit import kernel

__all__ = [
    "SEGMENT_CODES",
    "Candidates",
    "crossing_rows",
    "lead_rows",
    "levels_below",
    "levels_passed",
    "segment_codes",
]

SEGMENT_CODES = 12  # session x (unknown regime, calm, normal, wild)


class Candidates(NamedTuple):
    """Rows on which some parameter set may enter, in time order.

    A row r is a signal of the entry class (w, m, p) if
    ``first_low[w, r] <= m < first_high[w, r]`` and ``p < second_high[r]``.
    """

    rows: Any  # int64, shape (rows,): row of the frame
    sides: Any  # int64: +1 long dYdX, -1 short dYdX
    parts: Any  # int64: what a trade is booked under; by default session * 4 + regime + 1
    first_low: Any  # int16, shape (W, rows)
    first_high: Any  # int16, shape (W, rows)
    second_high: Any  # int16, shape (rows,)


@kernel
def lead_rows(spread: Floats, lowest: float, sign: int, eligible: Bools) -> Ints:
    """Eligible rows whose spread, seen from the side ``sign``, reaches ``lowest``."""
    count = 0
    out = np.empty(spread.size, dtype=np.int64)
    for t in range(spread.size):
        if eligible[t] and sign * spread[t] >= lowest:
            out[count] = t
            count += 1
    return out[:count].copy()


@kernel
def levels_passed(values: Floats, rows: Ints, levels: Floats, sign: int) -> Any:
    """How many rising levels ``sign * values`` reaches at ``rows``, int16; none where NaN."""
    out = np.empty(rows.size, dtype=np.int16)
    for r in range(rows.size):
        value, passed = sign * values[rows[r]], 0
        while passed < levels.size and value >= levels[passed]:
            passed += 1
        out[r] = passed
    return out


@kernel
def crossing_rows(spread: Floats, levels: Floats, eligible: Bools) -> Ints:
    """Eligible rows at which |spread| crosses one of the rising ``levels`` from within."""
    count = 0
    out = np.empty(spread.size, dtype=np.int64)
    for t in range(1, spread.size):
        if not eligible[t]:
            continue
        before, now = abs(spread[t - 1]), abs(spread[t])
        if before < now and now >= levels[0] and before < levels[-1]:
            for level in levels:
                if before < level <= now:
                    out[count] = t
                    count += 1
                    break
    return out[:count].copy()


@kernel
def levels_below(spread: Floats, rows: Ints, levels: Floats) -> Any:
    """How many rising levels |spread| reaches at ``rows``, int16."""
    out = np.empty(rows.size, dtype=np.int16)
    for r in range(rows.size):
        out[r] = np.searchsorted(levels, abs(spread[rows[r]]), side="right")
    return out


def segment_codes(session: Ints, regime: Ints, rows: Ints) -> Ints:
    """``session * 4 + regime + 1`` at ``rows``: below :data:`SEGMENT_CODES`."""
    codes: Ints = session[rows] * 4 + regime[rows] + 1
    return codes

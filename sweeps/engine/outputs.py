"""Where the engine writes: one block per entry class, segment by segment, then the totals.

Every output belongs to one entry class and every entry class to one task, so no bit depends on
the number of threads.
"""

from typing import Any, NamedTuple

import numpy as np

from research.features.labels import SEGMENTS
from research.jit import inlined_kernel, kernel
from sweeps.engine.corners import COUNT_BITS, COUNT_MASK
from sweeps.tally import COUNTS, SUMS, Tally

__all__ = ["Outputs", "add_cube", "add_totals", "empty_outputs", "segment_row", "tally_of"]

EVENTS, WINS, TP, SL, HORIZON, END, REVERT, TIMEOUT, HOLD = range(len(COUNTS))
_PAIRS = 7  # rows of SEGMENTS: all, 3 sessions, 3 regimes, 9 pairs


class Outputs(NamedTuple):
    """Counts and sums per segment and set, as a :class:`Tally` names them."""

    counts: Any  # int64, shape (COUNTS, segments, sets)
    sums: Any  # float64, shape (SUMS, segments, sets)
    worst: Any  # float64, shape (segments, sets), +inf without events
    touch: int  # index into COUNTS of what a TP is called: tp, or revert
    expiry: int  # and of the end of a horizon: horizon, or timeout


def empty_outputs(sets: int, *, legs: int) -> Outputs:
    """Zeros for ``sets`` sets; memory that nothing is written to costs nothing."""
    return Outputs(
        counts=np.zeros((len(COUNTS), len(SEGMENTS), sets), dtype=np.int64),
        sums=np.zeros((len(SUMS), len(SEGMENTS), sets)),
        worst=np.full((len(SEGMENTS), sets), np.inf),
        touch=TP if legs == 1 else REVERT,
        expiry=HORIZON if legs == 1 else TIMEOUT,
    )


def tally_of(outputs: Outputs) -> Tally:
    """The outputs as a tally (views, no copies)."""
    return Tally(
        counts={name: outputs.counts[k] for k, name in enumerate(COUNTS)},
        sums={name: outputs.sums[k] for k, name in enumerate(SUMS)},
        worst=outputs.worst,
    )


@inlined_kernel
def segment_row(code: int) -> int:
    """Row of SEGMENTS for a segment code: the pair, or the session where no regime is known."""
    session, regime = code // 4, code % 4 - 1
    return 1 + session if regime < 0 else _PAIRS + 3 * session + regime


@kernel
def add_cube(sums: Any, worst: Any, ends: Any, row: int, base: int, out: Outputs) -> None:
    """Adds an integrated cube to the sets from ``base`` on, in one row of the segments."""
    cells = ends.size
    events, wins = out.counts[EVENTS, row], out.counts[WINS, row]
    touches, stops = out.counts[out.touch, row], out.counts[SL, row]
    expired, cut, hold = out.counts[out.expiry, row], out.counts[END, row], out.counts[HOLD, row]
    net, square, gross = out.sums[0, row], out.sums[1, row], out.sums[2, row]
    least = out.worst[row]
    for c in range(cells):
        p, q, r, to = 4 * c, 4 * (cells + c), 4 * (2 * cells + c), base + c
        tp, sl, rest = int(sums[p + 3]), int(sums[q + 3]), int(sums[r + 3])
        counts = (tp & COUNT_MASK) + (sl & COUNT_MASK) + (rest & COUNT_MASK)
        code = tp + sl + rest
        events[to] += counts
        wins[to] += (
            (tp >> COUNT_BITS & COUNT_MASK)
            + (sl >> COUNT_BITS & COUNT_MASK)
            + (rest >> COUNT_BITS & COUNT_MASK)
        )
        hold[to] += code >> (2 * COUNT_BITS)
        touches[to] += tp & COUNT_MASK
        stops[to] += sl & COUNT_MASK
        expired[to] += (rest & COUNT_MASK) - ends[c]
        cut[to] += ends[c]
        net[to] += sums[p] + sums[q] + sums[r]
        square[to] += sums[p + 1] + sums[q + 1] + sums[r + 1]
        gross[to] += sums[p + 2] + sums[q + 2] + sums[r + 2]
        low = min(worst[c], worst[cells + c], worst[2 * cells + c])
        least[to] = min(least[to], low)


@inlined_kernel
def add_rows(table: Any, first: int, stop: int) -> None:
    """Sessions and regimes from their pairs, ``all`` from the sessions."""
    for pair in range(9):
        for into in (1 + pair // 3, 4 + pair % 3):
            for c in range(first, stop):
                table[into, c] += table[_PAIRS + pair, c]
    for session in range(1, 4):
        for c in range(first, stop):
            table[0, c] += table[session, c]


@kernel
def add_totals(first: int, stop: int, out: Outputs) -> None:
    """Completes sets ``first .. stop`` once all their pairs of session and regime are there."""
    for name in (EVENTS, WINS, out.touch, SL, out.expiry, END, HOLD):
        add_rows(out.counts[name], first, stop)
    for name in range(3):
        add_rows(out.sums[name], first, stop)
    worst = out.worst
    for pair in range(9):
        for into in (1 + pair // 3, 4 + pair % 3):
            for c in range(first, stop):
                worst[into, c] = min(worst[into, c], worst[_PAIRS + pair, c])
    for c in range(first, stop):
        worst[0, c] = min(worst[1, c], worst[2, c], worst[3, c])
    for row in range(worst.shape[0]):
        for c in range(first, stop):
            if out.counts[EVENTS, row, c] == 0:
                worst[row, c] = np.nan

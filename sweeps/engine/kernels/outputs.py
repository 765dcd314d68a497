"""Where the engine writes: one block per entry class, part by part, then the totals.

Parts of the frame are what a trade is booked under: the pairs of session and regime, days, folds.
Every output belongs to one entry class and every entry class to one task, so no bit depends on
the number of threads.
"""

from typing import Any, NamedTuple

import numpy as np

from research.features.labels import SEGMENTS
from research.jit import inlined_kernel, kernel
from research.outcomes import END, HORIZON, SL, TP
from sweeps.engine.kernels.candidates import SEGMENT_CODES
from sweeps.engine.kernels.corners import COUNT_BITS, CUT
from sweeps.tally import COUNTS, EVENTS, FIRST_REASON, HOLD, SUMS, WINS, Tally

__all__ = [
    "CUTS",
    "GROSS",
    "LANES",
    "NET",
    "SQUARE",
    "STOPS",
    "N",
    "Outputs",
    "add_cube",
    "add_lean_totals",
    "add_totals",
    "full_outputs",
    "lean_outputs",
    "tally_of",
]

STOPS, CUTS = FIRST_REASON + SL, FIRST_REASON + END
"""Places in COUNTS of what SL ended and of what the end of the frame did."""
LANES = 4
NET, SQUARE, GROSS, N = range(LANES)
"""Lanes of lean outputs: sums of net, net squared and gross, and the number of trades."""
_PAIRS = 7  # rows of SEGMENTS: all, 3 sessions, 3 regimes, 9 pairs
_MASK = (1 << COUNT_BITS) - 1


class Outputs(NamedTuple):
    """Counts and sums per part and set: full, as a :class:`Tally` names them, or lean."""

    counts: Any  # int64, shape (COUNTS, rows, sets); lean: no rows
    sums: Any  # float64, shape (SUMS, rows, sets); lean: no rows
    worst: Any  # float64, shape (rows, sets), +inf without events; lean: no rows
    lean: Any  # float64, shape (rows, sets * LANES); full: no rows
    into: Any  # int64: the row of each part
    in_time: bool  # parts follow each other in time: one is finished before the next begins
    is_lean: bool
    touch: int  # index into COUNTS of what a TP is called: tp, or revert
    expiry: int  # and of the end of a horizon: horizon, or timeout


def full_outputs(sets: int, *, touch: int, expiry: int) -> Outputs:
    """Zeros for ``sets`` sets in all segments; memory that nothing is written to costs nothing.

    ``touch``, ``expiry``: reasons for which a level and the end of a horizon close a trade.
    """
    return Outputs(
        counts=np.zeros((len(COUNTS), len(SEGMENTS), sets), dtype=np.int64),
        sums=np.zeros((len(SUMS), len(SEGMENTS), sets)),
        worst=np.full((len(SEGMENTS), sets), np.inf),
        lean=np.zeros((0, 0)),
        into=_SEGMENT_ROWS,
        in_time=False,
        is_lean=False,
        touch=FIRST_REASON + touch,
        expiry=FIRST_REASON + expiry,
    )


def lean_outputs(sets: int, parts: int | None = None) -> Outputs:
    """Zeros for ``sets`` sets in all segments, or in ``parts`` parts that follow in time."""
    rows = len(SEGMENTS) if parts is None else parts
    return Outputs(
        counts=np.zeros((len(COUNTS), 0, 0), dtype=np.int64),
        sums=np.zeros((len(SUMS), 0, 0)),
        worst=np.zeros((0, 0)),
        lean=np.zeros((rows, sets * LANES)),
        into=_SEGMENT_ROWS if parts is None else np.arange(parts),
        in_time=parts is not None,
        is_lean=True,
        touch=FIRST_REASON + TP,
        expiry=FIRST_REASON + HORIZON,
    )


def tally_of(outputs: Outputs) -> Tally:
    """The full outputs as a tally (views, no copies)."""
    return Tally(
        counts={name: outputs.counts[k] for k, name in enumerate(COUNTS)},
        sums={name: outputs.sums[k] for k, name in enumerate(SUMS)},
        worst=outputs.worst,
    )


def _segment_row(code: int) -> int:
    """Row of SEGMENTS for a segment code: the pair, or the session where no regime is known."""
    session, regime = code // 4, code % 4 - 1
    return 1 + session if regime < 0 else _PAIRS + 3 * session + regime


_SEGMENT_ROWS = np.array([_segment_row(code) for code in range(SEGMENT_CODES)])


@inlined_kernel
def add_cube(cube: Any, holds: Any, lows: Any, row: int, base: int, out: Outputs) -> None:
    """Adds an integrated cube to the sets from ``base`` on, in one row."""
    events, wins = out.counts[EVENTS, row], out.counts[WINS, row]
    touches, stops = out.counts[out.touch, row], out.counts[STOPS, row]
    expired, cut, hold = out.counts[out.expiry, row], out.counts[CUTS, row], out.counts[HOLD, row]
    net, square, gross = out.sums[0, row], out.sums[1, row], out.sums[2, row]
    least = out.worst[row]
    for c in range(holds.size):
        p, to = 4 * c, base + c
        code, held = int(cube[p + 3]), int(holds[c])
        tp, sl = code & _MASK, code >> COUNT_BITS & _MASK
        rest, ends = code >> 2 * COUNT_BITS & _MASK, held // int(CUT)
        events[to] += tp + sl + rest + ends
        wins[to] += code >> 3 * COUNT_BITS
        touches[to] += tp
        stops[to] += sl
        expired[to] += rest
        cut[to] += ends
        hold[to] += held % int(CUT)
        net[to] += cube[p]
        square[to] += cube[p + 1]
        gross[to] += cube[p + 2]
        least[to] = min(least[to], lows[c])


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
def add_lean_totals(first: int, stop: int, lean: Any) -> None:
    """Completes sets ``first .. stop`` of lean outputs once all their pairs are there."""
    add_rows(lean, LANES * first, LANES * stop)


@kernel
def add_totals(first: int, stop: int, out: Outputs) -> None:
    """Completes sets ``first .. stop`` once all their pairs of session and regime are there."""
    for name in (EVENTS, WINS, out.touch, STOPS, out.expiry, CUTS, HOLD):
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

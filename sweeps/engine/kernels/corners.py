"""Corner events: the outcome of one entry over the whole exit cube in at most T + S + H numbers.

Over the cube (tp i, sl j, horizon k) an outcome is constant on boxes that reach to the far end
of two axes: TP level i wins for every sl that is not touched up to then and every horizon that
lasts until then, and so on. An *event* is the near corner of such a box. These boxes are
:func:`sweeps.engine.kernels.priority.way_out` asked of the whole cube at once. Their kind is the
number of the way out: TP, SL, HORIZON.
"""

from typing import Any, NamedTuple

import numpy as np

from research.jit import inlined_kernel, kernel
from research.outcomes import HORIZON, SL, TP
from sweeps.engine.kernels.minutes import Exits, Market
from sweeps.engine.kernels.priority import is_touched_before, is_touched_by
from sweeps.engine.kernels.rungs import price_row

__all__ = ["COUNT_BITS", "CUT", "MOST_EVENTS", "Events", "carve", "count_corners", "empty_events"]

COUNT_BITS = 13
MOST_EVENTS = (1 << COUNT_BITS) - 1
"""So many entries are summed before codes are taken apart: four counts share the 53 exact bits
of one float64, the sum of holds and the count of those that the frame cuts off another."""
CUT = float(1 << 30)
"""What a hold is raised by where the frame ends before the horizon: holds stay below 10,080."""
_WIN = float(1 << (3 * COUNT_BITS))


class Events(NamedTuple):
    """The events of all candidate rows; those of row r stand in ``first[r] .. stop[r]``.

    Rows of one part lie side by side: a part at a time is what a sweep reads.
    """

    first: Any  # int64, shape (rows,)
    stop: Any  # int64, shape (rows,)
    cell: Any  # int32, shape (events,): kind * T * S * H + (i * S + j) * H + k
    value: Any  # float64, shape (events, 4): net, net squared, gross, code
    hold: Any  # float64, shape (events,): minutes, with CUT


def empty_events(counts: Any, parts: Any) -> Events:
    """Room for ``counts`` events of each row."""
    order = np.argsort(parts.astype(np.int16), kind="stable")
    stop = np.empty(counts.size, dtype=np.int64)
    stop[order] = np.cumsum(counts[order])
    size = int(counts.sum())
    return Events(
        first=stop - counts,
        stop=stop,
        cell=np.empty(size, dtype=np.int32),
        value=np.empty((size, 4)),
        hold=np.empty(size),
    )


@inlined_kernel
def corners_of(when: Any, t: int, s: int, horizons: Any, way: Any, cell: Any) -> int:
    """Writes rung and cell of every corner of one row; how many there are."""
    h, used, i, j, k = horizons.size, 0, 0, 0, 0
    cells, longest = t * s * h, horizons[-1]
    for i in range(t):
        if when[i] == 0 or when[i] > longest:
            break
        while j < s and is_touched_by(when[t + j], when[i]):
            j += 1
        if j == s:
            break
        while horizons[k] < when[i]:
            k += 1
        way[used], cell[used] = i, TP * cells + (i * s + j) * h + k
        used += 1
    i, k = 0, 0
    for j in range(s):
        if when[t + j] == 0 or when[t + j] > longest:
            break
        while i < t and is_touched_before(when[i], when[t + j]):
            i += 1
        if i == t:
            break
        while horizons[k] < when[t + j]:
            k += 1
        way[used], cell[used] = t + j, SL * cells + (i * s + j) * h + k
        used += 1
    i, j = 0, 0
    for k in range(h):
        while i < t and is_touched_by(when[i], horizons[k]):
            i += 1
        while j < s and is_touched_by(when[t + j], horizons[k]):
            j += 1
        if i == t or j == s:
            break
        if when[t + s + k] > 0:
            way[used], cell[used] = t + s + k, HORIZON * cells + (i * s + j) * h + k
            used += 1
    return used


@kernel
def count_corners(first: int, stop: int, whens: Any, exits: Exits, counts: Any) -> None:
    """Writes how many events candidates ``first .. stop`` have."""
    t, s = exits.tp.size, exits.sl.size
    way, cell = np.empty(whens.shape[1], np.int64), np.empty(whens.shape[1], np.int64)
    for r in range(first, stop):
        counts[r] = corners_of(whens[r], t, s, exits.horizons, way, cell)


@kernel
def carve(
    first: int,
    stop: int,
    rows: Any,
    sides: Any,
    whens: Any,
    market: Market,
    exits: Exits,
    events: Events,
) -> None:
    """Prices the rungs of candidates ``first .. stop`` and writes their events."""
    t, s, ways, n = exits.tp.size, exits.sl.size, whens.shape[1], market.dydx_close.size
    net, gross, asked = np.empty(ways), np.empty(ways), np.empty(ways, np.int32)
    way, cell = np.empty(ways, np.int64), np.empty(ways, np.int64)
    for r in range(first, stop):
        when = whens[r]
        used = corners_of(when, t, s, exits.horizons, way, cell)
        asked[:] = 0
        for e in range(used):
            asked[way[e]] = when[way[e]]
        price_row(rows[r], sides[r], asked, net, gross, market, exits)
        for e in range(used):
            at, rung = events.first[r] + e, way[e]
            kind, hold = TP + (rung >= t) + (rung >= t + s), float(when[rung])
            code = 1.0 * (1 << (COUNT_BITS * kind))
            if kind == HORIZON and rows[r] + exits.horizons[rung - t - s] >= n:
                code, hold = 0.0, hold + CUT
            value = events.value[at]
            value[0], value[1], value[2] = net[rung], net[rung] * net[rung], gross[rung]
            value[3] = code + (_WIN if net[rung] > 0 else 0.0)
            events.cell[at], events.hold[at] = cell[e], hold

"""Corner events: the outcome of one entry over the whole exit cube in at most T + S + H numbers.

Over the cube (tp i, sl j, horizon k) an outcome is constant on boxes that reach to the far end
of two axes: TP level i wins for every sl that is not touched up to then and every horizon that
lasts until then, and so on. An *event* is the near corner of such a box.
"""

from typing import Any

from research.arrays import Ints
from research.jit import inlined_kernel, kernel
from sweeps.engine.rungs import Exits, Rungs

__all__ = ["COUNT_BITS", "COUNT_MASK", "MOST_EVENTS", "carve"]

COUNT_BITS = 13
COUNT_MASK = (1 << COUNT_BITS) - 1
MOST_EVENTS = COUNT_MASK
"""So many entries are summed before codes are taken apart: count, wins and the sum of holds (27
bits at a horizon of a week) share the 53 exact bits of one float64."""
_WIN, _HOLD = float(1 << COUNT_BITS), float(1 << (2 * COUNT_BITS))


@inlined_kernel
def emit(used: int, way: int, where: int, when: Any, value: Any, cell: Any) -> int:
    """Moves one rung to the next free event of its row; says how many there are then."""
    net, gross = value[way, 0], value[way, 2]
    value[used, 0] = net
    value[used, 1] = net * net
    value[used, 2] = gross
    value[used, 3] = 1.0 + (_WIN if net > 0 else 0.0) + _HOLD * when[way]
    cell[used] = where
    return used + 1


@inlined_kernel
def touched(when: Any, first: int, stop: int, until: int) -> int:
    """How many levels of rungs ``first .. stop`` are touched up to minute ``until``."""
    count = 0
    while first + count < stop and 0 < when[first + count] <= until:
        count += 1
    return count


@kernel
def carve_row(when: Any, value: Any, cell: Any, t: int, s: int, horizons: Ints) -> int:
    """Rewrites the values of one row as events; says how many there are."""
    h = horizons.size
    cells, used = t * s * h, 0
    start = t - t  # a literal number would compile a copy of its own
    for i in range(touched(when, start, t, horizons[-1])):
        j, k = touched(when, t, t + s, int(when[i])), 0
        if j < s:  # an SL in the same minute comes first
            while horizons[k] < when[i]:
                k += 1
            used = emit(used, i, (i * s + j) * h + k, when, value, cell)
    for j in range(touched(when, t, t + s, horizons[-1])):
        i, k = touched(when, start, t, when[t + j] - 1), 0
        if i < t:
            while horizons[k] < when[t + j]:
                k += 1
            used = emit(used, t + j, cells + (i * s + j) * h + k, when, value, cell)
    for k in range(h):
        i = touched(when, start, t, horizons[k])
        j = touched(when, t, t + s, horizons[k])
        if when[t + s + k] > 0 and i < t and j < s:
            used = emit(used, t + s + k, 2 * cells + (i * s + j) * h + k, when, value, cell)
    return used


@kernel
def carve(first: int, stop: int, rungs: Rungs, exits: Exits) -> None:
    """Turns the rungs of candidates ``first .. stop`` into events, in place.

    ``rungs.cell`` is the corner: ``kind * T * S * H + (i * S + j) * H + k`` with kind 0 TP, 1 SL,
    2 horizon; ``rungs.fill`` the number of events of the row.
    """
    t, s, horizons = exits.tp.size, exits.sl.size, exits.horizons
    whens, values, cells, fill = rungs.when, rungs.value, rungs.cell, rungs.fill
    for r in range(first, stop):
        fill[r] = carve_row(whens[r], values[r], cells[r], t, s, horizons)

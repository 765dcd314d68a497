"""The best sets of lean outputs, kept in short lists per segment."""

from typing import Any

import numpy as np

from research.jit import inlined_kernel, kernel
from research.metrics import LCB_Z
from sweeps.engine.codes import Candidates
from sweeps.engine.corners import Events
from sweeps.engine.entries import EntryAxes, signals
from sweeps.engine.market import Exits
from sweeps.engine.outputs import LANES, NET, SQUARE, N, Outputs, add_lean_totals
from sweeps.engine.overlap import room_for, sweep_entries
from sweeps.engine.rungs import Rungs
from sweeps.engine.single import sweep_single

__all__ = ["rank_overlap", "rank_single"]


@inlined_kernel
def insert(bounds: Any, sets: Any, bound: float, which: int) -> None:
    """Puts a set into a falling list, behind its equals; the last falls out."""
    at = bounds.size - 1
    while at > 0 and bound > bounds[at - 1]:
        bounds[at], sets[at] = bounds[at - 1], sets[at - 1]
        at -= 1
    bounds[at], sets[at] = bound, which


@kernel
def rank(
    lean: Any, first: int, levels: int, valid: Any, min_events: int, sets: Any, lcb: Any
) -> None:
    """Sorts the sets of one class into the lists; ``first``: its first set in the grid.

    ``levels``: how many exit levels run the other way in ``lean`` (reversion), else 0.
    """
    cells = lean.shape[1] // LANES
    holds = cells // max(levels, 1)
    for row in range(lean.shape[0]):
        sums, bounds = lean[row], lcb[row]
        for place in range(cells):
            c = place
            if levels > 0:
                c = (levels - 1 - place // holds) * holds + place % holds
            n, net = sums[LANES * c + N], sums[LANES * c + NET]
            if n < min_events or net <= bounds[-1] * n:  # a bound is below its mean
                continue
            if levels > 0 and not valid[first + place]:
                continue
            mean = net / n
            centred = max(sums[LANES * c + SQUARE] - net * mean, 0.0)
            bound = mean - LCB_Z * np.sqrt(centred / (n - 1)) / np.sqrt(n)
            if bound > bounds[-1]:
                insert(bounds, sets[row], bound, first + place)


@kernel
def rank_overlap(
    first: int,
    stop: int,
    candidates: Candidates,
    axes: EntryAxes,
    events: Events,
    exits: Exits,
    out: Outputs,
    levels: int,
    valid: Any,
    min_events: int,
    sets: Any,
    lcb: Any,
) -> None:
    """Ranks all sets of the groups ``first .. stop``, one entry class in ``out`` at a time."""
    cells = exits.tp.size * exits.sl.size * exits.horizons.size
    room = room_for(candidates.rows.size, out.into.size, exits)
    at = first * axes.cooldowns.size * cells
    for group in range(first, stop):
        count = signals(group, 0, candidates.rows.size, candidates, axes, room.found)
        for cooldown in axes.cooldowns:
            out.lean[:] = 0.0
            sweep_entries(count, cooldown, first - first, candidates, events, exits, room, out)
            add_lean_totals(first - first, cells, out.lean)
            rank(out.lean, at, levels, valid, min_events, sets, lcb)
            at += cells


@kernel
def rank_single(
    first: int,
    stop: int,
    n: int,
    candidates: Candidates,
    axes: EntryAxes,
    rungs: Rungs,
    exits: Exits,
    out: Outputs,
    levels: int,
    valid: Any,
    min_events: int,
    sets: Any,
    lcb: Any,
) -> None:
    """The same for one position at a time."""
    cells = exits.tp.size * exits.sl.size * exits.horizons.size
    at = first * axes.cooldowns.size * cells
    for group in range(first, stop):
        for c in range(axes.cooldowns.size):
            one = EntryAxes(axes.windows, axes.first, axes.second, axes.cooldowns[c : c + 1])
            out.lean[:] = 0.0
            sweep_single(group, group + 1, first - first, n, candidates, one, rungs, exits, out)
            add_lean_totals(first - first, cells, out.lean)
            rank(out.lean, at, levels, valid, min_events, sets, lcb)
            at += cells

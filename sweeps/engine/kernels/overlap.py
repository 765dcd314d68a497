"""The sweep of overlapping positions: entries do not depend on exits, so each is added once.

An entry adds its few corner events instead of one outcome per exit class; prefix sums do the
rest. One part at a time, so that its cube stays in the cache.
"""

from typing import Any, NamedTuple

import numpy as np

from research.jit import inlined_kernel, kernel
from sweeps.engine.kernels.candidates import Candidates
from sweeps.engine.kernels.corners import MOST_EVENTS, Events
from sweeps.engine.kernels.entries import EntryAxes, by_part, signals, take
from sweeps.engine.kernels.integrate import (
    integrate_holds,
    integrate_lows,
    integrate_sums,
    work_size,
)
from sweeps.engine.kernels.minutes import Exits
from sweeps.engine.kernels.outputs import LANES, Outputs, add_cube, add_totals

__all__ = ["sweep_overlap"]


class Room(NamedTuple):
    """What one task works in."""

    corners: Any  # float64, (3 * cells * LANES,), zero between two uses
    hold_corners: Any  # float64, (3 * cells,), zero
    low_corners: Any  # float64, (3 * cells,), +inf
    cube: Any  # float64, (cells * LANES,)
    holds: Any  # float64, (cells,)
    lows: Any  # float64, (cells,)
    work: Any  # float64
    found: Any  # int32, (candidates + 1,)
    taken: Any
    ordered: Any
    bounds: Any  # int64, (parts + 1,)


@kernel
def room_for(candidates: int, parts: int, exits: Exits) -> Room:
    """Room for one task."""
    s, h = exits.sl.size, exits.horizons.size
    cells = exits.tp.size * s * h
    return Room(
        np.zeros(3 * cells * LANES),
        np.zeros(3 * cells),
        np.full(3 * cells, np.inf),
        np.empty(cells * LANES),
        np.empty(cells),
        np.empty(cells),
        np.empty(work_size(LANES, s, h)),
        np.empty(candidates + 1, np.int32),
        np.empty(candidates + 1, np.int32),
        np.empty(candidates + 1, np.int32),
        np.empty(parts + 1, np.int64),
    )


@inlined_kernel
def add_lean(entries: Any, events: Events, corners: Any) -> None:
    """Adds every event of ``entries`` at its corner, with a plain count."""
    first, stop, cells, values = events.first, events.stop, events.cell, events.value
    for q in range(entries.size):
        for e in range(first[entries[q]], stop[entries[q]]):
            p = LANES * cells[e]
            net, square = corners[p] + values[e, 0], corners[p + 1] + values[e, 1]
            gross, count = corners[p + 2] + values[e, 2], corners[p + 3] + 1.0
            corners[p], corners[p + 1], corners[p + 2], corners[p + 3] = net, square, gross, count


@inlined_kernel
def add_full(entries: Any, events: Events, corners: Any, holds: Any, lows: Any) -> None:
    """Adds every event of ``entries`` at its corner, with its code, hold and smallest value."""
    first, stop, cells, values = events.first, events.stop, events.cell, events.value
    for q in range(entries.size):
        for e in range(first[entries[q]], stop[entries[q]]):
            c = cells[e]
            p, low = LANES * c, values[e, 0]
            net, square = corners[p] + low, corners[p + 1] + values[e, 1]
            gross, code = corners[p + 2] + values[e, 2], corners[p + 3] + values[e, 3]
            corners[p], corners[p + 1], corners[p + 2], corners[p + 3] = net, square, gross, code
            holds[c] += events.hold[e]
            if low < lows[c]:
                lows[c] = low


@kernel
def sweep_part(
    entries: Any, row: int, base: int, events: Events, exits: Exits, room: Room, out: Outputs
) -> None:
    """Tallies the entries of one class and part over the whole exit cube."""
    t, s, h = exits.tp.size, exits.sl.size, exits.horizons.size
    cells = t * s * h
    if out.is_lean:
        into = out.lean[row, LANES * base : LANES * (base + cells)]
        add_lean(entries, events, room.corners)
        integrate_sums(room.corners, room.work, t, s, h, into)
        return
    for first in range(0, entries.size, MOST_EVENTS):
        part = entries[first : first + MOST_EVENTS]
        room.cube[:] = 0.0
        room.holds[:] = 0.0
        room.lows[:] = np.inf
        add_full(part, events, room.corners, room.hold_corners, room.low_corners)
        integrate_sums(room.corners, room.work, t, s, h, room.cube)
        integrate_holds(room.hold_corners, room.work, t, s, h, room.holds)
        integrate_lows(room.low_corners, room.work, t, s, h, room.lows)
        add_cube(room.cube, room.holds, room.lows, row, base, out)


@kernel
def enter_family(
    first: int, stop: int, candidates: Candidates, axes: EntryAxes, parts: int, room: Room
) -> Any:
    """Entries of all classes of the groups ``first .. stop``, one after the other, and bounds.

    Bounds: int64, shape (classes, parts + 1), into the entries.
    """
    waits = axes.cooldowns.size
    bounds = np.empty(((stop - first) * waits, parts + 1), np.int64)
    size = waits * signals(first, 0, candidates.rows.size, candidates, axes, room.found)
    ordered, used, k = np.empty((stop - first) * size, np.int32), 0, 0
    for group in range(first, stop):
        count = signals(group, 0, candidates.rows.size, candidates, axes, room.found)
        for cooldown in axes.cooldowns:
            entered = take(room.found, count, candidates.rows, cooldown, room.taken)
            by_part(room.taken, entered, candidates.parts, ordered[used:], bounds[k])
            for g in range(parts + 1):
                bounds[k, g] += used
            used, k = used + entered, k + 1
    return ordered, bounds


@kernel
def sweep_overlap(
    first: int,
    stop: int,
    base: int,
    candidates: Candidates,
    axes: EntryAxes,
    events: Events,
    exits: Exits,
    out: Outputs,
) -> None:
    """Tallies the groups ``first .. stop`` into the sets of ``out`` from ``base`` on.

    Part by part over all levels of the second axis: the signals of a higher level are among
    those of a lower one, so their events are in the cache already.
    """
    cells = exits.tp.size * exits.sl.size * exits.horizons.size
    parts = out.into.size
    room = room_for(candidates.rows.size, parts, exits)
    group = first
    while group < stop:
        levels = min(axes.second - group % axes.second, stop - group)
        entries, bounds = enter_family(group, group + levels, candidates, axes, parts, room)
        for g in range(parts):
            for k in range(bounds.shape[0]):
                some = entries[bounds[k, g] : bounds[k, g + 1]]
                if some.size > 0:
                    sweep_part(some, out.into[g], base + k * cells, events, exits, room, out)
        for at in range(base, base + bounds.shape[0] * cells, cells):
            if not out.is_lean:
                add_totals(at, at + cells, out)
        base += bounds.shape[0] * cells
        group += levels

"""The sweep of overlapping positions: entries do not depend on exits, so each is added once.

An entry adds its few corner events instead of one outcome per exit class; prefix sums do the
rest. One segment at a time, so that its cube stays in the cache.
"""

from typing import Any

import numpy as np

from research.jit import kernel
from sweeps.engine.codes import SEGMENT_CODES, Candidates
from sweeps.engine.corners import MOST_EVENTS
from sweeps.engine.entries import EntryAxes, by_segment, signals, take
from sweeps.engine.integrate import integrate, integrate_ends
from sweeps.engine.outputs import Outputs, add_cube, add_totals, segment_row
from sweeps.engine.rungs import Exits, Rungs

__all__ = ["sweep_overlap"]


@kernel
def add_events(entries: Any, rungs: Rungs, sums: Any, worst: Any) -> None:
    """Adds every event of ``entries`` at its corner."""
    values, cells, fill = rungs.value, rungs.cell, rungs.fill
    for q in range(entries.size):
        r = entries[q]
        for e in range(fill[r]):
            cell = cells[r, e]
            p, low = 4 * cell, values[r, e, 0]
            net, square = sums[p] + low, sums[p + 1] + values[r, e, 1]
            gross, code = sums[p + 2] + values[r, e, 2], sums[p + 3] + values[r, e, 3]
            sums[p], sums[p + 1], sums[p + 2], sums[p + 3] = net, square, gross, code
            if low < worst[cell]:
                worst[cell] = low


@kernel
def add_ends(entries: Any, rows: Any, n: int, rungs: Rungs, exits: Exits, ends: Any) -> None:
    """Counts the horizon events that the end of the frame cuts off."""
    cells, h = ends.size, exits.horizons.size
    for q in range(entries.size - 1, -1, -1):
        r = entries[q]
        if rows[r] + exits.horizons[-1] < n:
            return
        for e in range(rungs.fill[r]):
            c = rungs.cell[r, e] - 2 * cells
            if c >= 0 and rows[r] + exits.horizons[c % h] >= n:
                ends[c] += 1


@kernel
def sweep_class(
    entries: Any, row: int, base: int, n: int, rows: Any, rungs: Rungs, exits: Exits, out: Outputs
) -> None:
    """Tallies the entries of one class and segment over the whole exit cube."""
    t, s, h = exits.tp.size, exits.sl.size, exits.horizons.size
    cells = t * s * h
    for first in range(0, entries.size, MOST_EVENTS):
        part = entries[first : first + MOST_EVENTS]
        sums, worst = np.zeros(12 * cells), np.full(3 * cells, np.inf)
        ends = np.zeros(cells, dtype=np.int64)
        add_events(part, rungs, sums, worst)
        add_ends(part, rows, n, rungs, exits, ends)
        integrate(sums, worst, t, s, h)
        integrate_ends(ends, t, s, h)
        add_cube(sums, worst, ends, row, base, out)


@kernel
def sweep_overlap(
    first: int,
    stop: int,
    base: int,
    n: int,
    candidates: Candidates,
    axes: EntryAxes,
    rungs: Rungs,
    exits: Exits,
    out: Outputs,
) -> None:
    """Tallies all sets of the groups ``first .. stop`` into the sets of ``out`` from ``base`` on.

    ``n``: rows of the frame up to its end.
    """
    cells = exits.tp.size * exits.sl.size * exits.horizons.size
    room = candidates.rows.size + 1
    found, taken, ordered = (
        np.empty(room, np.int32),
        np.empty(room, np.int32),
        np.empty(room, np.int32),
    )
    bounds = np.empty(SEGMENT_CODES + 1, dtype=np.int64)
    for group in range(first, stop):
        count = signals(group, 0, candidates.rows.size, candidates, axes, found)
        for cooldown in axes.cooldowns:
            entered = take(found, count, candidates.rows, cooldown, taken)
            by_segment(taken, entered, candidates.segments, ordered, bounds)
            for g in range(SEGMENT_CODES):
                part = ordered[bounds[g] : bounds[g + 1]]
                row = segment_row(g)
                sweep_class(part, row, base, n, candidates.rows, rungs, exits, out)
            add_totals(base, base + cells, out)
            base += cells

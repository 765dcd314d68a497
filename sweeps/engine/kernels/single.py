"""The sweep of one position at a time: every cell of the exit cube advanced side by side.

Entries depend on exits, but only through one number per set: the row from which it is free again.
Walking the signals of an entry class in time order, a signal is an entry of exactly those cells
that are free, so one pass of plain vector arithmetic over the cube replaces as many walks as the
cube has cells. Blocks of rows are spread out once and used by every entry class of a task while
they are in the cache.
"""

from typing import Any

import numpy as np

from research.jit import inlined_kernel, kernel
from sweeps.engine.kernels.candidates import SEGMENT_CODES, Candidates
from sweeps.engine.kernels.cube import CUBE_LANES, MOST_NODES, SLAB, TALLY_BITS, spread_out, ways_of
from sweeps.engine.kernels.entries import EntryAxes, signals
from sweeps.engine.kernels.minutes import Exits
from sweeps.engine.kernels.outputs import (
    CUTS,
    GROSS,
    LANES,
    NET,
    SQUARE,
    STOPS,
    N,
    Outputs,
    add_totals,
)
from sweeps.engine.kernels.rungs import Rungs
from sweeps.tally import EVENTS, HOLD, WINS

__all__ = ["STATE", "sweep_single"]

STATE = SLAB * (1 + SEGMENT_CODES * CUBE_LANES)
"""Doubles that one entry class needs per slab: when each cell is free, and sums per segment."""
_STRIP = 32  # cells between two looks at whether any of them is free
_MOST_CLASSES = 128  # whose states share the cache
_BLOCK = 32  # rows spread out at a time: 256 kB, so that a block stays in the second-level cache
_MASK = (1 << TALLY_BITS) - 1


@inlined_kernel
def is_any_free(free_at: Any, t: float) -> bool:
    """Whether any cell may enter at row t; no early exit, so that it is vector arithmetic."""
    free = 0
    for c in range(free_at.size):
        free |= free_at[c] <= t
    return free != 0


@inlined_kernel
def enter(free_at: Any, sums: Any, dense: Any, t: float, wait: float) -> None:
    """One signal at row t: the cells that are free enter, and are busy until they leave.

    About one cell in four is free, in runs: a predicted branch beats masked vector stores,
    which the next signal would have to wait for (1.2 against 1.9 ns a cell).
    """
    for c in range(free_at.size):
        if free_at[c] <= t:
            p = CUBE_LANES * c
            net, square = sums[p] + dense[p], sums[p + 1] + dense[p + 1]
            gross, code = sums[p + 2] + dense[p + 2], sums[p + 3] + dense[p + 3]
            sums[p], sums[p + 1], sums[p + 2], sums[p + 3] = net, square, gross, code
            hold = dense[p + 4]
            sums[p + 4] += hold
            if dense[p + 5] < sums[p + 5]:
                sums[p + 5] = dense[p + 5]
            free_at[c] = t + max(wait, hold)


@kernel
def flush(sums: Any, row: int, base: int, order: Any, out: Outputs) -> None:
    """Adds the sums of one slot to one row of the outputs and clears them."""
    for c in range(order.size):
        at, to = CUBE_LANES * c, base + order[c]
        code = int(sums[at + 3])
        if code == 0:
            continue
        wins, tp = code & _MASK, code >> TALLY_BITS & _MASK
        sl, expired = code >> 2 * TALLY_BITS & _MASK, code >> 3 * TALLY_BITS & _MASK
        cut = code >> 4 * TALLY_BITS
        if out.is_lean:
            lean = out.lean[row, LANES * to : LANES * (to + 1)]
            lean[NET] += sums[at]
            lean[SQUARE] += sums[at + 1]
            lean[GROSS] += sums[at + 2]
            lean[N] += tp + sl + expired + cut
            sums[at : at + 5] = 0.0
            sums[at + 5] = np.inf
            continue
        out.counts[EVENTS, row, to] += tp + sl + expired + cut
        out.counts[WINS, row, to] += wins
        out.counts[out.touch, row, to] += tp
        out.counts[STOPS, row, to] += sl
        out.counts[out.expiry, row, to] += expired
        out.counts[CUTS, row, to] += cut
        out.counts[HOLD, row, to] += int(sums[at + 4])
        for lane in range(3):
            out.sums[lane, row, to] += sums[at + lane]
        out.worst[row, to] = min(out.worst[row, to], sums[at + 5])
        sums[at : at + 5] = 0.0
        sums[at + 5] = np.inf


@kernel
def empty_sums(classes: int, slots: int) -> Any:
    """Sums of nothing, shape (classes, slots, cells x lanes)."""
    sums = np.zeros((classes, slots, SLAB * CUBE_LANES))
    sums[:, :, 5::CUBE_LANES] = np.inf
    return sums


@kernel
def walk(
    found: Any,
    count: int,
    candidates: Candidates,
    wait: float,
    dense: Any,
    free_at: Any,
    sums: Any,
    nodes: Any,
    base: int,
    order: Any,
    out: Outputs,
) -> None:
    """Leads one entry class through its signals among the rows of a block."""
    for q in range(count):
        r, row = found[0, q], dense[found[1, q]]
        t, part, is_entry = float(candidates.rows[r]), candidates.parts[r], False
        slot = 0 if out.in_time else part
        for c in range(0, order.size, _STRIP):
            strip = free_at[c : min(c + _STRIP, order.size)]
            if is_any_free(strip, t):
                is_entry = True
                enter(strip, sums[slot, CUBE_LANES * c :], row[CUBE_LANES * c :], t, wait)
        if is_entry:
            nodes[slot] += 1
            if nodes[slot] == MOST_NODES:
                flush(sums[slot], out.into[part], base, order, out)
                nodes[slot] = 0


@inlined_kernel
def choose(found: Any, count: int, second_high: Any, p: int, out: Any) -> int:
    """The signals of a block that pass level p of the second axis, and their places in it."""
    chosen = 0
    for q in range(count):
        out[0, chosen], out[1, chosen] = found[q], q
        chosen += p < second_high[found[q]]
    return chosen


@kernel
def sweep_family(
    family: int,
    first: int,
    stop: int,
    base: int,
    order: Any,
    n: int,
    candidates: Candidates,
    axes: EntryAxes,
    rungs: Rungs,
    exits: Exits,
    out: Outputs,
) -> None:
    """Tallies the cells ``order`` of levels ``first .. stop`` of the second axis of one (w, m).

    The signals of a higher level are among those of a lower one: they are spread out once.
    """
    cells, waits = exits.tp.size * exits.sl.size * exits.horizons.size, axes.cooldowns.size
    classes, ways = (stop - first) * waits, ways_of(order, exits)
    slots = 1 if out.in_time else out.into.size
    free_at, sums = np.zeros((classes, order.size)), empty_sums(classes, slots)
    nodes = np.zeros((classes, slots), np.int64)
    found, chosen = (
        np.empty(candidates.rows.size + 1, np.int32),
        np.empty((2, _BLOCK + 1), np.int32),
    )
    dense = np.zeros((_BLOCK, SLAB * CUBE_LANES))
    count = signals(family * axes.second + first, 0, candidates.rows.size, candidates, axes, found)
    begin, parts = 0, candidates.parts
    while begin < count:
        end = min(begin + _BLOCK, count)
        if out.in_time:  # a block is of one part, which is over with its last block
            while parts[found[end - 1]] != parts[found[begin]]:
                end -= 1
        block = found[begin:end]
        spread_out(block, ways, n, candidates.rows, rungs, exits, dense)
        for p in range(first, stop):
            signs = choose(block, block.size, candidates.second_high, p, chosen)
            for c in range(waits if signs > 0 else 0):
                k = (p - first) * waits + c
                wait = float(max(axes.cooldowns[c], 1))
                walk(
                    chosen,
                    signs,
                    candidates,
                    wait,
                    dense,
                    free_at[k],
                    sums[k],
                    nodes[k],
                    base + k * cells,
                    order,
                    out,
                )
        begin = end
        if out.in_time and (end == count or parts[found[end]] != parts[found[end - 1]]):
            row = out.into[parts[found[end - 1]]]
            for k in range(classes):
                flush(sums[k, 0], row, base + k * cells, order, out)
                nodes[k, 0] = 0
    for k in range(classes):
        for g in range(0 if out.in_time else slots):
            flush(sums[k, g], out.into[g], base + k * cells, order, out)


@kernel
def by_horizon(exits: Exits) -> Any:
    """Cells with the horizon slowest: neighbours in a strip are then busy for alike long."""
    t, s, h = exits.tp.size, exits.sl.size, exits.horizons.size
    order, used = np.empty(t * s * h, np.int64), 0
    for k in range(h):
        for c in range(t * s):
            order[used] = c * h + k
            used += 1
    return order


@kernel
def sweep_single(
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
    cells, order = exits.tp.size * exits.sl.size * exits.horizons.size, by_horizon(exits)
    group, waits = first, axes.cooldowns.size
    most = max(1, _MOST_CLASSES // waits)
    while group < stop:
        p = group % axes.second
        levels = min(axes.second - p, stop - group, most)
        to = base + (group - first) * waits * cells
        for cell in range(0, cells, SLAB):
            slab = order[cell : cell + SLAB]
            sweep_family(
                group // axes.second,
                p,
                p + levels,
                to,
                slab,
                n,
                candidates,
                axes,
                rungs,
                exits,
                out,
            )
        for at in range(to, to + levels * waits * cells, cells):
            if not out.is_lean:
                add_totals(at, at + cells, out)
        group += levels

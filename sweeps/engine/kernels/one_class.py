"""One entry class over its exit cube, one position at a time: what a trial of a search buys.

Where many classes share their signals, outcomes are spread out over the cube once for all of them
(:mod:`sweeps.engine.kernels.single`). A single class is better served cell by cell: most cells are
busy when a signal comes, and nobody asks what it would have earned them.
"""

from typing import Any

import numpy as np

from research.jit import inlined_kernel, kernel
from research.outcomes import SL, TP
from sweeps.engine.kernels.candidates import Candidates
from sweeps.engine.kernels.cube import busy_until
from sweeps.engine.kernels.entries import EntryAxes, signals
from sweeps.engine.kernels.minutes import Exits
from sweeps.engine.kernels.outputs import LANES, Outputs
from sweeps.engine.kernels.priority import NO_WAY, way_out
from sweeps.engine.kernels.rungs import Rungs

__all__ = ["sweep_one_class"]


@inlined_kernel
def is_any_free(free_at: Any, t: float) -> bool:
    """Whether any cell may enter at row t; no early exit, so that it is vector arithmetic."""
    free = 0
    for c in range(free_at.size):
        free |= free_at[c] <= t
    return free != 0


@inlined_kernel
def enter_horizon(
    free_at: Any,
    sums: Any,
    t: float,
    wait: float,
    horizon: int,
    k: int,
    when: Any,
    net: Any,
    gross: Any,
    tps: int,
) -> None:
    """One signal at row t: the cells of one horizon, rung ``k``, that are free enter."""
    held = when[k]
    until = busy_until(held, horizon)
    sls = free_at.size // tps
    for i in range(tps):
        tp = when[i]
        for j in range(sls):
            c = i * sls + j
            if free_at[c] > t:
                continue
            sl = when[tps + j]
            way, at, hold = way_out(tp, sl, held, horizon), k, until
            if way == TP:
                at, hold = i, float(tp)
            elif way == SL:
                at, hold = tps + j, float(sl)
            free_at[c] = t + max(wait, hold)
            if way != NO_WAY:  # no price in the whole horizon: no trade, but a cooldown
                p, earned = LANES * c, net[at]
                sums[p] += earned
                sums[p + 1] += earned * earned
                sums[p + 2] += gross[at]
                sums[p + 3] += 1.0


@kernel
def flush(sums: Any, row: int, base: int, holds: int, out: Outputs) -> None:
    """Adds sums, horizon by horizon, to one row of the outputs and clears them."""
    pairs = sums.size // (LANES * holds)
    for k in range(holds):
        for c in range(pairs):
            at, to = LANES * (k * pairs + c), LANES * (base + c * holds + k)
            for lane in range(LANES):
                out.lean[row, to + lane] += sums[at + lane]
    sums[:] = 0.0


@kernel
def sweep_one_class(
    group: int,
    base: int,
    candidates: Candidates,
    axes: EntryAxes,
    rungs: Rungs,
    exits: Exits,
    out: Outputs,
) -> None:
    """Tallies the cube of ``group``, of one cooldown, into lean outputs of parts in time."""
    tps, holds = exits.tp.size, exits.horizons.size
    pairs, wait = tps * exits.sl.size, float(max(axes.cooldowns[0], 1))
    free_at, sums = np.zeros(pairs * holds), np.zeros(pairs * holds * LANES)
    found = np.empty(candidates.rows.size + 1, np.int32)
    count = signals(group, 0, candidates.rows.size, candidates, axes, found)
    rows, parts, first = candidates.rows, candidates.parts, tps + exits.sl.size
    for q in range(count):
        r = found[q]
        t, when, net, gross = float(rows[r]), rungs.when[r], rungs.net[r], rungs.gross[r]
        for k in range(holds):
            cells = free_at[pairs * k : pairs * (k + 1)]
            if is_any_free(cells, t):
                own = sums[LANES * pairs * k : LANES * pairs * (k + 1)]
                horizon = exits.horizons[k]
                enter_horizon(cells, own, t, wait, horizon, first + k, when, net, gross, tps)
        if q + 1 == count or parts[found[q + 1]] != parts[r]:
            flush(sums, out.into[parts[r]], base, holds, out)

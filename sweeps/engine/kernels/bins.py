"""The loops of histograms: every set walked trade by trade, its net pnl counted into bins."""

from typing import Any

import numpy as np

from research.jit import inlined_kernel, kernel
from research.outcomes import HORIZON, SL, TP
from sweeps.engine.kernels.candidates import Candidates
from sweeps.engine.kernels.cube import busy_until
from sweeps.engine.kernels.entries import EntryAxes, signals
from sweeps.engine.kernels.minutes import Exits
from sweeps.engine.kernels.priority import NO_WAY, way_out
from sweeps.engine.kernels.rungs import Rungs

__all__ = ["count_bins"]


@inlined_kernel
def bin_of(net: float, low: float, width: float, count: int) -> int:
    """The bin of one trade; 0 below all, ``count + 1`` above."""
    place = np.floor((net - low) / width)
    return int(min(max(place, -1.0), float(count))) + 1


@kernel
def count_set(
    found: Any,
    count: int,
    wait: float,
    single: bool,
    way: Any,
    horizon: int,
    candidates: Candidates,
    is_counted: Any,
    rungs: Rungs,
    low: float,
    width: float,
    out: Any,
) -> None:
    """Walks one set through its signals, trade by trade."""
    free_at = -1.0
    for q in range(count):
        r = found[q]
        t = float(candidates.rows[r])
        if t < free_at:
            continue
        when = rungs.when[r]
        reason, hold = way_out(when[way[TP]], when[way[SL]], when[way[HORIZON]], horizon), 0.0
        if reason != NO_WAY:
            ended = way[reason]
            hold = busy_until(when[ended], horizon) if reason == HORIZON else float(when[ended])
            if is_counted[r]:
                out[bin_of(rungs.net[r, ended], low, width, out.size - 2)] += 1
        free_at = t + (max(wait, hold) if single else wait)


@kernel
def count_bins(
    first: int,
    stop: int,
    base: int,
    single: bool,
    candidates: Candidates,
    is_counted: Any,
    axes: EntryAxes,
    rungs: Rungs,
    exits: Exits,
    low: float,
    width: float,
    out: Any,
) -> None:
    """Counts the groups ``first .. stop`` into the rows of ``out`` from ``base`` on.

    ``is_counted``: bool, shape (candidates,): entries that are, all others only take time.
    """
    t, s, h = exits.tp.size, exits.sl.size, exits.horizons.size
    found, way = np.empty(candidates.rows.size + 1, np.int32), np.empty(3, np.int64)
    for group in range(first, stop):
        count = signals(group, 0, candidates.rows.size, candidates, axes, found)
        for cooldown in axes.cooldowns:
            for c in range(t * s * h):
                way[TP], way[SL], way[HORIZON] = c // (s * h), t + c // h % s, t + s + c % h
                horizon = exits.horizons[c % h]
                count_set(
                    found,
                    count,
                    float(max(cooldown, 1)),
                    single,
                    way,
                    horizon,
                    candidates,
                    is_counted,
                    rungs,
                    low,
                    width,
                    out[base],
                )
                base += 1

"""The ladder of spread reversion: exit levels are its TP levels, widest first; it has no SL.

So everything above the ladder is the same for both strategies.
"""

from typing import Any

import numpy as np

from research.arrays import Bools, Floats, Ints
from research.jit import kernel
from sweeps.engine.rungs import Exits, Market, Rungs, funded, leave

__all__ = ["climb_reversion", "crossing_rows", "levels_below"]


@kernel
def crossing_rows(spread: Floats, levels: Floats, eligible: Bools) -> Ints:
    """Eligible rows at which |spread| crosses one of the rising ``levels`` from within."""
    count = 0
    out = np.empty(spread.size, dtype=np.int64)
    for t in range(1, spread.size):
        if not eligible[t]:
            continue
        before, now = abs(spread[t - 1]), abs(spread[t])
        if before < now and now >= levels[0] and before < levels[-1]:
            for level in levels:
                if before < level <= now:
                    out[count] = t
                    count += 1
                    break
    return out[:count].copy()


@kernel
def levels_below(spread: Floats, rows: Ints, levels: Floats) -> Any:
    """How many rising levels |spread| reaches at ``rows``, int16."""
    out = np.empty(rows.size, dtype=np.int16)
    for r in range(rows.size):
        out[r] = np.searchsorted(levels, abs(spread[rows[r]]), side="right")
    return out


@kernel
def climb_row(entry: int, side: int, when: Any, value: Any, market: Market, exits: Exits) -> None:
    """Fills the rungs of one candidate row."""
    when[:] = 0
    n, levels = market.dydx_close.size, exits.tp.size
    last, paid, k, a = entry, 0.0, 0, 0
    for j in range(entry + 1, min(entry + exits.horizons[-1], n - 1) + 1):
        if market.next_present[j] == j:
            if exits.has_funding:
                paid = funded(paid, entry, last, j, market)
            last = j
            while a < levels and abs(market.spread[j]) <= exits.tp[a]:
                when[a] = j - entry
                leave(value[a], entry, side, j, paid, market, exits)
                a += 1
            if a == levels:
                return
        if j - entry == exits.horizons[k]:
            if last > entry:
                when[levels + 1 + k] = last - entry
                leave(value[levels + 1 + k], entry, side, last, paid, market, exits)
            k += 1
    while k < exits.horizons.size and last > entry:  # these run past the end of the frame
        when[levels + 1 + k] = last - entry
        leave(value[levels + 1 + k], entry, side, last, paid, market, exits)
        k += 1


@kernel
def climb_reversion(
    first: int, stop: int, rows: Any, sides: Any, rungs: Rungs, market: Market, exits: Exits
) -> None:
    """Fills the rungs of candidates ``first .. stop``, each row on its own."""
    for r in range(first, stop):
        climb_row(rows[r], sides[r], rungs.when[r], rungs.value[r], market, exits)

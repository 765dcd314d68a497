"""The ladder of spread reversion: exit levels are its TP levels, widest first; it has no SL.

So everything above the ladder is the same for both strategies.
"""

from typing import Any

import numpy as np

from research.arrays import Bools, Floats, Ints
from research.jit import inlined_kernel, kernel
from sweeps.engine.ladder import end_horizons
from sweeps.engine.rungs import Exits, Market, Rungs, price_rungs, prices_of

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


@inlined_kernel
def find_reverts(
    entry: int, spread: Floats, levels: Floats, present: Ints, until: int, when: Any
) -> int:
    """Writes the first minute within every falling level; the row where the walk ended."""
    a = 0
    for j in range(entry + 1, until + 1):
        if present[j] != j:
            continue
        while a < levels.size and abs(spread[j]) <= levels[a]:
            when[a] = j - entry
            a += 1
        if a == levels.size:
            return j
    return until


@kernel
def climb_reversion(
    first: int, stop: int, rows: Any, sides: Any, rungs: Rungs, market: Market, exits: Exits
) -> None:
    """Fills the rungs of candidates ``first .. stop``, each row on its own."""
    prices, present, horizons = prices_of(market, exits), market.next_present, exits.horizons
    levels, spread, whens, values = exits.tp, market.spread, rungs.when, rungs.value
    n, touches = spread.size, exits.tp.size + exits.sl.size
    ways = touches + horizons.size
    for r in range(first, stop):
        entry, side, when, value = rows[r], sides[r], whens[r], values[r]
        when[:] = 0
        until = min(entry + horizons[-1], n - 1)
        until = find_reverts(entry, spread, levels, present, until, when)
        end_horizons(entry, until, horizons, present, touches, when)
        price_rungs(entry, side, 0, levels.size, when, value, prices)
        price_rungs(entry, side, touches, ways, when, value, prices)

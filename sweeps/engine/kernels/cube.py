"""The outcomes of a block of candidates over a slab of the exit cube, spread out densely.

For one position at a time entries depend on exits, so every cell of the cube lives a life of its
own. Its outcome is one cache line, laid out as the sums that it is added to.
"""

from typing import Any

import numpy as np

from research.jit import inlined_kernel, kernel
from research.outcomes import END, HORIZON, SL, TP
from sweeps.engine.kernels.minutes import Exits
from sweeps.engine.kernels.priority import way_out
from sweeps.engine.kernels.rungs import Rungs

__all__ = ["CUBE_LANES", "MOST_NODES", "SLAB", "TALLY_BITS", "busy_until", "spread_out", "ways_of"]

SLAB = 128
"""Cells of the exit cube that are walked side by side."""
CUBE_LANES = 8
"""Doubles of one outcome: net, net squared, gross, code, hold, net for the minimum; two unused."""
TALLY_BITS = 10
MOST_NODES = (1 << TALLY_BITS) - 1
"""So many trades are summed before codes are taken apart: five counts of 10 bits share the 53
exact bits of one float64."""
_A_MOMENT = 2.0**-12  # so many of them as are summed stay below a minute
_WIN = 1.0
_TP, _SL, _HORIZON, _END = (
    float(1 << (TALLY_BITS * (1 + reason))) for reason in (TP, SL, HORIZON, END)
)


@inlined_kernel
def put(dense: Any, at: int, hold: float, reason: float, net: float, gross: float) -> None:
    """Writes one outcome into its lanes."""
    dense[at] = net
    dense[at + 1] = net * net
    dense[at + 2] = gross
    dense[at + 3] = reason + (_WIN if net > 0 else 0.0)
    dense[at + 4] = hold
    dense[at + 5] = net


@inlined_kernel
def put_nothing(dense: Any, at: int) -> None:
    """No price in the whole horizon: no trade, but a cooldown."""
    for lane in range(5):
        dense[at + lane] = 0.0
    dense[at + 5] = np.inf


@kernel
def ways_of(order: Any, exits: Exits) -> Any:
    """The TP, SL and horizon rung of every cell, shape (3, cells): no division per outcome."""
    t, s, h = exits.tp.size, exits.sl.size, exits.horizons.size
    ways = np.empty((3, order.size), np.int64)
    for c in range(order.size):
        ways[0, c] = order[c] // (s * h)
        ways[1, c] = t + order[c] // h % s
        ways[2, c] = t + s + order[c] % h
    return ways


@inlined_kernel
def busy_until(held: int, horizon: int) -> float:
    """Minutes that a position is open which no level ends.

    Nobody knows at the last price before a gap that it was the last: still busy there.
    """
    return held + (_A_MOMENT if held < horizon else 0.0)


@kernel
def spread_row(
    when: Any, net: Any, gross: Any, left: int, ways: Any, horizons: Any, dense: Any
) -> None:
    """Writes the outcomes of one candidate; ``left``: minutes from the entry to the last row."""
    first = when.size - horizons.size
    for c in range(ways.shape[1]):
        at = CUBE_LANES * c
        i, j, k = ways[0, c], ways[1, c], ways[2, c]
        horizon, tp, sl, held = horizons[k - first], when[i], when[j], when[k]
        way = way_out(tp, sl, held, horizon)
        if way == TP:
            put(dense, at, tp, _TP, net[i], gross[i])
        elif way == SL:
            put(dense, at, sl, _SL, net[j], gross[j])
        elif way == HORIZON:
            reason = _HORIZON if horizon <= left else _END
            put(dense, at, busy_until(held, horizon), reason, net[k], gross[k])
        else:
            put_nothing(dense, at)


@kernel
def spread_out(
    block: Any, ways: Any, n: int, rows: Any, rungs: Rungs, exits: Exits, dense: Any
) -> None:
    """Writes the candidates of a block over the cells of ``ways`` into ``dense``."""
    for b in range(block.size):
        r = block[b]
        left = n - 1 - rows[r]
        net, gross = rungs.net[r], rungs.gross[r]
        spread_row(rungs.when[r], net, gross, left, ways, exits.horizons, dense[b])

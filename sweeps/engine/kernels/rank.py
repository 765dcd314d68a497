"""The best sets of lean outputs, kept in short lists per segment."""

from typing import Any

import numpy as np

from research.jit import inlined_kernel, kernel
from research.statistics.bounds import lower_bound
from sweeps.engine.kernels.outputs import LANES, NET, SQUARE, N, add_lean_totals

__all__ = ["rank"]


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
    """Sorts the sets of one entry class into the lists and clears ``lean``.

    ``first``: the first of its sets in the grid; ``levels``: how many exit levels run the other
    way in ``lean`` (reversion), else 0.
    """
    cells = lean.shape[1] // LANES
    add_lean_totals(0, cells, lean)
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
            bound = lower_bound(mean, np.sqrt(centred / (n - 1)), n)
            if bound > bounds[-1]:
                insert(bounds, sets[row], bound, first + place)
    lean[:] = 0.0

"""From corners to the full exit cube: inclusive prefix sums along the free axes of each kind.

Additions only: nothing cancels, so sums are as exact as those of a loop over trades.
"""

from research.arrays import Floats, Ints
from research.jit import kernel

__all__ = ["integrate", "integrate_ends"]


@kernel
def along(sums: Floats, worst: Floats, first: int, size: int, length: int, inner: int) -> None:
    """Prefix sums (minima of ``worst``) along one axis of the ``size`` cells from ``first`` on."""
    for block in range(first, first + size, length * inner):
        for c in range(block + inner, block + length * inner):
            p, q = 4 * c, 4 * (c - inner)
            net, square = sums[p] + sums[q], sums[p + 1] + sums[q + 1]
            gross, code = sums[p + 2] + sums[q + 2], sums[p + 3] + sums[q + 3]
            sums[p], sums[p + 1], sums[p + 2], sums[p + 3] = net, square, gross, code
    for block in range(first, first + size, length * inner):
        for c in range(block + inner, block + length * inner):
            worst[c] = min(worst[c], worst[c - inner])


@kernel
def integrate(sums: Floats, worst: Floats, t: int, s: int, h: int) -> None:
    """Turns corner sums into sums per cell, in place.

    Parameters
    ----------
    sums : array, shape (3 * t * s * h * 4,)
        Four lanes a cell (net, net squared, gross, code), kinds TP, SL, horizon one after
        the other. TP events are free along sl and horizon, SL events along tp and horizon,
        horizon events along tp and sl.
    worst : array, shape (3 * t * s * h,)
        Smallest net pnl, +inf without an event.
    """
    cells = t * s * h
    start, one = cells - cells, h // h  # a literal number would compile a copy of its own
    along(sums, worst, start, cells, s, h)
    along(sums, worst, start, cells, h, one)
    along(sums, worst, cells, cells, t, s * h)
    along(sums, worst, cells, cells, h, one)
    along(sums, worst, 2 * cells, cells, t, s * h)
    along(sums, worst, 2 * cells, cells, s, h)


@kernel
def integrate_ends(ends: Ints, t: int, s: int, h: int) -> None:
    """The same for the counts of horizon events that are cut off by the end of the frame."""
    for c in range(s * h, t * s * h):
        ends[c] += ends[c - s * h]
    for block in range(0, t * s * h, s * h):
        for c in range(block + h, block + s * h):
            ends[c] += ends[c - h]

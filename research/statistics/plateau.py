"""What a cell of a lattice is worth with those next door: a peak whose neighbours lose is luck."""

import numpy as np

from research.arrays import Bools, Floats

__all__ = ["connected", "plateau"]


def plateau(values: Floats, is_known: Bools) -> Floats:
    """Mean of each known cell and its known neighbours one level away along each axis.

    NaN where the cell itself is not known. Same shape as ``values``.
    """
    known = np.where(is_known, values, 0.0)
    total, count = known.copy(), is_known.astype(np.float64)
    for axis in range(values.ndim):
        ahead = tuple(slice(1, None) if a == axis else slice(None) for a in range(values.ndim))
        behind = tuple(slice(None, -1) if a == axis else slice(None) for a in range(values.ndim))
        for here, there in ((ahead, behind), (behind, ahead)):
            total[here] += known[there]
            count[here] += is_known[there]
    return np.where(is_known, total / np.maximum(count, 1.0), np.nan)


def connected(is_good: Bools, start: tuple[int, int]) -> Bools:
    """The cells that one walks to from ``start`` over good cells, side by side.

    Parameters
    ----------
    is_good
        Shape (rows, columns).
    start
        Row and column; itself not good: nothing is reached.

    Returns
    -------
    bool array of the same shape.
    """
    found = np.zeros_like(is_good)
    waiting = [start] if is_good[start] else []
    while waiting:
        row, column = waiting.pop()
        if found[row, column]:
            continue
        found[row, column] = True
        for at in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
            is_inside = 0 <= at[0] < is_good.shape[0] and 0 <= at[1] < is_good.shape[1]
            if is_inside and is_good[at]:
                waiting.append(at)
    return found

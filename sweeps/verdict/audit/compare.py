"""Whether two readings of the same minutes agree on everything that was known at a cut."""

from typing import Any

import numpy as np
import numpy.typing as npt

from research.arrays import Bools, Ints

__all__ = ["first_difference"]


def first_difference(
    whole: npt.NDArray[Any], seen: npt.NDArray[Any], known: int, lag: int | Ints = 0
) -> int | None:
    """The first row on which two arrays differ among the numbers known at row ``known``.

    Equal means the same float, or NaN on both sides.

    Parameters
    ----------
    whole, seen
        Shape (n,) or (n, columns); ``seen`` may have fewer rows.
    lag
        The number of row t is known at ``t + lag``; one, or one for each column.
    """
    rows = min(len(whole), len(seen))
    differs = _differs(whole[:rows], seen[:rows])
    if differs.ndim == 1:
        differs = differs[:, np.newaxis]
    lags = np.broadcast_to(np.asarray(lag), (differs.shape[1],))
    firsts = [
        int(hits[0])
        for column, its_lag in zip(differs.T, lags.tolist(), strict=True)
        if (hits := np.flatnonzero(column[: max(known - its_lag + 1, 0)])).size
    ]
    return min(firsts, default=None)


def _differs(whole: npt.NDArray[Any], seen: npt.NDArray[Any]) -> Bools:
    differs: Bools = whole != seen
    if whole.dtype.kind == "f":
        differs &= ~(np.isnan(whole) & np.isnan(seen))
    return differs

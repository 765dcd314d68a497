"""How far Binance has moved within the last minutes."""

import numpy as np

from research.arrays import Floats
from research.jit import kernel

__all__ = ["lead_return_pct"]


@kernel
def lead_return_pct(close: Floats, window: int) -> Floats:
    """``(close[t] - close[t - window]) / close[t - window] * 100``, in this order of operations.

    Parameters
    ----------
    close : array, shape (rows,)
        Binance closes, one row per minute; NaN where the minute is missing.
    window : int
        Minutes looked back, >= 1.

    Returns
    -------
    array, shape (rows,)
        Percent; NaN on the first ``window`` rows and where either close is missing.
    """
    out = np.full(close.size, np.nan)
    for t in range(window, close.size):
        out[t] = (close[t] - close[t - window]) / close[t - window] * 100
    return out

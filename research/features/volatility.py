"""How much Binance moves: Wilder's average true range, and the deviation of its returns."""

import math

import numpy as np

from research.arrays import Floats
from research.features.kernels import wilder_mean
from research.features.steps import deviation_pct, range_step
from research.jit import kernel

__all__ = ["atr_pct", "realized_vol_pct", "true_range"]


@kernel
def true_range(high: Floats, low: Floats, close: Floats) -> Floats:
    """The range of each minute, widened to the last close before it.

    A missing minute is passed over: the next present one is measured against the last present
    close, so that a jump across a gap counts once, in full.

    Parameters
    ----------
    high, low, close : array, shape (rows,)
        Prices; a minute with NaN in any of them is missing.

    Returns
    -------
    array, shape (rows,)
        Price units; NaN on missing minutes and on the first present one.
    """
    out = np.full(close.size, np.nan)
    previous = np.nan
    for t in range(close.size):
        if np.isnan(high[t]) or np.isnan(low[t]) or np.isnan(close[t]):
            continue
        out[t] = range_step(high[t], low[t], previous)
        previous = close[t]
    return out


def atr_pct(high: Floats, low: Floats, close: Floats, n: int) -> Floats:
    """Wilder's average true range as percent of the close.

    J. Welles Wilder, *New Concepts in Technical Trading Systems* (1978).

    Parameters
    ----------
    high, low, close : array, shape (rows,)
        Prices; NaN where the minute is missing (see :func:`true_range` for gaps).
    n : int
        True ranges in the first average, >= 1.

    Returns
    -------
    array, shape (rows,)
        Percent; NaN until ``n + 1`` minutes were present, and on missing minutes.
    """
    ranges = true_range(high, low, close)
    average = wilder_mean(ranges, n) / close * 100
    return np.where(np.isnan(ranges), np.nan, average)


@kernel
def realized_vol_pct(close: Floats, n: int) -> Floats:
    """Standard deviation (ddof 1) of the last ``n`` one-minute log returns, times 100.

    Each window is summed afresh, in two passes: a running sum of squares would cancel, and its
    rounding errors would depend on where the frame starts.

    Parameters
    ----------
    close : array, shape (rows,)
        Prices, one row per minute; NaN where the minute is missing.
    n : int
        Returns in the window, >= 2.

    Returns
    -------
    array, shape (rows,)
        Percent per minute; NaN unless all ``n + 1`` closes up to the row are present.
    """
    out = np.full(close.size, np.nan)
    returns = np.full(close.size, np.nan)
    for t in range(1, close.size):
        returns[t] = math.log(close[t] / close[t - 1])
    for t in range(n, close.size):
        out[t] = deviation_pct(returns, t + 1, n)
    return out

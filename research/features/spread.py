"""How far dYdX stands from Binance, and from where it usually stands."""

import numpy as np

from research.arrays import Floats
from research.features.kernels import median_before
from research.jit import kernel

__all__ = ["basis_pct", "spread_excess_pct", "spread_pct"]


@kernel
def spread_pct(dydx_close: Floats, binance_close: Floats) -> Floats:
    """``(dydx_close - binance_close) / binance_close * 100``, in this order of operations.

    Thresholds are compared with it exactly, so the order is part of the definition.

    Parameters
    ----------
    dydx_close, binance_close : array, shape (rows,)
        Prices; NaN where the minute is missing.

    Returns
    -------
    array, shape (rows,)
        Percent; NaN where either close is.
    """
    out = np.empty(dydx_close.size)
    for t in range(dydx_close.size):
        out[t] = (dydx_close[t] - binance_close[t]) / binance_close[t] * 100
    return out


def basis_pct(spread: Floats, n: int) -> Floats:
    """Median spread of the ``n`` minutes before each minute: the slow difference of premiums.

    Parameters
    ----------
    spread : array, shape (rows,)
        Percent, see :func:`spread_pct`; NaN minutes are skipped.
    n : int
        Minutes looked back, >= 1.

    Returns
    -------
    array, shape (rows,)
        Percent; NaN where fewer than n/6 of the minutes are present.
    """
    return median_before(spread, n)


def spread_excess_pct(spread: Floats, basis: Floats) -> Floats:
    """``spread - basis``: what is out of line now, in percent; NaN where either is."""
    return spread - basis

"""Completed bars of a longer timeframe, on the minute at which each becomes known."""

import numpy as np

from research.arrays import Floats
from research.jit import kernel

__all__ = ["TIMEFRAMES", "completed_closes"]

TIMEFRAMES = {"1m": 1, "5m": 5, "15m": 15, "1h": 60, "4h": 240}
"""Name of each timeframe -> minutes in its bar."""


@kernel
def completed_closes(close: Floats, first_minute: int, bar_min: int) -> Floats:
    """Close of a bar on the row of its last minute, NaN on all other rows.

    Bars are ``[k * bar_min, (k + 1) * bar_min)`` in minutes of the UTC epoch, wherever the frame
    starts; a bar that began before the frame did is never complete.

    Parameters
    ----------
    close : array, shape (rows,)
        One row per minute; NaN where the minute is missing.
    first_minute : int
        Epoch minute of row 0.
    bar_min : int
        Minutes in a bar, >= 1.

    Returns
    -------
    array, shape (rows,)
        The last present close within the bar. A bar without any present minute leaves NaN: who
        reads on passes over it.
    """
    out = np.full(close.size, np.nan)
    # row of the first minute that begins a bar
    start = -first_minute % bar_min
    last = np.nan
    for t in range(start, close.size):
        if not np.isnan(close[t]):
            last = close[t]
        if (t - start) % bar_min == bar_min - 1:
            out[t] = last
            last = np.nan
    return out

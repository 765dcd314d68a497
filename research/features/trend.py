"""Whether every timeframe points the same way."""

import numpy as np

from research.arrays import Floats
from research.features.bars import TIMEFRAMES, completed_closes
from research.features.kernels import ema

__all__ = ["FAST", "SLOW", "ema_sign", "mtf_aligned"]

FAST, SLOW = 9, 21  # bars


def ema_sign(closes: Floats, fast: int = FAST, slow: int = SLOW) -> Floats:
    """Sign of EMA(fast) - EMA(slow) of a series of bar closes: +1, 0 or -1.

    NaN until ``slow`` bars are complete; a NaN row in ``closes`` keeps the last sign.
    """
    return np.sign(ema(closes, fast) - ema(closes, slow))


def mtf_aligned(close: Floats, first_minute: int) -> Floats:
    """+1 where EMA(9) > EMA(21) on every timeframe, -1 where it is below on every one, else 0.

    Parameters
    ----------
    close : array, shape (rows,)
        One row per minute; NaN where the minute is missing.
    first_minute : int
        Epoch minute of row 0: bars are aligned to the UTC clock.

    Returns
    -------
    array, shape (rows,)
        Of the bars complete at the end of each minute. NaN while any timeframe has fewer than
        21 of them (for 4h: the first three and a half days).
    """
    total = np.zeros(close.size)
    for bar_min in TIMEFRAMES.values():
        total += ema_sign(completed_closes(close, first_minute, bar_min))
    agree = np.where(np.abs(total) == len(TIMEFRAMES), np.sign(total), 0.0)
    return np.where(np.isnan(total), np.nan, agree)

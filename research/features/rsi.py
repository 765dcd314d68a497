"""Wilder's relative strength index on completed bars."""

import numpy as np

from research.arrays import Floats
from research.features.bars import TIMEFRAMES, completed_closes
from research.features.kernels import wilder_mean
from research.jit import kernel

__all__ = ["gains_losses", "rsi", "rsi_by_timeframe"]


@kernel
def gains_losses(closes: Floats) -> tuple[Floats, Floats]:
    """What each bar gained and lost against the last one before it.

    Parameters
    ----------
    closes : array, shape (rows,)
        A close where a bar completes, NaN elsewhere.

    Returns
    -------
    gains, losses : array, shape (rows,)
        Price units, >= 0; NaN where no bar completes and on the first one.
    """
    gains = np.full(closes.size, np.nan)
    losses = np.full(closes.size, np.nan)
    previous = np.nan
    for t in range(closes.size):
        if np.isnan(closes[t]):
            continue
        if not np.isnan(previous):
            gains[t] = max(closes[t] - previous, 0.0)
            losses[t] = max(previous - closes[t], 0.0)
        previous = closes[t]
    return gains, losses


def rsi(closes: Floats, n: int) -> Floats:
    """Wilder's RSI of a series of bar closes, ``100 - 100 / (1 + gain / loss)``.

    J. Welles Wilder, *New Concepts in Technical Trading Systems* (1978).

    Parameters
    ----------
    closes : array, shape (rows,)
        A close where a bar completes, NaN elsewhere.
    n : int
        Changes in the first averages, >= 1.

    Returns
    -------
    array, shape (rows,)
        0..100, standing until the next bar completes. NaN until ``n + 1`` bars are complete, and
        while no price has ever changed: gain / loss is 0 / 0 then.
    """
    gains, losses = gains_losses(closes)
    gain = wilder_mean(gains, n)
    moved = gain + wilder_mean(losses, n)
    # the same as the textbook form, without its division by a loss of zero
    share = np.full(closes.size, np.nan)
    np.divide(gain, moved, out=share, where=moved > 0)
    return share * 100


def rsi_by_timeframe(close: Floats, first_minute: int, n: int) -> dict[str, Floats]:
    """RSI of every timeframe, ``{"1m": ..., "4h": ...}``, on the minutes of ``close``.

    Parameters
    ----------
    close : array, shape (rows,)
        One row per minute; NaN where the minute is missing.
    first_minute : int
        Epoch minute of row 0: bars are aligned to the UTC clock.
    n : int
        Changes in the first averages, >= 1.

    Returns
    -------
    dict of array, shape (rows,)
        0..100, each of the last bar that is complete at the end of the minute; NaN before that.
    """
    return {
        name: rsi(completed_closes(close, first_minute, bar_min), n)
        for name, bar_min in TIMEFRAMES.items()
    }

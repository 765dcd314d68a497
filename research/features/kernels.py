"""The small loops that features are made of: trailing median, Wilder's mean, EMA.

All are causal: row t of a result depends on rows <= t of the input. NaN means unknown. Each loops
a step of :mod:`research.features.steps`, which the stream takes minute by minute.
"""

import numpy as np

from research.arrays import Floats
from research.features.steps import ema_step, middle_of, slide, wilder_step
from research.jit import kernel

__all__ = ["ema", "median_before", "wilder_mean"]


@kernel
def median_before(values: Floats, n: int) -> Floats:
    """Median of the ``n`` rows before each row, that row itself excluded.

    Parameters
    ----------
    values : array, shape (rows,)
        Any unit; NaN rows are skipped.
    n : int
        Rows looked back, >= 1. At least a sixth of them (``6 * present >= n``) must be present.

    Returns
    -------
    array, shape (rows,)
        In the unit of ``values``, equal to ``np.median`` of the present rows, the mean of the
        two middle ones where their number is even. NaN where too few are present.
    """
    out = np.full(values.size, np.nan)
    window = np.empty(n)
    size = 0
    for t in range(values.size):
        out[t] = middle_of(window, size, n)
        leave = values[t - n] if t >= n else np.nan
        size = slide(window, size, leave, values[t])
    return out


@kernel
def wilder_mean(values: Floats, n: int) -> Floats:
    """Wilder's running mean: the mean of the first ``n`` values, then 1/n of each new one.

    J. Welles Wilder, *New Concepts in Technical Trading Systems* (1978).

    Parameters
    ----------
    values : array, shape (rows,)
        Any unit; NaN rows are passed over.
    n : int
        Values in the first mean, >= 1.

    Returns
    -------
    array, shape (rows,)
        NaN until the nth value; on a NaN row the mean as it stands.
    """
    out = np.full(values.size, np.nan)
    mean = 0.0
    seen = 0
    for t in range(values.size):
        if not np.isnan(values[t]):
            seen += 1
            mean = wilder_step(mean, seen, values[t], n)
        if seen >= n:
            out[t] = mean
    return out


@kernel
def ema(values: Floats, n: int) -> Floats:
    """Exponential moving average with weight 2 / (n + 1), started at the mean of ``n`` values.

    Parameters
    ----------
    values : array, shape (rows,)
        Any unit; NaN rows are passed over.
    n : int
        Values in the mean that starts it, >= 1.

    Returns
    -------
    array, shape (rows,)
        NaN until the nth value; on a NaN row the average as it stands.
    """
    out = np.full(values.size, np.nan)
    average = 0.0
    seen = 0
    for t in range(values.size):
        if not np.isnan(values[t]):
            seen += 1
            average = ema_step(average, seen, values[t], n)
        if seen >= n:
            out[t] = average
    return out

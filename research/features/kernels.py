"""The small loops that features are made of: trailing median, Wilder's mean, EMA.

All are causal: row t of a result depends on rows <= t of the input. NaN means unknown.
"""

import numpy as np

from research.arrays import Floats
from research.jit import kernel

__all__ = ["ema", "median_before", "wilder_mean"]


@kernel
def _place(window: Floats, size: int, value: float) -> int:
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        if window[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low


@kernel
def _replace(window: Floats, size: int, leave: float, enter: float) -> int:
    # window[:size] is sorted and holds `leave`; NaN for either means there is none.
    # One shift between the two places instead of a delete and an insert.
    if np.isnan(leave) and np.isnan(enter):
        return size
    hole = size if np.isnan(leave) else _place(window, size, leave)
    after = size if np.isnan(leave) else size - 1
    goal = after if np.isnan(enter) else _place(window, size, enter)
    if goal > hole and not np.isnan(enter):
        goal -= 1
    for i in range(hole, goal):
        window[i] = window[i + 1]
    for i in range(hole, goal, -1):
        window[i] = window[i - 1]
    if np.isnan(enter):
        return after
    window[goal] = enter
    return after + 1


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
        if size * 6 >= n:
            middle = size // 2
            if size % 2 == 1:
                out[t] = window[middle]
            else:
                out[t] = (window[middle - 1] + window[middle]) / 2
        leave = values[t - n] if t >= n else np.nan
        size = _replace(window, size, leave, values[t])
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
            if seen < n:
                mean += values[t]
            elif seen == n:
                mean = (mean + values[t]) / n
            else:
                mean = (mean * (n - 1) + values[t]) / n
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
    weight = 2.0 / (n + 1.0)
    average = 0.0
    seen = 0
    for t in range(values.size):
        if not np.isnan(values[t]):
            seen += 1
            if seen < n:
                average += values[t]
            elif seen == n:
                average = (average + values[t]) / n
            else:
                average += weight * (values[t] - average)
        if seen >= n:
            out[t] = average
    return out

"""One minute of each feature that remembers: steps that the batch loops and the stream takes.

No case of their own among the kernels' laws: the batches that loop them have it.
"""

import math

import numpy as np

from research.arrays import Floats
from research.jit import inlined_kernel, kernel

__all__ = ["deviation_pct", "ema_step", "middle_of", "range_step", "slide", "wilder_step"]


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
def slide(window: Floats, size: int, leave: float, enter: float) -> int:
    """The new size of the sorted ``window[:size]``, in which ``leave`` made place for ``enter``.

    NaN for either means there is none.
    """
    # one shift between the two places instead of a delete and an insert
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


@inlined_kernel
def middle_of(window: Floats, size: int, n: int) -> float:
    """Median of the sorted ``window[:size]``, NaN where it holds less than a sixth of ``n``."""
    if size * 6 < n:
        return np.nan
    middle = size // 2
    if size % 2 == 1:
        return float(window[middle])
    return float((window[middle - 1] + window[middle]) / 2)


@inlined_kernel
def wilder_step(mean: float, seen: int, value: float, n: int) -> float:
    """Wilder's mean after its value number ``seen`` (from 1); a plain sum before the nth."""
    if seen < n:
        return mean + value
    if seen == n:
        return (mean + value) / n
    return (mean * (n - 1) + value) / n


@inlined_kernel
def ema_step(average: float, seen: int, value: float, n: int) -> float:
    """The average after its value number ``seen`` (from 1); a plain sum before the nth."""
    if seen < n:
        return average + value
    if seen == n:
        return (average + value) / n
    return average + 2.0 / (n + 1.0) * (value - average)


@inlined_kernel
def range_step(high: float, low: float, previous: float) -> float:
    """The range of a present minute, widened to the last close before it; NaN without one."""
    if np.isnan(previous):
        return np.nan
    return max(high, previous) - min(low, previous)


@kernel
def deviation_pct(returns: Floats, stop: int, n: int) -> float:
    """Standard deviation (ddof 1) of ``returns[stop - n : stop]``, times 100; NaN if any is."""
    total = 0.0
    for i in range(stop - n, stop):
        total += returns[i]
    mean = total / n
    squares = 0.0
    for i in range(stop - n, stop):
        deviation = returns[i] - mean
        squares += deviation * deviation
    return math.sqrt(squares / (n - 1)) * 100

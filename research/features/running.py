"""Features minute by minute: the steps of the batch, with what they remember in one place.

Equal to :func:`research.features.panel.features` bit for bit, whatever the first minute was.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from research.arrays import Floats, Ints
from research.features.bars import TIMEFRAMES
from research.features.steps import (
    deviation_pct,
    ema_step,
    middle_of,
    range_step,
    slide,
    wilder_step,
)
from research.features.trend import FAST, SLOW
from research.jit import kernel

__all__ = ["NAMES", "Lookbacks", "Running", "advance", "start"]

NAMES = (
    *("spread_pct", "basis_pct", "spread_excess_pct", "atr_pct", "realized_vol_pct"),
    *(f"rsi_{name}" for name in TIMEFRAMES),
    "mtf_aligned",
)
"""What a minute makes known, in the order of the row that :func:`advance` fills."""

_RSI, _ALIGNED = 5, 10
_BAR_MIN = np.array(list(TIMEFRAMES.values()), dtype=np.int64)
_FRAMES = len(TIMEFRAMES)
# columns of Running.bars and Running.bar_counts
_LAST, _PREVIOUS, _GAIN, _LOSS, _EMA_FAST, _EMA_SLOW = range(6)
_BEGUN, _CHANGES, _BARS = range(3)
# of Running.ranges and Running.counts
_RANGE_CLOSE, _RANGE_MEAN = range(2)
_ROWS, _KNOWN, _RANGES = range(3)


class Lookbacks(NamedTuple):
    """Minutes, and bars of the RSIs; the fields of ``FeatureSettings``."""

    basis_min: int
    atr_min: int
    realized_vol_min: int
    rsi_bars: int


class Running(NamedTuple):
    """All that features remember between two minutes: arrays that :func:`advance` changes."""

    closes: Any  # Binance closes by row modulo the longest window + 1
    returns: Any  # one-minute log returns, each written twice: any window lies in one piece
    spreads: Any  # spread_pct by row modulo basis_min
    ordered: Any  # the known ones of them, sorted
    ranges: Any  # last close and Wilder mean of the true range
    bars: Any  # (timeframes, 6): last, previous close, gain, loss, fast and slow average
    counts: Any  # int64: rows, known spreads, true ranges
    bar_counts: Any  # int64 (timeframes, 3): whether begun, changes, bars


def start(lookbacks: Lookbacks, longest_window: int) -> Running:
    """What is remembered before the first minute; ``longest_window``: of lead returns, minutes."""
    bars = np.zeros((_FRAMES, 6))
    bars[:, :2] = np.nan
    return Running(
        closes=np.full(longest_window + 1, np.nan),
        returns=np.full(2 * lookbacks.realized_vol_min, np.nan),
        spreads=np.full(lookbacks.basis_min, np.nan),
        ordered=np.empty(lookbacks.basis_min),
        ranges=np.array([np.nan, 0.0]),
        bars=bars,
        counts=np.zeros(3, np.int64),
        bar_counts=np.zeros((_FRAMES, 3), np.int64),
    )


def advance(
    running: Running,
    lookbacks: Lookbacks,
    windows: Ints,
    minute: int,
    candle: Floats,
    out: Floats,
    leads: Floats,
) -> None:
    """Takes one minute: fills ``out`` with its features, ``leads`` with Binance's returns.

    Parameters
    ----------
    windows : array, shape (w,)
        Minutes of the lead returns that are asked for.
    minute
        Epoch minute: the one after the last.
    candle : array, shape (4,)
        Binance high, low and close, dYdX close; NaN where the venue did not trade.
    out : array, shape (11,) or longer
        Percent, RSI or sign in the order of :data:`NAMES`; NaN where unknown.
    leads : array, shape (w,)
        Percent; NaN where unknown.
    """
    # arrays one by one: a call with tuples of arrays takes four times as long to find its types
    _advance(*running, *lookbacks, windows, minute, candle, out, leads)


@kernel
def _advance(
    closes: Floats,
    returns: Floats,
    spreads: Floats,
    ordered: Floats,
    ranges: Floats,
    bars: Floats,
    counts: Ints,
    bar_counts: Ints,
    basis_min: int,
    atr_min: int,
    realized_vol_min: int,
    rsi_bars: int,
    windows: Ints,
    minute: int,
    candle: Floats,
    out: Floats,
    leads: Floats,
) -> None:
    running = Running(closes, returns, spreads, ordered, ranges, bars, counts, bar_counts)
    row = counts[_ROWS]
    _volatility(running, atr_min, realized_vol_min, row, candle, out)
    _spread(running, basis_min, row, candle, out)
    total = 0.0
    for k in range(_FRAMES):
        _bar(running, k, minute, candle[2], rsi_bars)
        out[_RSI + k] = _rsi(running, k, rsi_bars)
        total += _sign(running, k)
    agree = np.sign(total) if abs(total) == _FRAMES else 0.0
    out[_ALIGNED] = np.nan if np.isnan(total) else agree
    for k in range(len(windows)):
        leads[k] = _lead(running, row, windows[k])
    counts[_ROWS] = row + 1


@kernel
def _lead(running: Running, row: int, window: int) -> float:
    if row < window:
        return np.nan
    size = len(running.closes)
    before = running.closes[(row - window) % size]
    return float((running.closes[row % size] - before) / before * 100)


@kernel
def _volatility(
    running: Running, atr_min: int, n: int, row: int, candle: Floats, out: Floats
) -> None:
    high, low, close = candle[0], candle[1], candle[2]
    size = len(running.closes)
    before = running.closes[(row - 1) % size] if row > 0 else np.nan
    running.closes[row % size] = close
    change = math.log(close / before)
    running.returns[row % n] = change
    running.returns[row % n + n] = change
    # the window ends with this row: it begins one slot on, in the first copy or across both
    out[4] = deviation_pct(running.returns, row % n + n + 1, n) if row >= n else np.nan
    out[3] = np.nan
    if np.isnan(high) or np.isnan(low) or np.isnan(close):
        return
    true_range = range_step(high, low, running.ranges[_RANGE_CLOSE])
    running.ranges[_RANGE_CLOSE] = close
    if np.isnan(true_range):
        return
    running.counts[_RANGES] += 1
    seen = running.counts[_RANGES]
    mean = wilder_step(running.ranges[_RANGE_MEAN], seen, true_range, atr_min)
    running.ranges[_RANGE_MEAN] = mean
    if seen >= atr_min:
        out[3] = mean / close * 100


@kernel
def _spread(running: Running, n: int, row: int, candle: Floats, out: Floats) -> None:
    close, dydx_close = candle[2], candle[3]
    out[0] = (dydx_close - close) / close * 100
    out[1] = middle_of(running.ordered, running.counts[_KNOWN], n)
    out[2] = out[0] - out[1]
    leave = running.spreads[row % n]  # NaN on the first n rows
    running.counts[_KNOWN] = slide(running.ordered, running.counts[_KNOWN], leave, out[0])
    running.spreads[row % n] = out[0]


@kernel
def _bar(running: Running, k: int, minute: int, close: float, rsi_bars: int) -> None:
    bar, counts, place = running.bars[k], running.bar_counts[k], minute % _BAR_MIN[k]
    if place == 0:
        counts[_BEGUN] = 1
    if counts[_BEGUN] == 0:
        return
    if not np.isnan(close):
        bar[_LAST] = close
    if place < _BAR_MIN[k] - 1:
        return
    last, bar[_LAST] = bar[_LAST], np.nan
    if np.isnan(last):
        return
    previous, bar[_PREVIOUS] = bar[_PREVIOUS], last
    if not np.isnan(previous):
        counts[_CHANGES] += 1
        seen = counts[_CHANGES]
        bar[_GAIN] = wilder_step(bar[_GAIN], seen, max(last - previous, 0.0), rsi_bars)
        bar[_LOSS] = wilder_step(bar[_LOSS], seen, max(previous - last, 0.0), rsi_bars)
    counts[_BARS] += 1
    bar[_EMA_FAST] = ema_step(bar[_EMA_FAST], counts[_BARS], last, FAST)
    bar[_EMA_SLOW] = ema_step(bar[_EMA_SLOW], counts[_BARS], last, SLOW)


@kernel
def _rsi(running: Running, k: int, rsi_bars: int) -> float:
    gain, moved = running.bars[k, _GAIN], running.bars[k, _GAIN] + running.bars[k, _LOSS]
    if running.bar_counts[k, _CHANGES] < rsi_bars or not moved > 0:
        return np.nan
    return float(gain / moved * 100)


@kernel
def _sign(running: Running, k: int) -> float:
    if running.bar_counts[k, _BARS] < SLOW:
        return np.nan
    return float(np.sign(running.bars[k, _EMA_FAST] - running.bars[k, _EMA_SLOW]))

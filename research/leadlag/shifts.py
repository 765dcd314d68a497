"""How two series of returns hang together when one is moved along the clock.

Two estimators of the same curve. A positive shift means: dYdX does ``shift`` minutes later what
Binance does now.

*Cross-correlation* takes one-minute returns where both ends traded. *The contrast* of Hoffmann,
Rosenbaum and Yoshida (2013, "Estimation of the lead-lag parameter from non-synchronous data",
Bernoulli 19) is the covariation of Hayashi and Yoshida with one side's stamps moved: every pair of
increments whose intervals overlap, so that a minute without a trade makes a longer increment and
no false zero. The lead-lag ratio (Huth and Abergel 2014, "High frequency lead/lag relationships",
J. Empirical Finance 26) is the sum of squares on the side where Binance leads over the other side.
"""

from dataclasses import dataclass

import numpy as np

from research.arrays import Bools, Floats, Ints
from research.errors import EvidenceError
from research.leadlag.minutes import PairMinutes, moved
from research.leadlag.resample import (
    CELL_MIN,
    band,
    cell_rows,
    cell_sums,
    in_all_cells,
    resampled,
)

__all__ = ["ShiftCurve", "contrast", "contrast_sums", "correlation_sums", "cross_correlation"]

MAX_STEP_MIN = 30  # a longer silence breaks a series: no increment across it
MIN_PAIRS = 60  # pairs of returns at each shift


@dataclass(frozen=True, slots=True, eq=False)
class ShiftCurve:
    """Correlation by shift; arrays of shape (shifts,), all read as: dYdX ``shift`` min later."""

    shift: Ints  # minutes, from -most to most
    value: Floats  # correlation, -1..1
    low: Floats  # 95 % band by block bootstrap, shift by shift
    high: Floats
    pairs: int  # lead returns that the curve rests on
    best_shift: int  # the shift of the largest absolute value
    best_share: float  # share of resamples that name the same shift
    ratio: float  # lead-lag ratio: above 1 Binance leads; NaN where one side is empty
    ratio_low: float
    ratio_high: float


def cross_correlation(pair: PairMinutes, inside: Bools, shifts: Ints, counts: Floats) -> ShiftCurve:
    """Correlation of Binance's return over minute t with dYdX's over ``t + shift``.

    Parameters
    ----------
    pair : PairMinutes
        n minutes.
    inside : bool array, shape (n,)
        Minutes t that count: a segment.
    shifts : int64 array, shape (shifts,)
        Minutes, symmetric around 0.
    counts : array, shape (draws, cells)
        Resamples, see :func:`research.leadlag.resample.block_counts`.

    Raises
    ------
    EvidenceError
        Fewer than 60 pairs at a shift, or a side whose returns are all the same.
    """
    sums = correlation_sums(pair, inside, shifts)
    total = sums.sum(axis=0)
    pairs = int(total[::6].min())
    return _curve(shifts, _pearson(total), _pearson(resampled(sums, counts)), pairs)


def contrast(pair: PairMinutes, inside: Bools, shifts: Ints, counts: Floats) -> ShiftCurve:
    """The Hoffmann-Rosenbaum-Yoshida contrast by shift, as a correlation.

    Parameters and Raises: as :func:`cross_correlation`. A Binance increment belongs to the
    segment of the minute in which it ends.
    """
    sums = contrast_sums(pair, inside, shifts)
    pairs = int(np.count_nonzero(inside & ~np.isnan(_increments(pair.lead))))
    total = sums.sum(axis=0)
    return _curve(shifts, _scaled(total), _scaled(resampled(sums, counts)), pairs)


def correlation_sums(pair: PairMinutes, inside: Bools, shifts: Ints) -> Floats:
    """Per cell, for each shift (1, x, y, xx, yy, xy) over its pairs; shape (cells, 6 * shifts)."""
    x, y = np.diff(pair.lead, prepend=np.nan), np.diff(pair.follow, prepend=np.nan)
    cells, rows = cell_rows(inside)
    x, cell = np.where(inside, x, np.nan)[rows], rows // CELL_MIN
    has_x, parts = ~np.isnan(x), []
    for shift in shifts.tolist():
        later = moved(y, shift)[rows]
        is_pair = has_x & ~np.isnan(later)
        a, b = np.where(is_pair, x, 0.0), np.where(is_pair, later, 0.0)
        parts.append(cell_sums(np.stack((is_pair, a, b, a * a, b * b, a * b), axis=1), cell))
    return in_all_cells(np.concatenate(parts, axis=1), cells, len(pair))


def contrast_sums(pair: PairMinutes, inside: Bools, shifts: Ints) -> Floats:
    """Per cell: each shift's products of overlapping increments, then both squares.

    Shape (cells, shifts + 2). An increment of Binance over ``(s, e]`` meets all of dYdX's that
    overlap ``(s + shift, e + shift]``; their sum is a difference of two prices, so that
    a shift costs n steps.
    """
    n = len(pair)
    dx, dy = _increments(pair.lead), _increments(pair.follow)
    begin = _begins(pair.lead)
    # dYdX's price as the sum of its increments, at the observation before and after each minute
    level = np.cumsum(np.where(np.isnan(dy), 0.0, dy))
    is_seen = ~np.isnan(pair.follow)
    rows = np.arange(n)
    before = np.maximum.accumulate(np.where(is_seen, rows, -1))
    after = np.minimum.accumulate(np.where(is_seen, rows, n)[::-1])[::-1]
    low = np.where(before < 0, 0.0, level[before])
    high = np.where(after == n, level[-1], level[np.minimum(after, n - 1)])
    cells, used = cell_rows(inside)
    cell = used // CELL_MIN
    step = np.where(inside & ~np.isnan(dx), dx, 0.0)[used]
    rows, begin = rows[used], begin[used]
    parts = []
    for shift in shifts.tolist():
        met = _at(high, rows + shift, level[-1]) - _at(low, begin + shift, level[-1])
        parts.append(cell_sums((step * met)[:, np.newaxis], cell))
    other = np.where(inside & ~np.isnan(dy), dy, 0.0)[used]
    parts.append(cell_sums(np.stack((step**2, other**2), axis=1), cell))
    return in_all_cells(np.concatenate(parts, axis=1), cells, n)


def _at(level: Floats, rows: Ints, last: float) -> Floats:
    """``level`` at ``rows``: 0 before the first row, ``last`` after the last."""
    n = level.size
    return np.where(rows < 0, 0.0, np.where(rows >= n, last, level[np.clip(rows, 0, n - 1)]))


def _begins(price: Floats) -> Ints:
    """The observation before each row, -1 before the first."""
    seen = np.maximum.accumulate(np.where(np.isnan(price), -1, np.arange(price.size)))
    return np.concatenate((np.array([-1]), seen[:-1]))


def _increments(price: Floats) -> Floats:
    """Change since the observation before; NaN without one, and after too long a silence."""
    begin = _begins(price)
    step = np.arange(price.size) - begin
    has_start = (begin >= 0) & (step <= MAX_STEP_MIN)
    return np.where(has_start, price - price[begin], np.nan)


def _pearson(sums: Floats) -> Floats:
    n, x, y, xx, yy, xy = (sums[..., k::6] for k in range(6))
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = (xy - x * y / n) / np.sqrt((xx - x * x / n) * (yy - y * y / n))
    return found


def _scaled(sums: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = sums[..., :-2] / np.sqrt(sums[..., -2:-1] * sums[..., -1:])
    return found


def _curve(shifts: Ints, value: Floats, draws: Floats, pairs: int) -> ShiftCurve:
    if pairs < MIN_PAIRS:
        raise EvidenceError(
            f"{pairs} pairs of returns; a curve needs {MIN_PAIRS}: take more days or a wider "
            "segment"
        )
    if not np.isfinite(value).all():
        raise EvidenceError("the returns of one venue are all the same: there is nothing to follow")
    low, high = band(draws)
    best = int(np.argmax(np.abs(value)))
    ratios = _ratio(shifts, draws)
    ratio_low, ratio_high = band(ratios)
    return ShiftCurve(
        shift=shifts,
        value=value,
        low=low,
        high=high,
        pairs=pairs,
        best_shift=int(shifts[best]),
        best_share=float((np.argmax(np.abs(draws), axis=1) == best).mean()),
        ratio=float(_ratio(shifts, value)),
        ratio_low=float(ratio_low),
        ratio_high=float(ratio_high),
    )


def _ratio(shifts: Ints, value: Floats) -> Floats:
    squares = value * value
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = squares[..., shifts > 0].sum(-1) / squares[..., shifts < 0].sum(-1)
    return found

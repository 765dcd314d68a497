"""Least squares whose errors may be correlated over time and whose minutes may be missing.

Newey and West (1987, Econometrica 55) with Bartlett weights. A missing minute keeps its place: its
score is zero, so that ``lags`` are minutes of the clock and not rows of a shortened table (the
amplitude-modulated estimator of Datta and Du 2012, "Nonparametric HAC estimation for time series
data with missing observations").
"""

import math
from dataclasses import dataclass

import numpy as np

from research.arrays import Floats, Ints
from research.errors import EvidenceError

__all__ = ["Fit", "hac_fit", "newey_west_lags"]


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Coefficients with their errors; arrays of shape (regressors,)."""

    coef: Floats
    std_error: Floats
    rows: int  # minutes that were known
    r2: float

    @property
    def t(self) -> Floats:
        """Coefficients in their standard errors."""
        return self.coef / self.std_error

    @property
    def p_value(self) -> Floats:
        """Two-sided, normal: a fit has at least 20 minutes a regressor."""
        return np.array([math.erfc(abs(t) / math.sqrt(2)) for t in self.t.tolist()])


def newey_west_lags(rows: int, overlap: int = 0) -> int:
    """``floor(4 (rows / 100)^(2/9))`` (Newey and West 1994), and never fewer than ``overlap``."""
    return max(int(4 * (rows / 100) ** (2 / 9)), overlap)


def hac_fit(y: Floats, x: Floats, lags: int, minute: Ints | None = None) -> Fit:
    """Ordinary least squares of ``y`` on ``x`` with Newey-West errors.

    Parameters
    ----------
    y : array, shape (n,)
        NaN where unknown.
    x : array, shape (n, regressors)
        The constant included; a row with a NaN is unknown.
    lags : int
        Minutes over which errors hang together, >= 0.
    minute : int64 array, shape (n,), optional
        The minute of each row, rising; left out, they follow each other.

    Raises
    ------
    EvidenceError
        Fewer than 20 known minutes a regressor, regressors that say the same, or a
        constant ``y``.
    """
    at = np.flatnonzero(~(np.isnan(y) | np.isnan(x).any(axis=1)))
    rows, width = at.size, x.shape[1]
    if rows < 20 * width:
        raise EvidenceError(
            f"{rows} known minutes for {width} regressors; a regression needs {20 * width}: "
            "take more days or a wider segment"
        )
    known, told = x[at], y[at]
    if np.ptp(told) == 0:
        raise EvidenceError("what is to be explained is the same in all minutes")
    gram: Floats = np.asarray(known.T @ known)
    scale = np.sqrt(np.diag(gram))
    if not (scale > 0).all() or np.linalg.cond(gram / np.outer(scale, scale)) > 1e12:
        raise EvidenceError("a regressor is constant, or says the same as another")
    coef = np.asarray(np.linalg.solve(gram, known.T @ told), dtype=np.float64)
    residual = told - known @ coef
    bread = np.linalg.inv(gram)
    when = at if minute is None else minute[at]
    covariance = bread @ _long_run(known * residual[:, np.newaxis], when, lags) @ bread
    spread = told - told.mean()
    return Fit(
        coef=coef,
        std_error=np.sqrt(np.maximum(np.diag(covariance), 0.0)),
        rows=rows,
        r2=float(1 - residual @ residual / (spread @ spread)),
    )


def _long_run(scores: Floats, minute: Ints, lags: int) -> Floats:
    """Long-run covariance of scores that are known in some minutes, rising, and zero in others."""
    step = np.minimum(np.diff(minute, prepend=minute[0]), lags + 1)  # a longer silence adds nothing
    place = np.cumsum(step)
    on_clock = np.zeros((place[-1] + 1, scores.shape[1]))
    on_clock[place] = scores
    total: Floats = on_clock.T @ on_clock
    for lag in range(1, min(lags, len(on_clock) - 1) + 1):
        product = on_clock[lag:].T @ on_clock[:-lag]
        total = total + (1 - lag / (lags + 1)) * (product + product.T)
    return total

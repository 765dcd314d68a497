"""Least squares whose errors may be correlated over time and whose minutes may be missing.

Newey and West (1987, Econometrica 55) with Bartlett weights. A missing minute keeps its place: its
score is zero, so that ``lags`` are minutes of the clock and not rows of a shortened table (the
amplitude-modulated estimator of Datta and Du 2012, "Nonparametric HAC estimation for time series
data with missing observations").
"""

import math
from dataclasses import dataclass

import numpy as np

from research.arrays import Floats
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


def hac_fit(y: Floats, x: Floats, lags: int) -> Fit:
    """Ordinary least squares of ``y`` on ``x`` with Newey-West errors.

    Parameters
    ----------
    y : array, shape (n,)
        One row a minute; NaN where unknown.
    x : array, shape (n, regressors)
        The constant included; a row with a NaN is unknown.
    lags : int
        Minutes over which errors hang together, >= 0.

    Raises
    ------
    EvidenceError
        Fewer than 20 known minutes a regressor, regressors that say the same, or a
        constant ``y``.
    """
    is_known = ~(np.isnan(y) | np.isnan(x).any(axis=1))
    rows, width = int(is_known.sum()), x.shape[1]
    if rows < 20 * width:
        raise EvidenceError(
            f"{rows} known minutes for {width} regressors; a regression needs {20 * width}: "
            "take more days or a wider segment"
        )
    if np.ptp(y[is_known]) == 0:
        raise EvidenceError("what is to be explained is the same in all minutes")
    known: Floats = x[is_known]
    gram: Floats = np.asarray(known.T @ known)
    scale = np.sqrt(np.diag(gram))
    if not (scale > 0).all() or np.linalg.cond(gram / np.outer(scale, scale)) > 1e12:
        raise EvidenceError("a regressor is constant, or says the same as another")
    coef = np.asarray(np.linalg.solve(gram, known.T @ y[is_known]), dtype=np.float64)
    residual = y[is_known] - known @ coef
    scores = np.zeros_like(x)
    scores[is_known] = known * residual[:, np.newaxis]
    bread = np.linalg.inv(gram)
    covariance = bread @ _long_run(scores, lags) @ bread
    spread = y[is_known] - y[is_known].mean()
    return Fit(
        coef=coef,
        std_error=np.sqrt(np.maximum(np.diag(covariance), 0.0)),
        rows=rows,
        r2=float(1 - residual @ residual / (spread @ spread)),
    )


def _long_run(scores: Floats, lags: int) -> Floats:
    total: Floats = scores.T @ scores
    for lag in range(1, min(lags, len(scores) - 1) + 1):
        product = scores[lag:].T @ scores[:-lag]
        total = total + (1 - lag / (lags + 1)) * (product + product.T)
    return total

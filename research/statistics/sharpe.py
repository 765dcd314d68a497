"""How large a Sharpe ratio must be to mean something: probabilistic, deflated, track record.

Sharpe ratios here are per observation (not annualised): mean over standard deviation.

Sources: Bailey & Lopez de Prado, "The Sharpe ratio efficient frontier" (2012; PSR and minimum
track record length) and "The deflated Sharpe ratio" (2014; expected maximum of N trials).
Both correct the error of a Sharpe ratio for skewness and kurtosis.

Example
-------
The example of the 2014 paper: an annualised Sharpe ratio of 2.5 over five years of daily returns,
the best of 100 trials whose annualised ratios vary by 1/2, skewness -3, kurtosis 10:

>>> luck = expected_maximum(trials=100, variance=0.5 / 250)
>>> f"{luck:.4f}"
'0.1132'
>>> moments = Moments(n=1250, sharpe=2.5 / 250**0.5, skewness=-3.0, kurtosis=10.0)
>>> f"{probabilistic_sharpe(moments, luck):.4f}"
'0.9004'
"""

import math
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from research.arrays import Floats
from research.errors import EvidenceError

__all__ = [
    "Moments",
    "expected_maximum",
    "minimum_track_record",
    "moments_of",
    "probabilistic_sharpe",
]

_NORMAL = NormalDist()
_EULER = 0.5772156649015329


class Moments(NamedTuple):
    """What a list of returns says of its own Sharpe ratio."""

    n: int
    sharpe: float  # per observation
    skewness: float
    kurtosis: float  # 3 for a normal distribution


def moments_of(net_pct: Floats) -> Moments:
    """The moments of returns, shape (n,). Raises :class:`EvidenceError` below 3 or if constant."""
    net = np.asarray(net_pct, dtype=np.float64)
    if net.size < 3 or not np.isfinite(net).all():
        raise EvidenceError(f"{net.size} returns: at least 3 known ones are needed for a ratio")
    centred = net - net.mean()
    variance = float(np.mean(centred**2))
    if not variance > 1e-24:
        raise EvidenceError(f"{net.size} returns, all {net[0]:+g} %: a ratio without spread")
    skewness = float(np.mean(centred**3)) / variance**1.5
    kurtosis = float(np.mean(centred**4)) / variance**2
    return Moments(net.size, float(net.mean()) / float(net.std(ddof=1)), skewness, kurtosis)


def probabilistic_sharpe(moments: Moments, benchmark: float = 0.0) -> float:
    """Probability that the true Sharpe ratio is above ``benchmark``.

    With the ratio that luck alone would reach (:func:`expected_maximum`) as benchmark it is the
    deflated Sharpe ratio.
    """
    z = (moments.sharpe - benchmark) * math.sqrt(moments.n - 1) / math.sqrt(_spread(moments))
    return _NORMAL.cdf(z)


def expected_maximum(*, trials: int, variance: float) -> float:
    """The Sharpe ratio that the best of ``trials`` without any edge reaches on average.

    ``variance``: of the Sharpe ratios over the trials. One trial needs no luck: 0.

    Raises
    ------
    EvidenceError
        The number of trials is not known (below 1), or the variance is no number.
    """
    if trials < 1:
        raise EvidenceError(
            f"{trials} trials: the number of sets looked at is unknown; run the search with "
            "its books, or name it"
        )
    if not (math.isfinite(variance) and variance >= 0):
        raise EvidenceError(f"variance of the trials' Sharpe ratios = {variance}: must be >= 0")
    if trials == 1:
        return 0.0
    high = _NORMAL.inv_cdf(1 - 1 / trials)
    higher = _NORMAL.inv_cdf(1 - 1 / (trials * math.e))
    return math.sqrt(variance) * ((1 - _EULER) * high + _EULER * higher)


def minimum_track_record(
    moments: Moments, benchmark: float = 0.0, confidence: float = 0.95
) -> float:
    """How many observations it takes to believe ``sharpe > benchmark``; infinite if it is not."""
    if moments.sharpe <= benchmark:
        return math.inf
    z = _NORMAL.inv_cdf(confidence)
    return 1 + _spread(moments) * (z / (moments.sharpe - benchmark)) ** 2


def _spread(moments: Moments) -> float:
    ratio = moments.sharpe
    spread = 1 - moments.skewness * ratio + (moments.kurtosis - 1) / 4 * ratio**2
    return max(spread, 1e-12)

"""The one lower bound of a mean: what reports show, searches maximise and trials ask for.

``mean - q * std / sqrt(n)`` with the one-sided quantile q of the normal distribution, and below
:data:`FEW` values that of Student's t with n - 1 degrees of freedom (SEMANTICS.md, section 8).
"""

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from research.arrays import Floats
from research.jit import inlined_kernel

__all__ = ["CONFIDENCE", "FEW", "NORMAL_95", "lower_bound", "lower_bounds", "quantiles"]

CONFIDENCE = 0.95
"""Of the bound in reports, grids and studies, one-sided."""
FEW = 30
"""Fewer values than this have Student's t."""
NORMAL_95 = 1.645
"""The 95 % quantile of the normal distribution, as the definitions round it."""

# Student's t, 0.95 one-sided, for 1 to 28 degrees of freedom: Abramowitz & Stegun 1964, table
# 26.10, here with all digits of a float64
_STUDENT_95 = (
    *(6.313751514675037, 2.9199855803537242, 2.3533634348018233, 2.1318467863266495),
    *(2.0150483733330233, 1.9431802805153042, 1.8945786050900062, 1.8595480375308973),
    *(1.833112932656237, 1.8124611228116756, 1.7958848187040433, 1.782287555649319),
    *(1.7709333959868725, 1.761310135774891, 1.753050355692572, 1.7458836762762495),
    *(1.7396067260750725, 1.7340636066175388, 1.7291328115213682, 1.7247182429207866),
    *(1.720742902811878, 1.7171443743802424, 1.713871527747048, 1.710882079909428),
    *(1.7081407612518986, 1.7056179197592727, 1.7032884457221265, 1.7011309342659313),
)
_QUANTILES_95 = np.array([math.nan, math.nan, *_STUDENT_95, NORMAL_95])  # by n, the last for all


@inlined_kernel
def lower_bound(mean: float, std: float, n: float) -> float:
    """The 95 % lower bound of one mean, in kernels; bit for bit that of :func:`lower_bounds`."""
    return float(mean - _QUANTILES_95[min(int(n), FEW)] * std / np.sqrt(n))


def lower_bounds(
    mean: ArrayLike, std: ArrayLike, n: ArrayLike, confidence: float = CONFIDENCE
) -> Floats:
    """One-sided lower bounds of means of ``n`` values each, in their unit.

    Parameters
    ----------
    mean, std : array, shapes that broadcast
        Means and standard deviations with ddof 1.
    n : int array
        How many values each mean is of; NaN below 2.
    confidence : float
        Above 0.5, below 1. The quantile of 0.95 is rounded, see :data:`NORMAL_95`.
    """
    error = quantiles(n, confidence) * np.asarray(std) / np.sqrt(np.maximum(n, 1))
    return np.asarray(mean - error, dtype=np.float64)


def quantiles(n: ArrayLike, confidence: float = CONFIDENCE) -> Floats:
    """How many standard errors below a mean of ``n`` values its lower bound lies; NaN below 2.

    Raises
    ------
    ValueError
        ``confidence`` is not in (0.5, 1).
    """
    by_n = _QUANTILES_95 if confidence == CONFIDENCE else _quantiles_by_n(confidence)
    found: Floats = by_n[np.clip(n, 0, FEW)]
    return found


def _quantiles_by_n(confidence: float) -> Floats:
    if not 0.5 < confidence < 1:
        raise ValueError(f"confidence must be in (0.5, 1), was {confidence}")
    students = [_student(confidence, freedom) for freedom in range(1, FEW - 1)]
    return np.array([math.nan, math.nan, *students, NormalDist().inv_cdf(confidence)])


def _student(confidence: float, freedom: int) -> float:
    """Quantile of Student's t by halving the angle whose tangent is t / sqrt(freedom)."""
    low, high = 0.0, math.pi / 2
    while low < (middle := (low + high) / 2) < high:
        is_below = _share_within(middle, freedom) < 2 * confidence - 1
        low, high = (middle, high) if is_below else (low, middle)
    return math.sqrt(freedom) * math.tan(low)


def _share_within(angle: float, freedom: int) -> float:
    """P(|t| <= sqrt(freedom) * tan(angle)): Abramowitz & Stegun 1964, 26.7.3 and 26.7.4."""
    is_odd = freedom % 2
    term = math.cos(angle) if is_odd else 1.0
    total = 0.0
    for k in range(2 + is_odd, freedom + 1, 2):
        total += term
        term *= math.cos(angle) ** 2 * (k - 1) / k
    if is_odd:
        return (angle + math.sin(angle) * total) * 2 / math.pi
    return math.sin(angle) * total

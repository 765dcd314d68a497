"""What would be needed to tell an edge of the size seen from zero.

A mean m with cluster-robust standard error s over T days is proven at level a with chance b once
``m / (s * sqrt(T / T'))`` reaches ``z(1 - a) + z(b)``: ``T' = T * ((z(1 - a) + z(b)) * s / m)**2``
days of the same trades (the textbook sample size of a one-sided z-test).
"""

import math
from statistics import NormalDist

from research.statistics.mean_test import MeanTest

__all__ = ["POWER", "days_needed"]

POWER = 0.8
_NORMAL = NormalDist()


def days_needed(test: MeanTest, days: float, level: float, power: float = POWER) -> float:
    """Days of evidence at this rate of trades until ``test.mean`` is proven; infinite if <= 0.

    Parameters
    ----------
    days
        Length of the evidence so far, calendar days.
    level
        One-sided level that the test must reach.
    """
    if not test.mean > 0:
        return math.inf
    quantiles = _NORMAL.inv_cdf(1 - level) + _NORMAL.inv_cdf(power)
    return days * (quantiles * test.std_error / test.mean) ** 2

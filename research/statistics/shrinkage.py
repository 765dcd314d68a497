"""Children borrow strength from their parent: empirical-Bayes shrinkage of means.

The true means of segments scatter around their parent's with variance tau^2, each is seen with an
error of its own. tau^2 is estimated by moments (DerSimonian & Laird 1986) and a mean is drawn to
the parent by the share of its scatter that is error: Efron & Morris 1975,
``shrunken = parent + tau^2 / (tau^2 + se^2) * (own - parent)``.

Example
-------
>>> import numpy as np
>>> means, errors = np.array([0.10, 0.02, 0.00]), np.array([0.05, 0.01, 0.01])
>>> shrink(means, errors, parent=0.02).round(4).tolist()
[0.0252, 0.02, 0.0073]

The loud first child, seen with a large error, loses most of its distance.
"""

import numpy as np

from research.arrays import Floats
from research.errors import EvidenceError

__all__ = ["between_variance", "shrink"]


def shrink(means: Floats, std_errors: Floats, parent: float) -> Floats:
    """Means of children drawn towards ``parent``, shape (children,).

    A child with an unknown mean or error gets the parent's.

    Raises
    ------
    EvidenceError
        Shapes differ, a negative error, or an unknown parent.
    """
    means, errors = np.asarray(means, np.float64), np.asarray(std_errors, np.float64)
    if means.shape != errors.shape or (errors < 0).any() or not np.isfinite(parent):
        raise EvidenceError(
            f"means {means.shape}, errors {errors.shape}, parent {parent}: need one error >= 0 "
            "for each mean, and a known parent"
        )
    is_known = np.isfinite(means) & np.isfinite(errors)
    tau2 = between_variance(means[is_known], errors[is_known], parent)
    out = np.full(means.shape, float(parent))
    spread = tau2 + errors[is_known] ** 2
    trust = np.divide(tau2, spread, out=np.ones_like(spread), where=spread > 0)
    out[is_known] = parent + trust * (means[is_known] - parent)
    return out


def between_variance(means: Floats, std_errors: Floats, parent: float) -> float:
    """tau^2: what the scatter around ``parent`` is more than its errors explain, >= 0."""
    if means.size < 2:
        return 0.0
    weights = 1 / np.maximum(std_errors, 1e-12) ** 2
    excess = float(weights @ (means - parent) ** 2) - means.size
    return max(excess / float(weights.sum()), 0.0)

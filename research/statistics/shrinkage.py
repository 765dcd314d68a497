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


def shrink(means: Floats, std_errors: Floats, parent: "Floats | float") -> Floats:
    """Means of children drawn towards ``parent``; many families at once, side by side.

    Parameters
    ----------
    means, std_errors : array, shape (children,) or (children, families)
        A child with an unknown mean or error (NaN) gets the parent's.
    parent : float or array, shape (families,)

    Raises
    ------
    EvidenceError
        Shapes differ, a negative error, or an unknown parent.
    """
    means, errors = np.asarray(means, np.float64), np.asarray(std_errors, np.float64)
    above = np.asarray(parent, np.float64)
    fits = means.shape == errors.shape and above.shape == means.shape[1:]
    if not fits or (errors < 0).any() or not np.isfinite(above).all():
        raise EvidenceError(
            f"means {means.shape}, errors {errors.shape}, parent {parent}: need one error >= 0 "
            "for each mean, and a known parent for each family"
        )
    is_known = np.isfinite(means) & np.isfinite(errors)
    own, error = np.where(is_known, means, above), np.where(is_known, errors, 0.0)
    tau2 = between_variance(np.where(is_known, means, np.nan), errors, above)
    spread = tau2 + error**2
    trust = np.divide(tau2, spread, out=np.ones_like(spread), where=spread > 0)
    found: Floats = above + trust * (own - above)
    return found


def between_variance(means: Floats, std_errors: Floats, parent: "Floats | float") -> Floats:
    """tau^2: what the scatter around ``parent`` is more than its errors explain, >= 0.

    Shapes as :func:`shrink`; one value a family, 0 where fewer than two children are known.
    """
    is_known = np.isfinite(means) & np.isfinite(std_errors)
    weights = np.where(is_known, 1 / np.maximum(np.where(is_known, std_errors, 1.0), 1e-12) ** 2, 0)
    distance = np.where(is_known, means - parent, 0.0)
    known = is_known.sum(axis=0)
    excess = (weights * distance**2).sum(axis=0) - known
    total = weights.sum(axis=0)
    tau2 = np.divide(excess, total, out=np.zeros_like(total), where=total > 0)
    found: Floats = np.where(known >= 2, np.maximum(tau2, 0.0), 0.0)
    return found

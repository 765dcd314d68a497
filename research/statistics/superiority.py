"""Is the best of many sets better than doing nothing, given how many were looked at?

Hansen's test of superior predictive ability (2005) for the question, and the stepwise procedure
StepM of Romano & Wolf (2005) for which sets those are; by ``arch``'s draws of a stationary
bootstrap over blocks. They compare plain means, not studentised ones: a wild set may hide a quiet
good one. Over few periods they are too bold (at 5 %: 14 % of nulls over 12 days, 10 % over 33).
"""

from typing import Any, NamedTuple

import numpy as np

from research.arrays import Floats, Ints
from research.errors import EvidenceError

__all__ = ["Superiority", "superiority"]


class Superiority(NamedTuple):
    """What the tests said."""

    p_lower: float
    p_consistent: float  # the one to quote
    p_upper: float
    superior: Ints  # columns that StepM finds better than nothing, at the size asked for


def superiority(
    pnl: Floats, *, seed: int, size: float = 0.05, resamples: int = 1000, block: float = 3.0
) -> Superiority:
    """SPA and StepM of sets against earning nothing.

    Parameters
    ----------
    pnl : array, shape (periods, sets)
        Net pnl a period (a day), percent; 0 where a set did not trade.
    block
        Mean length of a bootstrap block, periods.

    Raises
    ------
    EvidenceError
        Fewer than 10 periods, an unknown pnl, or no set whose pnl varies.
    """
    from arch.bootstrap import SPA

    pnl = np.asarray(pnl, dtype=np.float64)
    if pnl.ndim != 2 or pnl.shape[0] < 10:
        raise EvidenceError(f"pnl of shape {pnl.shape}: needs (periods >= 10, sets)")
    if not np.isfinite(pnl).all():
        raise EvidenceError("a period's pnl is unknown (NaN): a set that did not trade earned 0")
    varies = np.flatnonzero(pnl.std(axis=0) > 1e-12)
    if not varies.size:
        raise EvidenceError(f"{pnl.shape[1]} sets, none with a pnl that varies: nothing to test")
    options: dict[str, Any] = {
        "block_size": max(round(block), 1),
        "reps": resamples,
        "bootstrap": "stationary",
    }
    nothing, losses = np.zeros(pnl.shape[0]), -pnl[:, varies]
    spa = SPA(nothing, losses, seed=seed, **options)
    spa.compute()
    p = spa.pvalues.to_dict()
    return Superiority(
        float(p["lower"]),
        float(p["consistent"]),
        float(p["upper"]),
        varies[_superior(spa, varies.size, size)],
    )


def _superior(spa: Any, sets: int, size: float) -> Ints:
    """StepM's steps over the draws of ``spa``: take what is superior, test what is left.

    ``arch.bootstrap.StepM`` does the same, but goes on to an empty rest, and fails, where a second
    step finds that every set is superior.
    """
    is_left = np.ones(sets, dtype=np.bool_)
    while is_left.any():
        spa.subset(is_left.copy())
        spa.compute()
        better = np.asarray(spa.better_models(size), dtype=np.int64)
        if not better.size:
            break
        is_left[better] = False
    return np.flatnonzero(~is_left)

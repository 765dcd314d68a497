"""Is the best of many sets better than doing nothing, given how many were looked at?

Hansen's test of superior predictive ability (2005) and the stepwise procedure StepM of Romano &
Wolf (2005) for which sets those are, over one stationary bootstrap (Politis & Romano 1994, drawn by
``arch``) of whole periods, so that sets keep what they have in common.

With m_k the mean of set k over T periods and s_k its standard deviation, the statistic is the
largest t_k = sqrt(T) m_k / s_k, or 0 where none is above. Each draw has its own mean and its own
deviation, t*_k = sqrt(T) (m*_k - g_k) / s*_k: a drawn deviation (Romano & Wolf 2005, section 4)
follows the skew of trades that win often and lose large, and no wild set hides a quiet good one.
``arch.bootstrap.SPA`` compares plain means; :func:`superiority` does the same, number by number,
with ``is_studentised`` off. The three p-values differ in g_k: *lower* max(m_k, 0); *consistent*
m_k, or 0 for sets far below (t_k < -sqrt(2 log log T)); *upper* m_k.

A set that traded on few periods has a deviation that says nothing: it is left out
(:data:`FEWEST_ACTIVE`). With these limits the test rejects 4 to 8 % of true nulls at 5 %
(``tests/benchmarks``).
"""

from typing import NamedTuple

import numpy as np

from research.arrays import Floats, Ints
from research.errors import EvidenceError

__all__ = ["FEWEST_ACTIVE", "Superiority", "superiority"]

FEWEST_ACTIVE = 20
"""Periods with a pnl: over 10 to 12 of them 16 % of nulls are rejected where losses are rare."""
_VARIES = 1e-12


class Superiority(NamedTuple):
    """What the tests said."""

    p_lower: float
    p_consistent: float  # the one to quote
    p_upper: float
    superior: Ints  # columns that StepM finds better than nothing, at the size asked for
    tested: int  # sets with periods enough


def superiority(
    pnl: Floats,
    *,
    seed: int,
    size: float = 0.05,
    resamples: int = 1000,
    block: int = 2,
    is_studentised: bool = True,
) -> Superiority:
    """SPA and StepM of sets against earning nothing.

    Parameters
    ----------
    pnl : array, shape (periods, sets)
        Net pnl a period (a day), percent; 0 where a set did not trade.
    block
        Mean length of a bootstrap block, periods.
    is_studentised
        Off: plain means are compared, as by ``arch``.

    Raises
    ------
    EvidenceError
        An unknown pnl, or no set that varies and has a pnl in :data:`FEWEST_ACTIVE` periods.
    """
    pnl = np.asarray(pnl, dtype=np.float64)
    if pnl.ndim != 2 or pnl.shape[0] < FEWEST_ACTIVE:
        raise EvidenceError(f"pnl of shape {pnl.shape}: needs (periods >= {FEWEST_ACTIVE}, sets)")
    if not np.isfinite(pnl).all():
        raise EvidenceError("a period's pnl is unknown (NaN): a set that did not trade earned 0")
    active = np.count_nonzero(pnl, axis=0)
    tested = np.flatnonzero((pnl.std(axis=0) > _VARIES) & (active >= FEWEST_ACTIVE))
    if not tested.size:
        raise EvidenceError(
            f"{pnl.shape[1]} sets, none with a pnl that varies in {FEWEST_ACTIVE} periods "
            f"(the busiest has {int(active.max(initial=0))}): nothing to test"
        )
    pnl = pnl[:, tested]
    drawn = _drawn_means(pnl, block, resamples, seed)
    mean = pnl.mean(axis=0)
    score = _score(mean, pnl.std(axis=0), len(pnl), is_studentised)
    is_far = mean < -np.sqrt(pnl.var(axis=0) / len(pnl) * 2 * np.log(np.log(len(pnl))))
    lower, consistent, upper = (
        _score(drawn.mean - center, drawn.deviation, len(pnl), is_studentised)
        for center in (np.maximum(mean, 0.0), np.where(is_far, 0.0, mean), mean)
    )
    return Superiority(
        p_lower=_share_above(lower, score),
        p_consistent=_share_above(consistent, score),
        p_upper=_share_above(upper, score),
        superior=tested[_superior(score, consistent, size)],
        tested=tested.size,
    )


def _share_above(draws: Floats, score: Floats) -> float:
    return float(np.mean(draws.max(axis=1) > score.max()))


class _Drawn(NamedTuple):
    """Means and deviations of every draw; both (resamples, sets)."""

    mean: Floats
    deviation: Floats


def _drawn_means(pnl: Floats, block: int, resamples: int, seed: int) -> _Drawn:
    from arch.bootstrap import StationaryBootstrap

    periods = np.arange(len(pnl))
    counts = np.zeros((resamples, len(pnl)))
    draws = StationaryBootstrap(block, periods, seed=seed).bootstrap(resamples)
    for number, (drawn, _) in enumerate(draws):
        counts[number] = np.bincount(drawn[0], minlength=len(pnl))
    counts /= len(pnl)
    mean = counts @ pnl
    return _Drawn(mean, np.sqrt(np.maximum(counts @ pnl**2 - mean**2, 0.0)))


def _score(mean: Floats, deviation: Floats, periods: int, is_studentised: bool) -> Floats:
    """t of each mean; a draw without deviation counts as far as it lies to either side."""
    if not is_studentised:
        return mean
    never = np.where(mean > _VARIES, np.inf, -np.inf)
    safe = np.where(deviation > _VARIES, deviation, 1.0)
    return np.where(deviation > _VARIES, np.sqrt(periods) * mean / safe, never)


def _superior(score: Floats, draws: Floats, size: float) -> Ints:
    """StepM: take the sets that beat the draws' largest, then test those that are left."""
    is_left = np.ones(score.size, dtype=np.bool_)
    while is_left.any():
        bar = np.quantile(draws[:, is_left].max(axis=1), 1 - size, method="higher")
        better = is_left & (score > bar)
        if not better.any():
            break
        is_left &= ~better
    return np.flatnonzero(~is_left)

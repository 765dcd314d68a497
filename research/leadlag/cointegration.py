"""The same model by statsmodels, as a second opinion on what :mod:`.correction` takes as given.

There the two prices hang together one to one and the lags are set. Here the vector is estimated by
maximum likelihood (Johansen) and the lags by BIC, on the minutes in which both traded, put side by
side (refresh times, as Harris et al. 1995 do). statsmodels is imported when asked: it takes a
second.
"""

from dataclasses import dataclass

import numpy as np

from research.arrays import Floats
from research.leadlag.minutes import PairMinutes

__all__ = ["Cointegration", "cointegration"]

_MOST_MINUTES = 20_000  # the latest; likelihood over a year says the same and takes minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Cointegration:
    """What maximum likelihood finds; in the long run dYdX is ``-vector`` times Binance."""

    minutes: int
    lags: int  # of returns, by BIC, at most 10
    vector: float  # -1 if the prices move one to one
    vector_error: float  # standard error
    trace: float  # Johansen's statistic of "they do not hang together"
    trace_95: float  # above this, they do
    lead_speed: float
    follow_speed: float


def cointegration(pair: PairMinutes) -> Cointegration:
    """Johansen's estimate of how the two log prices hang together, basis taken off."""
    from statsmodels.tsa.vector_ar.vecm import VECM, coint_johansen, select_order

    prices = _prices(pair)
    lags = max(1, int(select_order(prices, maxlags=10, deterministic="ci").bic))
    fit = VECM(prices, k_ar_diff=lags, coint_rank=1, deterministic="ci").fit()
    trace = coint_johansen(prices, det_order=0, k_ar_diff=lags)
    # statsmodels norms the first series, so dYdX is the first
    return Cointegration(
        minutes=len(prices),
        lags=lags,
        vector=_six_digits(fit.beta[1, 0]),
        vector_error=_six_digits(fit.stderr_beta[1, 0]),
        trace=_six_digits(trace.lr1[0]),
        trace_95=_six_digits(trace.cvt[0, 1]),
        lead_speed=_six_digits(fit.alpha[1, 0]),
        follow_speed=_six_digits(fit.alpha[0, 0]),
    )


def _six_digits(value: float) -> float:
    """What does not depend on how many threads the linear algebra under statsmodels has."""
    return float(f"{value:.6g}")


def _prices(pair: PairMinutes) -> Floats:
    """dYdX without its basis and Binance, percent over the first minute, where all is known."""
    follow = (pair.follow - pair.basis_pct / 100) * 100
    lead = pair.lead * 100
    known = ~np.isnan(follow) & ~np.isnan(lead)
    both = np.column_stack((follow, lead))[known][-_MOST_MINUTES:]
    return np.asarray(both - both[0])

"""Is the mean net pnl of a trade above zero? One test, for trades that come in clusters.

Trades of one day share its market, so days are what is independent, or nearly so. With S_d and
N_d the sum and the number of trades of day d, the mean of a trade is the ratio m = sum S / sum N;
its linearised error e_d = S_d - m N_d gives the cluster-robust standard error
se^2 = D / (D - 1) * sum e_d^2 / (sum N)^2 over D days (Cochran 1977, chapter 6), and t = m / se.

Two yardsticks for t, and the claim must hold by both:

- *studentised stationary bootstrap*: days are drawn in blocks of random length (Politis & Romano
  1994; days after each other stay together), each draw has its own t* = (m* - m) / se*, and the
  p-value is the share of t* at or above t. It follows the skew of TP and SL trades, to one order
  more than the normal quantile does (Hall 1992), but is too bold over few days;
- *Student's t* with D - 1 degrees of freedom: right over few days, too bold where losses are rare
  and large.

The p-value is the larger one, the lower bound the smaller one. Below :data:`FEW_DAYS` days
there are too few different draws, and Student's t stands alone.

Example
-------
Twenty days with two trades each, +0.20 % and -0.10 % in turn but for one loss of -0.60 %:

>>> import numpy as np
>>> net = np.array([0.20, -0.10] * 19 + [0.20, -0.60])
>>> found = mean_test(net, np.repeat(np.arange(20), 2), seed=7)
>>> f"mean {found.mean:+.4f} %, t {found.t:.2f} over {found.days} days"
'mean +0.0375 %, t 3.00 over 20 days'
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from research.arrays import Bools, Floats, Ints
from research.errors import EvidenceError
from research.jit import kernel

__all__ = ["FEW_DAYS", "MeanTest", "block_days", "mean_test"]

FEW_DAYS = 8
"""Fewer days than this have too few different resamples: 8 days in blocks of 2 have some 6,000."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanTest:
    """What the trades say of their mean. Percent of notional, net."""

    mean: float
    std_error: float
    t: float
    p_value: float  # one-sided, of "the mean is at most 0"
    lower: float  # one-sided bounds at the confidence asked for
    upper: float
    trades: int
    days: int
    block_days: float  # mean length of a bootstrap block; 0 where Student's t stands in
    method: str


def block_days(days: int) -> float:
    """Mean length of a block: D^(1/3), at least 1 (the rate of Politis & White 2004)."""
    length: float = round(float(days) ** (1 / 3), 2)
    return max(1.0, length)


def mean_test(
    net_pct: Floats,
    day: Ints,
    *,
    seed: int,
    confidence: float = 0.95,
    resamples: int = 2000,
) -> MeanTest:
    """Tests whether the mean of ``net_pct`` is above 0.

    Parameters
    ----------
    net_pct : array, shape (trades,)
        Net pnl of each trade, percent.
    day : int array, shape (trades,)
        Day of each entry; trades of one day are one cluster.
    seed
        Of the draws: same input, same numbers.

    Raises
    ------
    EvidenceError
        Fewer than two trades or days, an unknown pnl, or all days alike.
    """
    sums, counts = day_sums(net_pct, day)
    n, m = counts.sum(), sums.sum() / counts.sum()
    se = _std_error(sums, counts)
    if not se > 1e-12 * max(abs(m), 1e-9):
        raise EvidenceError(
            f"{net_pct.size} trades on {sums.size} days: every day has the same mean "
            f"({m:+.6f} %), so nothing is known of its error; look at the data"
        )
    t, degrees, length = m / se, sums.size - 1, 0.0
    p = float(student.sf(t, degrees))
    low = high = float(student.ppf(confidence, degrees))
    method = f"Student's t over {sums.size} days"
    if sums.size >= FEW_DAYS:
        length = block_days(sums.size)
        draws = np.sort(_draw(sums, counts, 1 / length, resamples, seed))
        p = max(p, (1 + int(np.sum(draws >= t))) / (1 + resamples))
        low = max(low, float(np.quantile(draws, confidence, method="higher")))
        high = max(high, -float(np.quantile(draws, 1 - confidence, method="lower")))
        method = f"studentised stationary bootstrap and Student's t over {sums.size} days"
    return MeanTest(
        mean=float(m),
        std_error=float(se),
        t=float(t),
        p_value=p,
        lower=float(m - low * se),
        upper=float(m + high * se),
        trades=int(n),
        days=int(sums.size),
        block_days=length,
        method=method,
    )


def day_sums(net_pct: Floats, day: Ints) -> tuple[Floats, Floats]:
    """Sum and number of trades of each day that has any, in order, shapes (days,).

    Raises
    ------
    EvidenceError
        As :func:`mean_test`.
    """
    net = np.asarray(net_pct, dtype=np.float64)
    if net.size != np.size(day):
        raise EvidenceError(f"{net.size} trades with {np.size(day)} days: one day a trade")
    if not np.isfinite(net).all():
        raise EvidenceError(f"{int((~np.isfinite(net)).sum())} of {net.size} trades have no pnl")
    names, index = np.unique(np.asarray(day), return_inverse=True)
    if net.size < 2 or names.size < 2:
        raise EvidenceError(
            f"{net.size} trades on {names.size} days: at least two of each are needed to know "
            "anything of an error; take a longer span"
        )
    sums, counts = np.zeros(names.size), np.zeros(names.size)
    np.add.at(sums, index, net)
    np.add.at(counts, index, 1.0)
    return sums, counts


def _std_error(sums: Floats, counts: Floats) -> float:
    d, n = sums.size, counts.sum()
    errors = sums - sums.sum() / n * counts
    return math.sqrt(d / (d - 1) * float(errors @ errors)) / float(n)


def _draw(sums: Floats, counts: Floats, stop: float, resamples: int, seed: int) -> Floats:
    rng = np.random.default_rng(seed)
    first = rng.integers(0, sums.size, (resamples, sums.size), dtype=np.int64)
    new = rng.random((resamples, sums.size)) < stop
    drawn: Floats = studentised(sums, counts, first, new)
    return drawn


@kernel
def studentised(sums: Floats, counts: Floats, first: Ints, new: Bools) -> Floats:
    """t* of each resample: days in blocks that end where ``new`` says so, round the end.

    A draw without any spread says nothing and counts as 0.
    """
    n = counts.sum()
    m, d = sums.sum() / n, sums.size
    out = np.empty(first.shape[0])
    chosen = np.empty(d, np.int64)
    for b in range(first.shape[0]):
        total, trades, at = 0.0, 0.0, 0
        for i in range(d):
            at = first[b, i] if i == 0 or new[b, i] else (at + 1) % d
            chosen[i] = at
            total += sums[at]
            trades += counts[at]
        mean, squares = total / trades, 0.0
        for i in range(d):
            error = sums[chosen[i]] - mean * counts[chosen[i]]
            squares += error * error
        se = np.sqrt(d / (d - 1) * squares) / trades
        out[b] = (mean - m) / se if se > 1e-15 else 0.0
    return out

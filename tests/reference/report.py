"""The report columns of a list of trades, each computed on its own from the whole list."""

import math
import statistics
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import groupby

from tests.reference.features import quantile, sample_std
from tests.reference.frame import NAN
from tests.reference.trade import Trade

LEAD_SHARES = {"tp_share": "TP", "sl_share": "SL", "horizon_share": "HORIZON", "end_share": "END"}
REVERSION_SHARES = {"revert_share": "REVERT", "timeout_share": "TIMEOUT", "end_share": "END"}
QUANTILES = {"pnl_q05": 0.05, "pnl_q25": 0.25, "pnl_q75": 0.75, "pnl_q95": 0.95}


def report(trades: Sequence[Trade], shares: Mapping[str, str] = LEAD_SHARES) -> dict[str, float]:
    """Return every report column; `shares` names the reasons that are counted.

    `end_share` is the part that the end of the frame cut short. Trades count in the order given.
    Without trades all but `events` are NaN.
    """
    pnl = [trade.net_pct for trade in trades]
    hold = [float(trade.exit - trade.entry) for trade in trades]
    reasons = [trade.reason for trade in trades]
    std = sample_std(pnl)
    return {
        "events": float(len(trades)),
        "win_rate": mean([100.0 * (x > 0) for x in pnl]),
        "avg_pnl": mean(pnl),
        "median_pnl": quantile(pnl, 0.5),
        "pnl_std": std,
        **{name: quantile(pnl, q) for name, q in QUANTILES.items()},
        "total_pnl": math.fsum(pnl) if pnl else NAN,
        "profit_factor": profit_factor(pnl),
        "avg_hold": mean(hold),
        "median_hold": quantile(hold, 0.5),
        **{name: mean([100.0 * (r == reason) for r in reasons]) for name, reason in shares.items()},
        "max_loss": min(pnl, default=NAN),
        "max_losing_streak": max_losing_streak(pnl),
        "max_drawdown": max_drawdown(pnl),
        "mae_mean": mean([trade.mae_pct for trade in trades]),
        "mfe_mean": mean([trade.mfe_pct for trade in trades]),
        "lcb_pnl": mean(pnl) - one_sided_95(len(pnl)) * std / math.sqrt(len(pnl)) if pnl else NAN,
        "breakeven_bps": mean([trade.gross_pct for trade in trades]) * 100,
    }


def one_sided_95(n: int) -> float:
    """Return how many standard errors the lower bound of a mean of n values lies below it."""
    if n >= 30:
        return 1.645
    return student_quantile(0.95, n - 1) if n >= 2 else NAN


@cache
def student_quantile(share: float, freedom: int) -> float:
    """Return the value that Student's t stays below with `share`: its density, summed up."""
    log_top = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)
    scale = math.exp(log_top) / math.sqrt(freedom * math.pi)

    def density(t: float) -> float:
        return scale * (1 + t * t / freedom) ** (-(freedom + 1) / 2)

    def below(t: float) -> float:
        step = t / 4000  # Simpson's rule from 0 to t
        weights = (1 if k in (0, 4000) else 4 if k % 2 else 2 for k in range(4001))
        return 0.5 + math.fsum(w * density(k * step) for k, w in enumerate(weights)) * step / 3

    low, high = 0.0, 8.0  # 6.3 is the largest at 95 %
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) < share else (low, middle)
    return low


def mean(values: Sequence[float]) -> float:
    """Return the arithmetic mean, NaN of nothing."""
    return statistics.fmean(values) if values else NAN


def profit_factor(pnl: Sequence[float]) -> float:
    """Return gains per loss; infinite without a loss, NaN without trades."""
    lost = -math.fsum(x for x in pnl if x < 0)
    if lost == 0:
        return math.inf if pnl else NAN
    return math.fsum(x for x in pnl if x > 0) / lost


def max_losing_streak(pnl: Sequence[float]) -> float:
    """Return the most trades in a row of which none is a win."""
    if not pnl:
        return NAN
    runs = [list(run) for lost, run in groupby(pnl, lambda x: x <= 0) if lost]
    return float(max(map(len, runs), default=0))


def max_drawdown(pnl: Sequence[float]) -> float:
    """Return how far the running sum (from 0) falls below an earlier value of its own, >= 0."""
    if not pnl:
        return NAN
    equity = [math.fsum(pnl[:k]) for k in range(len(pnl) + 1)]
    return max(max(equity[: k + 1]) - equity[k] for k in range(len(equity)))

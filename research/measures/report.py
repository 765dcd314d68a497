"""The report columns: what a list of trades earned, how, and how sure one may be of it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike

from research.arrays import Floats, Ints
from research.outcomes import REASONS
from research.statistics.bounds import lower_bounds

__all__ = [
    "REPORT_COLUMNS",
    "Report",
    "columns_without",
    "losing_streak",
    "max_drawdown",
    "report",
    "spread_compress",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Every report column of one set of trades; all but ``events`` are NaN without trades.

    A win has net pnl > 0; a trade at exactly 0 is lost, and loses nothing. Pnl is net and in
    percent of the entry notional unless the name says otherwise.
    """

    events: int  # trades
    win_rate: float  # percent of trades
    avg_pnl: float
    median_pnl: float
    pnl_std: float  # ddof 1; NaN below 2 events
    pnl_q05: float
    pnl_q25: float
    pnl_q75: float
    pnl_q95: float
    total_pnl: float  # sum, not compounded
    profit_factor: float  # sum of wins / sum of losses; inf without a loss
    avg_hold: float  # minutes
    median_hold: float  # minutes
    tp_share: float  # percent of trades, as all shares
    sl_share: float
    horizon_share: float
    revert_share: float
    timeout_share: float
    end_share: float  # cut short by the end of the frame
    max_loss: float  # the smallest net pnl, as it is: positive if every trade won
    max_losing_streak: float  # trades; a count, float only to be NaN without trades
    max_drawdown: float  # of the running sum of net pnl from 0; >= 0
    mae_mean: float  # percent, gross
    mfe_mean: float  # percent, gross
    lcb_pnl: float  # one-sided 95 % lower bound of avg_pnl; NaN below 2 events
    breakeven_bps: float  # round-trip cost at which avg_pnl would be 0

    def to_json(self, columns: Sequence[str] | None = None) -> dict[str, float | int | None]:
        """Columns (default: all) by name; NaN and infinity become None."""
        values = {name: getattr(self, name) for name in columns or REPORT_COLUMNS}
        return {name: value if math.isfinite(value) else None for name, value in values.items()}


REPORT_COLUMNS = tuple(column.name for column in fields(Report))
"""Names of all columns in the order of reports."""


def columns_without(*names: str) -> tuple[str, ...]:
    """The report columns but those that mean nothing for a strategy, in the order of reports."""
    return tuple(name for name in REPORT_COLUMNS if name not in names)


def report(
    *,
    net_pct: ArrayLike,
    gross_pct: ArrayLike,
    hold_min: ArrayLike,
    reason: ArrayLike,
    mae_pct: ArrayLike | None = None,
    mfe_pct: ArrayLike | None = None,
) -> Report:
    """Every report column of trades in the order of their entries.

    Parameters
    ----------
    net_pct, gross_pct : array, shape (trades,)
        Percent of entry notional, after and before costs.
    hold_min : array, shape (trades,)
        Exit minute minus entry minute.
    reason : int array, shape (trades,)
        Index into :data:`research.outcomes.REASONS`.
    mae_pct, mfe_pct : array, shape (trades,), optional
        Worst and best gross pnl on the way; left out, their means are NaN.

    Returns
    -------
    Report
        With ``events`` 0 and NaN elsewhere if there are no trades.
    """
    net = np.asarray(net_pct, dtype=np.float64)
    if net.size == 0:
        return Report(events=0, **dict.fromkeys(REPORT_COLUMNS[1:], math.nan))
    hold = np.asarray(hold_min, dtype=np.float64)
    return Report(
        events=net.size,
        **_level(net),
        **_spread_of(net),
        **_shares(np.asarray(reason, dtype=np.int64)),
        avg_hold=float(hold.mean()),
        median_hold=float(np.median(hold)),
        max_loss=float(net.min()),
        max_losing_streak=float(losing_streak(net)),
        max_drawdown=max_drawdown(net),
        mae_mean=_mean(mae_pct),
        mfe_mean=_mean(mfe_pct),
        breakeven_bps=_mean(gross_pct) * 100,
    )


def losing_streak(net_pct: Floats) -> int:
    """Most trades in a row of which none is a win."""
    longest = run = 0
    for is_win in (net_pct > 0).tolist():
        run = 0 if is_win else run + 1
        longest = max(longest, run)
    return longest


def max_drawdown(net_pct: Floats) -> float:
    """Deepest fall of the running sum of net pnl below its highest point so far, >= 0.

    The sum starts at 0: a first trade that loses is a drawdown.
    """
    equity = np.concatenate(([0.0], np.cumsum(net_pct)))
    return float(np.max(np.maximum.accumulate(equity) - equity))


def spread_compress(spread: Floats, entries: Ints, k: int) -> Floats:
    """``1 - abs(spread[t + k]) / abs(spread[t])`` for each entry row t: an outcome, looks ahead.

    Parameters
    ----------
    spread : array, shape (rows,)
        Percent, raw or excess.
    entries : int64 array, shape (entries,)
        Rows of ``spread``.
    k : int
        Minutes after the entry, >= 0.

    Returns
    -------
    array, shape (entries,)
        Share of the spread that is gone: 1 all of it, 0 none, negative where it widened. NaN
        past the end, where either minute is unknown, and where the spread was 0.
    """
    out = np.full(entries.size, np.nan)
    is_inside = entries + k < spread.size
    before = np.abs(spread[entries[is_inside]])
    after = np.abs(spread[entries[is_inside] + k])
    out[is_inside] = 1 - np.divide(
        after, before, out=np.full(before.size, np.nan), where=before > 0
    )
    return out


def _level(net: Floats) -> dict[str, float]:
    wins = float(net[net > 0].sum())
    losses = -float(net[net < 0].sum())
    return {
        "win_rate": float((net > 0).mean() * 100),
        "avg_pnl": float(net.mean()),
        "median_pnl": float(np.median(net)),
        "total_pnl": float(net.sum()),
        "profit_factor": wins / losses if losses > 0 else math.inf,
    }


def _spread_of(net: Floats) -> dict[str, float]:
    q05, q25, q75, q95 = np.quantile(net, (0.05, 0.25, 0.75, 0.95)).tolist()
    std = float(net.std(ddof=1)) if net.size > 1 else math.nan
    lcb = float(lower_bounds(net.mean(), std, net.size))
    quantiles = {"pnl_q05": q05, "pnl_q25": q25, "pnl_q75": q75, "pnl_q95": q95}
    return quantiles | {"pnl_std": std, "lcb_pnl": lcb}


def _shares(reason: Ints) -> dict[str, float]:
    return {
        f"{name.lower()}_share": float((reason == code).mean() * 100)
        for code, name in enumerate(REASONS)
    }


def _mean(values: ArrayLike | None) -> float:
    return math.nan if values is None else float(np.mean(np.asarray(values, dtype=np.float64)))

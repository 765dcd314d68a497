"""How a column is coloured: its unit, what parts good from bad, the ends of the colours."""

from collections.abc import Sequence

import numpy as np

from sweeps.grid.looks.derived import DERIVED
from sweeps.grid.projection import Projection
from sweeps.grid.result import GridResult

__all__ = ["LESS_IS_BETTER", "center_of", "limits_of", "unit_of"]

_QUANTILES = ("median_pnl", "pnl_q05", "pnl_q25", "pnl_q75", "pnl_q95")
_SIGNED = (
    *DERIVED,
    "avg_pnl",
    "lcb_pnl",
    "total_pnl",
    "max_loss",
    "mae_mean",
    "mfe_mean",
    *_QUANTILES,
)
LESS_IS_BETTER = ("max_drawdown", "max_losing_streak")
_UNITS = {
    "events": "trades",
    "max_drawdown": "% of notional, summed",
    "max_losing_streak": "trades",
    "median_hold": "min",
    "profit_factor": "wins / losses",
    "avg_hold": "min",
    "breakeven_bps": "bps of a round trip",
    "total_pnl": "% of notional, summed",
    "win_rate": "% of trades",
}


def unit_of(value: str) -> str:
    """The unit of a column, as pictures name it."""
    return _UNITS.get(value, "% of trades" if value.endswith("_share") else "% a trade")


def center_of(result: GridResult, value: str) -> float | None:
    """What parts good from bad: 0 for a pnl, the round trip for the cost it could bear."""
    if value == "breakeven_bps":
        costs = result.costs
        pct = costs.fees_pct + costs.slippage_pct(result.spec.strategy.legs)
        return round(pct * 100, 9)
    if value == "profit_factor":
        return 1.0
    return 0.0 if value in _SIGNED else None


def limits_of(
    seen: Sequence[Projection], min_events: int, center: float | None, value: str
) -> tuple[float, float]:
    """Ends of the colours, from cells with enough trades; from all where there is none.

    A profit factor is never below 0, so its colours end at 0 and 2: more (infinity too) saturates.
    """
    values = np.concatenate([each.values.ravel() for each in seen])
    events = np.concatenate([each.events.ravel() for each in seen])
    is_known = np.isfinite(values)
    is_enough = is_known & (events >= min_events)
    used = values[is_enough if is_enough.any() else is_known]
    if center is not None:
        end = float(np.abs(used - center).max(initial=0.0)) or 1.0
        end = min(end, 1.0) if value == "profit_factor" else end
        return center - end, center + end
    return 0.0, float(used.max(initial=0.0)) or 1.0

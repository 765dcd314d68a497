"""Spread reversion over a whole panel: features and parameters in, positions out."""

import numpy as np

from research.arrays import Bools, Records
from research.features.panel import Panel
from research.measures.costs import Costs
from research.outcomes import TIMEOUT
from strategies.law.execution import Execution
from strategies.law.filters import is_allowed, is_comparable, known_rates
from strategies.law.positions import Rules, empty_desk
from strategies.reversion.kernel import ReversionColumns, ReversionLaw, run
from strategies.reversion.params import ReversionParams

__all__ = ["LEGS", "columns", "law", "signals", "trades"]

LEGS = 2


def law(
    params: ReversionParams, execution: Execution, costs: Costs, has_funding: bool
) -> ReversionLaw:
    """Parameters, model and costs as the kernel takes them."""
    rules = Rules(
        legs=LEGS,
        horizon=params.max_hold,
        cooldown=params.min_gap,
        fills_at_close=execution.fill == "close",
        overlap=execution.overlap,
        fees_pct=costs.fees_pct,
        slippage_pct=costs.slippage_pct(LEGS),
        has_funding=costs.funding and has_funding,
        expiry=TIMEOUT,
    )
    return ReversionLaw(entry=float(params.entry), exit=float(params.exit), rules=rules)


def columns(panel: Panel, params: ReversionParams, start: int, stop: int) -> ReversionColumns:
    """Rows 0..stop as the kernel takes them; entries are allowed from row ``start`` on."""
    allowed = is_allowed(panel, params.filters, side=0)
    allowed[:start] = False
    return ReversionColumns(
        dydx_open=panel.column("dydx_open")[:stop],
        dydx_close=panel.column("dydx_close")[:stop],
        binance_open=panel.column("binance_open")[:stop],
        binance_close=panel.column("binance_close")[:stop],
        spread=panel.reference(params.reference)[:stop],
        is_comparable=is_comparable(panel, params.filters.max_age_min)[:stop],
        is_allowed=allowed[:stop],
        funding_rate=known_rates(panel)[:stop],
    )


def trades(
    panel: Panel, params: ReversionParams, execution: Execution, costs: Costs, rows: slice
) -> Records:
    """Positions entered in ``rows``, in the order of their entries; the frame ends with them."""
    panel = execution.minutes_of(panel)
    start, stop, _ = rows.indices(len(panel))
    kernel_law = law(params, execution, costs, panel.has_funding)
    desk = empty_desk(kernel_law.rules)
    found = run(columns(panel, params, start, stop), kernel_law, desk.positions, desk.closed)
    ordered: Records = found[np.argsort(found["entry"], kind="stable")]
    return ordered


def signals(panel: Panel, params: ReversionParams) -> Bools:
    """Minutes whose spread crosses ``entry``, whatever their age and the filters, shape (n,)."""
    distance = np.abs(panel.reference(params.reference))
    crosses = np.zeros(len(distance), dtype=np.bool_)
    crosses[1:] = (distance[:-1] < params.entry) & (distance[1:] >= params.entry)
    return crosses

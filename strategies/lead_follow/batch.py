"""Lead/follow over a whole panel: features and parameters in, positions out."""

import numpy as np

from research.arrays import Bools, Records
from research.features.panel import Panel
from research.measures.costs import Costs
from research.outcomes import HORIZON
from strategies.law.execution import Execution
from strategies.law.filters import is_allowed, is_comparable, known_rates
from strategies.law.positions import Rules, empty_desk
from strategies.lead_follow.kernel import LeadColumns, LeadLaw, run
from strategies.lead_follow.params import LeadFollowParams

__all__ = ["LEGS", "columns", "law", "signals", "trades"]

LEGS = 1


def law(params: LeadFollowParams, execution: Execution, costs: Costs, has_funding: bool) -> LeadLaw:
    """Parameters, model and costs as the kernel takes them."""
    rules = Rules(
        legs=LEGS,
        horizon=params.horizon,
        cooldown=params.cooldown,
        fills_at_close=execution.fill == "close",
        overlap=execution.overlap,
        fees_pct=costs.fees_pct,
        slippage_pct=costs.slippage_pct(LEGS),
        has_funding=costs.funding and has_funding,
        expiry=HORIZON,
    )
    return LeadLaw(
        side=params.side,
        move_pct=float(params.move_pct),
        spread_entry=float(params.spread_entry),
        tp=float(params.tp),
        sl=float(params.sl),
        touches_intrabar=execution.touch == "intrabar",
        rules=rules,
    )


def columns(panel: Panel, params: LeadFollowParams, start: int, stop: int) -> LeadColumns:
    """Rows 0..stop as the kernel takes them; entries are allowed from row ``start`` on."""
    allowed = is_allowed(panel, params.filters, params.side)
    allowed[:start] = False
    return LeadColumns(
        dydx_open=panel.column("dydx_open")[:stop],
        dydx_high=panel.column("dydx_high")[:stop],
        dydx_low=panel.column("dydx_low")[:stop],
        dydx_close=panel.column("dydx_close")[:stop],
        spread=panel.reference(params.reference)[:stop],
        lead=panel.lead_return_pct(params.window)[:stop],
        is_comparable=is_comparable(panel, params.filters.max_age_min)[:stop],
        is_allowed=allowed[:stop],
        funding_rate=known_rates(panel)[:stop],
    )


def trades(
    panel: Panel, params: LeadFollowParams, execution: Execution, costs: Costs, rows: slice
) -> Records:
    """Positions entered in ``rows``, in the order of their entries; the frame ends with them."""
    panel = execution.minutes_of(panel)
    start, stop, _ = rows.indices(len(panel))
    kernel_law = law(params, execution, costs, panel.has_funding)
    desk = empty_desk(kernel_law.rules)
    found = run(columns(panel, params, start, stop), kernel_law, desk.positions, desk.closed)
    ordered: Records = found[np.argsort(found["entry"], kind="stable")]
    return ordered


def signals(panel: Panel, params: LeadFollowParams) -> Bools:
    """Minutes that meet both thresholds, whatever their age and the filters, shape (n,)."""
    spread = panel.reference(params.reference)
    lead = panel.lead_return_pct(params.window)
    if params.side < 0:
        return (spread >= params.spread_entry) & (lead <= -params.move_pct)
    return (spread <= -params.spread_entry) & (lead >= params.move_pct)

"""Lead/follow between parameters and kernel: its terms, its minutes, its trades and signals."""

from research.arrays import Bools, Records
from research.features.panel import Panel
from research.measures.costs import Costs
from research.outcomes import HORIZON
from strategies.law.execution import Execution
from strategies.law.funding import is_funding_known
from strategies.law.minute import Minutes
from strategies.law.whole_frame import minutes_of, rules_of, trades_of
from strategies.lead_follow.kernel import LeadTerms, run
from strategies.lead_follow.params import LeadFollowParams

__all__ = ["LEGS", "minutes", "signals", "terms", "trades"]

LEGS = 1


def terms(
    params: LeadFollowParams, execution: Execution, costs: Costs, has_funding: bool
) -> LeadTerms:
    """Parameters, model and costs as the kernel takes them."""
    return LeadTerms(
        side=params.side,
        move_pct=float(params.move_pct),
        spread_entry=float(params.spread_entry),
        tp=float(params.tp),
        sl=float(params.sl),
        touches_intrabar=execution.touch == "intrabar",
        rules=rules_of(
            execution,
            costs,
            legs=LEGS,
            horizon=params.horizon,
            cooldown=params.cooldown,
            expiry_reason=HORIZON,
            has_funding=has_funding,
        ),
    )


def minutes(panel: Panel, params: LeadFollowParams, start: int, stop: int) -> Minutes:
    """Rows 0..stop as the kernel takes them; entries are allowed from row ``start`` on."""
    return minutes_of(
        panel,
        legs=LEGS,
        reference=params.reference,
        filters=params.filters,
        side=params.side,
        lead=panel.lead_return_pct(params.window),
        start=start,
        stop=stop,
    )


def trades(
    panel: Panel, params: LeadFollowParams, execution: Execution, costs: Costs, rows: slice
) -> Records:
    """Positions entered in ``rows``, in the order of their entries; the frame ends with them."""
    start, stop, _ = rows.indices(len(panel))
    panel = execution.minutes_of(panel)
    its_terms = terms(params, execution, costs, is_funding_known(panel, LEGS))
    return trades_of(run, minutes(panel, params, start, stop), its_terms, its_terms.rules)


def signals(panel: Panel, params: LeadFollowParams) -> Bools:
    """Minutes that meet both thresholds, whatever their age and the filters, shape (n,)."""
    spread = panel.reference(params.reference)
    lead = panel.lead_return_pct(params.window)
    if params.side < 0:
        return (spread >= params.spread_entry) & (lead <= -params.move_pct)
    return (spread <= -params.spread_entry) & (lead >= params.move_pct)

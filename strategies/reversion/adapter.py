"""Spread reversion between parameters and kernel: its terms, its minutes, its trades, signals."""

import numpy as np

from research.arrays import Bools, Records
from research.features.panel import Panel
from research.measures.costs import Costs
from research.outcomes import TIMEOUT
from strategies.law.execution import Execution
from strategies.law.funding import is_funding_known
from strategies.law.minute import Minutes
from strategies.law.whole_frame import minutes_of, rules_of, trades_of
from strategies.reversion.kernel import ReversionTerms, run
from strategies.reversion.params import ReversionParams

__all__ = ["LEGS", "minutes", "signals", "terms", "trades"]

LEGS = 2


def terms(
    params: ReversionParams, execution: Execution, costs: Costs, has_funding: bool
) -> ReversionTerms:
    """Parameters, model and costs as the kernel takes them."""
    return ReversionTerms(
        entry=float(params.entry),
        exit=float(params.exit),
        rules=rules_of(
            execution,
            costs,
            legs=LEGS,
            horizon=params.max_hold,
            cooldown=params.min_gap,
            expiry_reason=TIMEOUT,
            has_funding=has_funding,
        ),
    )


def minutes(panel: Panel, params: ReversionParams, start: int, stop: int) -> Minutes:
    """Rows 0..stop as the kernel takes them; entries are allowed from row ``start`` on."""
    return minutes_of(
        panel,
        legs=LEGS,
        reference=params.reference,
        filters=params.filters,
        side=0,
        start=start,
        stop=stop,
    )


def trades(
    panel: Panel, params: ReversionParams, execution: Execution, costs: Costs, rows: slice
) -> Records:
    """Positions entered in ``rows``, in the order of their entries; the frame ends with them."""
    start, stop, _ = rows.indices(len(panel))
    panel = execution.minutes_of(panel)
    its_terms = terms(params, execution, costs, is_funding_known(panel, LEGS))
    return trades_of(run, minutes(panel, params, start, stop), its_terms, its_terms.rules)


def signals(panel: Panel, params: ReversionParams) -> Bools:
    """Minutes whose spread crosses ``entry``, whatever their age and the filters, shape (n,)."""
    distance = np.abs(panel.reference(params.reference))
    crosses = np.zeros(len(distance), dtype=np.bool_)
    crosses[1:] = (distance[:-1] < params.entry) & (distance[1:] >= params.entry)
    return crosses

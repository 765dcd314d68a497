"""First minute between parameters and kernel."""

import numpy as np

from research.arrays import Bools, Records
from research.features.panel import Panel
from research.measures.costs import Costs
from research.outcomes import TIMEOUT
from strategies.law.execution import Execution
from strategies.law.funding import is_funding_known
from strategies.law.minute import Minutes
from strategies.law.whole_frame import minutes_of, rules_of, trades_of
from tests.samples.first_minute.kernel import FirstTerms, run
from tests.samples.first_minute.params import FirstMinuteParams

__all__ = ["LEGS", "minutes", "signals", "terms", "trades"]

LEGS = 1


def terms(
    params: FirstMinuteParams, execution: Execution, costs: Costs, has_funding: bool
) -> FirstTerms:
    return FirstTerms(
        side=params.side,
        spread_entry=float(params.spread_entry),
        spread_exit=float(params.spread_exit),
        rules=rules_of(
            execution,
            costs,
            legs=LEGS,
            horizon=params.hold,
            cooldown=params.cooldown,
            expiry_reason=TIMEOUT,
            has_funding=has_funding,
        ),
    )


def minutes(panel: Panel, params: FirstMinuteParams, start: int, stop: int) -> Minutes:
    return minutes_of(
        panel,
        legs=LEGS,
        reference=params.reference,
        filters=params.filters,
        side=params.side,
        start=start,
        stop=stop,
    )


def trades(
    panel: Panel, params: FirstMinuteParams, execution: Execution, costs: Costs, rows: slice
) -> Records:
    start, stop, _ = rows.indices(len(panel))
    panel = execution.minutes_of(panel)
    its_terms = terms(params, execution, costs, is_funding_known(panel, LEGS))
    return trades_of(run, minutes(panel, params, start, stop), its_terms, its_terms.rules)


def signals(panel: Panel, params: FirstMinuteParams) -> Bools:
    towards = -params.side * panel.reference(params.reference)
    crosses = np.zeros(len(towards), dtype=np.bool_)
    crosses[1:] = (towards[:-1] < params.spread_entry) & (towards[1:] >= params.spread_entry)
    return crosses

"""From a panel and a grid to what the kernels take: candidates, axes, minutes, exits."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from research.arrays import Bools, Floats, Ints
from research.errors import FrameError, SearchError
from research.features.panel import Panel
from research.measures.costs import Costs
from research.outcomes import REVERT, TP
from research.remembered import remembered
from strategies.law.execution import Execution
from strategies.law.funding import is_funding_known
from strategies.law.minute import Minutes
from strategies.law.position import Rules
from strategies.lead_follow import adapter as lead_follow
from strategies.registry import Strategy
from strategies.reversion import adapter as reversion
from sweeps.axes import GridSpec
from sweeps.engine.kernels.candidates import (
    Candidates,
    crossing_rows,
    lead_rows,
    levels_below,
    levels_passed,
    segment_codes,
)
from sweeps.engine.kernels.entries import EntryAxes
from sweeps.engine.kernels.ladder import climb, climb_reversion
from sweeps.engine.kernels.minutes import Exits, Funding, Market, funding_of, next_present

__all__ = ["Plan", "has_plan", "plan_of"]

_KEPT = 2  # of a year of minutes, 20 MB each
_KEPT_PLANS = 8
_SMALL = 1_000_000  # rungs of a plan that is kept, with its ladder some 30 MB at most


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, weakref_slot=True)
class Plan:
    """Everything that a sweep reads.

    Attributes
    ----------
    n
        Rows of the frame up to its end.
    exit_levels_fall
        Whether the first exit axis runs from high to low in the ladder: the widest is met first.
    touch, expiry
        Numbers of the reasons for which a level and the end of a horizon close a trade.
    climb
        The walk up the ladder of the strategy's law.
    """

    n: int
    exit_levels_fall: bool
    touch: int
    expiry: int
    climb: Callable[..., None]
    candidates: Candidates
    axes: EntryAxes
    market: Market
    exits: Exits

    @property
    def groups(self) -> int:
        """Entry classes that differ by more than their cooldown."""
        return self.axes.windows * self.axes.first * self.axes.second

    @property
    def cells(self) -> int:
        """Size of the exit cube."""
        return int(self.exits.tp.size * self.exits.sl.size * self.exits.horizons.size)

    @property
    def group_sets(self) -> int:
        """Sets of one group: its cooldowns by the exit cube."""
        return int(self.axes.cooldowns.size) * self.cells

    def with_cooldown(self, index: int) -> "Plan":
        """The same with one cooldown only."""
        return replace(
            self, axes=self.axes._replace(cooldowns=self.axes.cooldowns[index : index + 1])
        )

    @property
    def ways(self) -> int:
        """Rungs of one candidate row."""
        return int(self.exits.tp.size + self.exits.sl.size + self.exits.horizons.size)


def plan_of(
    panel: Panel, spec: GridSpec, execution: Execution, costs: Costs, rows: slice | None
) -> Plan:
    """The plan of a grid; small ones are kept with the panel, for the next call.

    Raises
    ------
    FrameError
        ``rows`` hold no minute.
    SearchError
        The engine has no plan for the strategy.
    """
    start, stop, _ = (rows or slice(None)).indices(len(panel))
    if start >= stop:
        raise FrameError(f"{panel.frame.label}: rows {start}..{stop} hold no minute; widen them")
    if not has_plan(spec.strategy):
        raise SearchError(
            f"the engine knows no plan for {spec.strategy.name}; take sweep_of(), which goes by "
            "the law itself"
        )
    make = _PLANS[spec.strategy.name]

    def made() -> Plan:
        minutes = execution.minutes_of(panel)
        return make(minutes, spec, execution, costs, slice(start, stop))

    key = ("plan", spec, execution, costs, start, stop)
    return remembered(panel, key, made, most=_KEPT_PLANS, is_small=_is_small)


def _is_small(plan: Plan) -> bool:
    return int(plan.candidates.rows.size) * plan.ways <= _SMALL


def _lead_plan(
    panel: Panel, spec: GridSpec, execution: Execution, costs: Costs, rows: slice
) -> Plan:
    levels = {axis.name: np.array(axis.levels) for axis in spec.axes}
    windows = levels["window"].astype(np.int64)
    given: Any = spec.base
    base = replace(given, window=int(windows[0]))
    terms = lead_follow.terms(base, execution, costs, is_funding_known(panel, lead_follow.LEGS))
    minutes = lead_follow.minutes(panel, base, rows.start, rows.stop)
    market = _market_of(panel, base.reference, minutes, terms.rules)
    eligible = _eligible(minutes.is_comparable & minutes.is_allowed, market, terms.rules)
    sign = -terms.side  # a short wants the spread high and the lead low
    found = lead_rows(market.spread, levels["spread_entry"][0], sign, eligible)
    moves = levels["move_pct"]
    passed = [
        levels_passed(_fixed(panel.lead_return_pct(int(w))), found, moves, terms.side)
        for w in windows
    ]
    first_high = np.stack(passed)
    keep = first_high.any(axis=0)
    found, first_high = found[keep], np.ascontiguousarray(first_high[:, keep])
    candidates = Candidates(
        rows=found,
        sides=np.full(found.size, terms.side, dtype=np.int64),
        parts=segment_codes(panel.session, panel.regime, found),
        first_low=np.zeros_like(first_high),
        first_high=first_high,
        second_high=levels_passed(market.spread, found, levels["spread_entry"], sign),
    )
    axes = EntryAxes(
        windows=windows.size,
        first=moves.size,
        second=levels["spread_entry"].size,
        cooldowns=levels["cooldown"].astype(np.int64),
    )
    exits = _exits(
        terms.rules, levels["tp"], levels["sl"], levels["horizon"], terms.touches_intrabar
    )
    return Plan(
        n=rows.stop,
        exit_levels_fall=False,
        touch=TP,
        expiry=terms.rules.expiry_reason,
        climb=climb,
        candidates=candidates,
        axes=axes,
        market=market,
        exits=exits,
    )


def _reversion_plan(
    panel: Panel, spec: GridSpec, execution: Execution, costs: Costs, rows: slice
) -> Plan:
    levels = {axis.name: np.array(axis.levels) for axis in spec.axes}
    base: Any = spec.base
    terms = reversion.terms(base, execution, costs, is_funding_known(panel, reversion.LEGS))
    minutes = reversion.minutes(panel, base, rows.start, rows.stop)
    market = _market_of(panel, base.reference, minutes, terms.rules)
    is_comparable = minutes.is_comparable
    eligible = _eligible(is_comparable & minutes.is_allowed, market, terms.rules)
    eligible[1:] &= is_comparable[:-1]
    eligible[:1] = False
    found = crossing_rows(market.spread, levels["entry"], eligible)
    candidates = Candidates(
        rows=found,
        sides=np.where(market.spread[found] > 0, -1, 1).astype(np.int64),
        parts=segment_codes(panel.session, panel.regime, found),
        first_low=levels_below(market.spread, found - 1, levels["entry"])[None, :],
        first_high=levels_below(market.spread, found, levels["entry"])[None, :],
        second_high=np.ones(found.size, dtype=np.int16),
    )
    axes = EntryAxes(
        windows=1,
        first=levels["entry"].size,
        second=1,
        cooldowns=levels["min_gap"].astype(np.int64),
    )
    never = np.full(1, np.inf)
    falling = levels["exit"][::-1].copy()  # the widest exit level is met first
    exits = _exits(terms.rules, falling, never, levels["max_hold"], False)
    return Plan(
        n=rows.stop,
        exit_levels_fall=True,
        touch=REVERT,
        expiry=terms.rules.expiry_reason,
        climb=climb_reversion,
        candidates=candidates,
        axes=axes,
        market=market,
        exits=exits,
    )


_PLANS: dict[str, Callable[[Panel, GridSpec, Execution, Costs, slice], Plan]] = {
    "lead": _lead_plan,
    "reversion": _reversion_plan,
}


def has_plan(strategy: Strategy) -> bool:
    """Whether the engine knows the law of ``strategy``; another goes by the law itself."""
    return strategy.name in _PLANS


def _exits(rules: Rules, tp: Floats, sl: Floats, horizons: Floats, intrabar: bool) -> Exits:
    return Exits(
        tp=tp,
        sl=sl,
        horizons=horizons.astype(np.int64),
        legs=rules.legs,
        fills_at_close=rules.fills_at_close,
        touches_intrabar=intrabar,
        fees_pct=float(rules.fees_pct),
        slippage_pct=float(rules.slippage_pct),
        pays_funding=bool(rules.pays_funding),
    )


def _market_of(panel: Panel, reference: str, minutes: Minutes, rules: Rules) -> Market:
    """The minutes of a strategy; those of Binance where it trades there.

    Trial after trial reads the same ones, whatever its thresholds.
    """
    stop = len(minutes.dydx_close)
    key = ("market", reference, rules.legs, rules.pays_funding, stop)
    return remembered(panel, key, lambda: _market(minutes, rules), most=_KEPT)


def _market(minutes: Minutes, rules: Rules) -> Market:
    close, rate = _fixed(minutes.dydx_close), _fixed(minutes.funding_rate)
    other_close = _fixed(minutes.binance_close) if rules.legs == 2 else close
    present, last_present = next_present(close, other_close)
    booked = rate if rules.pays_funding else rate[:0]  # nobody asks otherwise
    return Market(
        dydx_open=_fixed(minutes.dydx_open),
        dydx_high=_fixed(minutes.dydx_high),
        dydx_low=_fixed(minutes.dydx_low),
        dydx_close=close,
        binance_open=_fixed(minutes.binance_open),
        binance_close=_fixed(minutes.binance_close),
        spread=_fixed(minutes.spread),
        funding=Funding(rate, *funding_of(booked, present)),
        next_present=present,
        last_present=last_present,
    )


def _eligible(allowed: Bools, market: Market, rules: Rules) -> Bools:
    """Rows that an entry can be filled after; the last row of a frame never is."""
    eligible = allowed.copy()
    eligible[-1:] = False
    if not rules.fills_at_close:
        eligible[:-1] &= market.next_present[1:-1] == np.arange(1, len(allowed))
    return eligible


def _fixed(values: Floats | Ints) -> Any:
    """A read-only view: pandas hands out such ones, and kernels compile for one kind only."""
    view = values.view()
    view.flags.writeable = False
    return view

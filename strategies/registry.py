"""The strategies by name: what the storey above may ask of each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from research.arrays import Bools, Records
from research.errors import ParamError
from research.features.panel import Panel
from research.measures.costs import Costs
from research.measures.report import LEAD_FOLLOW_COLUMNS, REVERSION_COLUMNS
from strategies.law.execution import Execution
from strategies.lead_follow import LeadFollowParams
from strategies.lead_follow import adapter as lead_follow
from strategies.reversion import ReversionParams
from strategies.reversion import adapter as reversion

__all__ = ["STRATEGIES", "Params", "Strategy", "strategy_named", "strategy_of"]

Params = LeadFollowParams | ReversionParams


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """One strategy as grids, studies and commands see it."""

    name: str
    params_type: type[Any]
    legs: int
    modes: tuple[str, ...]  # empty where the strategy has no mode
    entry_axes: tuple[str, ...]  # parameters that decide about entries
    exit_axes: tuple[str, ...]
    report_columns: tuple[str, ...]
    trades: Callable[[Panel, Any, Execution, Costs, slice], Records]
    signals: Callable[[Panel, Any], Bools]
    summary: str = ""  # one sentence, for the help of its command
    flags: Mapping[str, str] = field(default_factory=dict)  # parameter -> flag of its command,
    # where that is not the parameter's name with its minutes spelled out

    @property
    def axes(self) -> Sequence[str]:
        """Every parameter that a grid may vary."""
        return self.entry_axes + self.exit_axes


STRATEGIES = (
    Strategy(
        name="lead",
        params_type=LeadFollowParams,
        legs=lead_follow.LEGS,
        modes=("short", "long"),
        entry_axes=("window", "move_pct", "spread_entry", "cooldown"),
        exit_axes=("tp", "sl", "horizon"),
        report_columns=LEAD_FOLLOW_COLUMNS,
        summary="Lead/follow: Binance has moved, dYdX still trades at a premium or discount.",
        flags={"window": "--binance-drop-window", "move_pct": "--binance-drop-pct"},
        trades=lead_follow.trades,
        signals=lead_follow.signals,
    ),
    Strategy(
        name="reversion",
        params_type=ReversionParams,
        legs=reversion.LEGS,
        modes=(),
        entry_axes=("entry", "min_gap"),
        exit_axes=("exit", "max_hold"),
        report_columns=REVERSION_COLUMNS,
        summary="Spread reversion: both venues against each other until the spread is back.",
        trades=reversion.trades,
        signals=reversion.signals,
    ),
)


def strategy_named(name: str) -> Strategy:
    """The strategy called ``name``. Raises :class:`ParamError` where there is none."""
    for strategy in STRATEGIES:
        if strategy.name == name:
            return strategy
    known = ", ".join(strategy.name for strategy in STRATEGIES)
    raise ParamError(f"no strategy {name!r}; take one of {known}")


def strategy_of(params: Params) -> Strategy:
    """The strategy that ``params`` belong to."""
    for strategy in STRATEGIES:
        if isinstance(params, strategy.params_type):
            return strategy
    raise ParamError(f"{type(params).__name__} are no strategy's parameters")

"""The decisions that are judged: every strategy, by the models that are shown, where it trades.

Default parameters may not trade once in a quiet week, and what makes no trade cannot leak. So the
thresholds (all that are percent, together) are halved until there are some trades.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from research.arrays import Bools, Records
from research.errors import ParamError
from research.features.labels import REGIMES, SESSIONS
from research.features.panel import Panel
from strategies.backtest.model import Model
from strategies.law.bounds import bounds
from strategies.law.filters import EntryFilters
from strategies.registry import Strategy

__all__ = ["ENOUGH", "Decision", "decisions_of"]

ENOUGH = 30  # trades
_HALVINGS = 6
_FILTERED = EntryFilters(sessions=SESSIONS[1:], regimes=REGIMES[1:], rsi_min=20.0, rsi_max=80.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One strategy with parameters, filled and charged by a model.

    Attributes
    ----------
    asks_regime
        Whether entries hang on fitted edges, so that nothing is known before they are.
    has_wide_exits
        Whether the levels of exits stay as they are while those of entries are lowered.
    """

    name: str
    strategy: Strategy
    params: Any
    model: Model
    asks_regime: bool = False
    has_wide_exits: bool = False

    def trades(self, panel: Panel) -> Records:
        """POSITION records over the whole panel, in the order of entry."""
        model = self.model
        return self.strategy.trades(
            panel, self.params, model.execution, model.costs(self.params), slice(0, len(panel))
        )

    def signals(self, panel: Panel) -> Bools:
        """The minutes that meet the thresholds, shape (n,)."""
        return self.strategy.signals(self.model.execution.minutes_of(panel), self.params)


def decisions_of(
    panel: Panel, strategies: Sequence[Strategy], models: Sequence[Model]
) -> tuple[Decision, ...]:
    """Every strategy and side under every model, and once more with filters under the first."""
    found = []
    for strategy in strategies:
        for words, base in strategy.bases().items():
            found += [
                _eager(
                    panel,
                    Decision(
                        name=f"{words}, {model.name}",
                        strategy=strategy,
                        params=model.apply(base),
                        model=model,
                        has_wide_exits=model is models[0],
                    ),
                )
                for model in models
            ]
            found.append(_filtered(panel, words, strategy, base, models[0]))
    return tuple(found)


def _filtered(panel: Panel, words: str, strategy: Strategy, base: Any, model: Model) -> Decision:
    params = model.apply(base)
    asked = _FILTERED.changes()
    filtered = replace(params, filters=replace(params.filters, **asked))
    name = f"{words}, {model.name}, filtered"
    decision = Decision(
        name=name, strategy=strategy, params=filtered, model=model, asks_regime=True
    )
    return _eager(panel, decision)


def _eager(panel: Panel, decision: Decision) -> Decision:
    """``decision`` with thresholds low enough to trade, or the one that trades most."""
    best, most = decision, -1
    for halvings in range(_HALVINGS + 1):
        try:
            tried = replace(decision, params=_scaled(decision, 0.5**halvings))
        except ParamError:
            break
        count = len(tried.trades(panel))
        if count > most:
            best, most = tried, count
        if most >= ENOUGH:
            break
    return best


def _scaled(decision: Decision, factor: float) -> Any:
    """Wide exits run out of time, narrow ones are touched: both are looked at, where they may."""
    params, of_entries = decision.params, set(decision.strategy.entry_axes)
    levels = {
        name: getattr(params, name) * factor
        for name, bound in bounds(params).items()
        if bound.unit == "percent"
    }
    if decision.has_wide_exits:
        try:
            return replace(params, **{n: v for n, v in levels.items() if n in of_entries})
        except ParamError:
            pass  # an exit that must stay below its entry
    return replace(params, **levels)

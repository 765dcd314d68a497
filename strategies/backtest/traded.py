"""What is read of a backtest's result by what the result hands itself to."""

from typing import Protocol

from research.arrays import Records
from research.features.panel import Panel
from research.measures.costs import Costs
from strategies.law.execution import Execution
from strategies.registry import Strategy

__all__ = ["Traded"]


class Traded(Protocol):
    """A result, as far as an account of it needs to know one: no backtest is imported for it."""

    @property
    def panel(self) -> Panel:
        """The minutes that were traded on."""

    @property
    def execution(self) -> Execution:
        """How orders were filled."""

    @property
    def costs(self) -> Costs:
        """What was charged."""

    @property
    def positions(self) -> Records:
        """Trades in the order of entry, shape (trades,)."""

    @property
    def strategy(self) -> Strategy:
        """The strategy that made them."""

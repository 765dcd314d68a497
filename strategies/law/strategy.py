"""What a strategy tells the rest of the house about itself: one value, :class:`Strategy`.

A strategy is one folder: parameters with their bounds, the law (``step``), and this value under
the name ``STRATEGY`` in its ``strategy`` module. It is known everywhere (backtest, grids, studies,
verdict, commands, bot config) once it is listed in :mod:`strategies.listed`; the first line of the
package's docstring is the help of its command.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Protocol, runtime_checkable

from research.arrays import Bools, Floats, Ints, Records
from research.features.panel import Panel
from research.measures.costs import Costs
from strategies.law.execution import Execution
from strategies.law.filters import EntryFilters

__all__ = ["BOTH", "Levels", "LevelsRule", "Params", "Strategy"]

BOTH = "both"
"""The mode of a strategy that takes either side, and the wish for every mode there is."""
Levels = list[float] | str
"""Levels of an axis: a list, or ``low:high:step`` with both ends included."""


@runtime_checkable
class Params(Protocol):
    """Parameters of any strategy: a frozen dataclass whose numbers carry their bounds."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def reference(self) -> Literal["raw", "excess"]:
        """The spread that its conditions look at."""

    @property
    def filters(self) -> EntryFilters:
        """What must hold at an entry beside the thresholds."""


@dataclass(frozen=True, slots=True)
class LevelsRule:
    """One axis must stay below another: a pair of levels that does not is no parameter set."""

    low: str
    high: str

    @property
    def words(self) -> str:
        """For messages."""
        return f"{self.low} must be below {self.high}"

    def holds(self, low: Floats, high: Floats) -> Bools:
        """Which pairs are parameters, shapes that broadcast."""
        found: Bools = low < high
        return found


def _no_columns(panel: Panel, params: Any, entry: Ints) -> dict[str, Floats]:
    del panel, params, entry
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """One strategy as backtests, grids, studies, verdicts, commands and the bot's file see it.

    Attributes
    ----------
    legs
        1 dYdX only, 2 dYdX against Binance.
    modes
        Values of the parameter ``mode``, of ``short`` and ``long``; empty where the strategy takes
        either side.
    entry_axes, exit_axes
        Parameters that a grid may vary: those that decide about entries, and about exits.
    hold_axis
        The longest hold: the parameter that bounds how long a trade lasts.
    uses_lead
        Whether Binance's move decides: without it, placebos of the lead say nothing.
    rule
        Which pairs of levels are no parameters; None: all are.
    report_columns
        The columns of reports that mean something here.
    event_columns
        The columns of the trades' CSV.
    tracks_excursions
        Whether the worst and the best pnl on the way (mae, mfe) are followed.
    default_axes
        Levels of the grid, and ends of the searches, where the settings name none.
    heatmap_axes
        What to look at first: x and y.
    trades
        Panel, parameters, execution, costs and rows to positions in the order of entry.
    signals
        Minutes that meet the thresholds, whatever their age and the filters, shape (n,).
    threshold
        The level of the spread that opens, with its sign, percent: for the picture.
    silence
        Panel, parameters, rows and which of them are usable to sentences: why nothing fired.
    trade_columns
        Columns that only this strategy's trades have, at rows of entry.
    flags
        Parameter to flag of its command, where that is not its name with minutes spelled out.
    """

    name: str
    params_type: type[Any]
    legs: int
    modes: tuple[str, ...]
    entry_axes: tuple[str, ...]
    exit_axes: tuple[str, ...]
    hold_axis: str
    report_columns: tuple[str, ...]
    event_columns: tuple[str, ...]
    default_axes: Mapping[str, Levels]
    heatmap_axes: tuple[str, str]
    trades: Callable[[Panel, Any, Execution, Costs, slice], Records]
    signals: Callable[[Panel, Any], Bools]
    threshold: Callable[[Any], float]
    silence: Callable[[Panel, Any, slice, Bools], list[str]]
    uses_lead: bool = False
    tracks_excursions: bool = False
    rule: LevelsRule | None = None
    trade_columns: Callable[[Panel, Any, Ints], Mapping[str, Floats]] = _no_columns
    flags: Mapping[str, str] = field(default_factory=dict)

    @property
    def axes(self) -> Sequence[str]:
        """Every parameter that a grid may vary."""
        return self.entry_axes + self.exit_axes

    def bases(self) -> dict[str, Params]:
        """Default parameters of each mode, by title: ``lead-short``, ``lead-long``."""
        return {self.title(params): params for params in self.bases_of(BOTH)}

    def bases_of(self, mode: str) -> list[Params]:
        """Default parameters of one mode, or of all of them; one set where there is no mode."""
        if not self.modes:
            return [self.params_type()]
        return [self.params_type(mode=each) for each in self.modes if mode in (BOTH, each)]

    def mode_of(self, params: Params) -> str:
        """``short``, ``long``, or ``both`` where the strategy has no mode."""
        return str(getattr(params, "mode", BOTH)) if self.modes else BOTH

    def side_of(self, params: Params) -> int:
        """+1 long dYdX, -1 short dYdX, 0 where the strategy takes either side."""
        return {"long": 1, "short": -1}.get(self.mode_of(params), 0)

    def title(self, params: Params) -> str:
        """``lead-short``, ``lead-long``, ``reversion``: the name and its mode."""
        return self.name + (f"-{self.mode_of(params)}" if self.modes else "")

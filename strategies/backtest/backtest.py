"""Features, parameters and costs in; trades and their report out."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from research.arrays import Floats, Records
from research.errors import FrameError
from research.features.panel import Panel
from research.measures.costs import Costs, taker_costs
from research.measures.report import Report, report
from research.measures.tables import segment_reports
from research.outcomes import REASONS
from research.settings.costs import CostSettings
from strategies.backtest.portfolio import to_portfolio
from strategies.backtest.silent import at_last_price, silent_fills
from strategies.law.execution import EXECUTABLE, Execution
from strategies.law.filters import NO_AGE_LIMIT, is_allowed, is_comparable
from strategies.law.funding import funding_venues
from strategies.law.position import TRADE_FIELDS
from strategies.registry import Params, Strategy, strategy_of

if TYPE_CHECKING:
    import vectorbt as vbt

__all__ = ["BacktestResult", "backtest", "with_filters"]


@dataclass(frozen=True)
class BacktestResult:
    """Trades of one parameter set on one panel, and everything they came from.

    Attributes
    ----------
    panel
        The minutes as the execution model reads them.
    positions
        :data:`strategies.law.position.POSITION` records in the order of entry, shape (trades,).
    rows
        The rows of the panel on which entries were allowed.
    """

    panel: Panel
    params: Params
    execution: Execution
    costs: Costs
    positions: Records
    rows: slice

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def strategy(self) -> Strategy:
        """The strategy of the parameters."""
        return strategy_of(self.params)

    @property
    def net_pct(self) -> Floats:
        """Net pnl of each trade in percent, shape (trades,)."""
        net: Floats = self.positions["net_pct"]
        return net

    @cached_property
    def trades(self) -> pd.DataFrame:
        """One row a trade: times, prices, pnl, reason, session and regime at the entry."""
        positions, panel = self.positions, self.panel
        entry, exit_ = positions["entry"], positions["exit"]
        index = panel.frame.table.index
        table = pd.DataFrame({name: positions[name] for name in TRADE_FIELDS})
        table["entry_time"], table["exit_time"] = index[entry], index[exit_]
        table["mode"] = np.where(positions["side"] > 0, "long", "short")
        table["side"] = np.where(positions["side"] > 0, "long", "short")
        table["reason"] = pd.Categorical.from_codes(positions["reason"], pd.Index(REASONS))
        table["spread_pct"] = table["entry_spread_pct"] = panel.spread_pct[entry]
        table["exit_spread_pct"] = panel.spread_pct[exit_]
        for name, values in self.strategy.trade_columns(panel, self.params, entry).items():
            table[name] = values
        if not self.strategy.tracks_excursions:
            table = table.drop(columns=["mae_pct", "mfe_pct"])
        table["session"], table["regime"] = panel.session[entry], panel.regime[entry]
        return table

    @cached_property
    def dropped_by_age(self) -> int:
        """Minutes that met every condition but the age of the dYdX price."""
        params, filters = self.params, self.params.filters
        if filters.max_age_min == NO_AGE_LIMIT:
            return 0
        side = self.strategy.side_of(params)
        meets = self.strategy.signals(at_last_price(self.panel), params)
        meets &= is_allowed(self.panel, filters, side, params.reference)
        meets &= ~is_comparable(self.panel, filters.max_age_min)
        return int(np.count_nonzero(meets[self.rows]))

    @property
    def fills(self) -> int:
        """Entries and exits, leg by leg."""
        return 2 * self.strategy.legs * len(self)

    @cached_property
    def silent_fills(self) -> int:
        """Entries and exits, leg by leg, at a price at which nobody traded in that minute."""
        return silent_fills(self)

    @property
    def funding_venues(self) -> tuple[str, ...]:
        """The venues whose funding the trades were charged."""
        return funding_venues(self.panel, self.strategy.legs) if self.costs.funding else ()

    @property
    def funding_note(self) -> str:
        """Whose funding was charged, and whose was not there to charge, in a few words."""
        if not self.costs.funding:
            return "off"
        venues = ("dydx", "binance")[: self.strategy.legs]
        missing = [venue for venue in venues if venue not in self.funding_venues]
        if len(missing) == len(venues):
            return "off (the frame has none)"
        return f"on ({missing[0]}: none in the frame, not charged)" if missing else "on"

    def report(self) -> Report:
        """Every report column over all trades."""
        positions, is_followed = self.positions, self.strategy.tracks_excursions
        return report(
            net_pct=positions["net_pct"],
            gross_pct=positions["gross_pct"],
            hold_min=positions["exit"] - positions["entry"],
            reason=positions["reason"],
            mae_pct=positions["mae_pct"] if is_followed else None,
            mfe_pct=positions["mfe_pct"] if is_followed else None,
        )

    def segments(self) -> dict[str, Report]:
        """The report per segment: all, per session, per regime, per pair of them."""
        return segment_reports(self.trades)

    def events(self) -> pd.DataFrame:
        """Trades as they are written to files: ISO-8601 UTC times, prices, percent."""
        table = self.trades[list(self.strategy.event_columns)].copy()
        for name in ("entry_time", "exit_time"):
            table[name] = pd.DatetimeIndex(table[name]).strftime("%Y-%m-%dT%H:%M:%SZ")
        return table

    def to_vectorbt(self) -> "vbt.Portfolio":
        """The same trades, simulated by vectorbt: see :mod:`strategies.backtest.portfolio`."""
        return to_portfolio(self)


def backtest(
    panel: Panel,
    params: Params,
    *,
    execution: Execution = EXECUTABLE,
    costs: Costs | None = None,
    rows: slice | None = None,
) -> BacktestResult:
    """Trades that the law makes of ``params`` on ``panel``.

    Parameters
    ----------
    costs
        Left out, the default taker fees and slippage, and funding.
    rows
        Rows on which entries are allowed; the frame ends with the last of them, so a training
        part never sees the test part. Features keep what they know from earlier rows.

    Raises
    ------
    FrameError
        ``rows`` hold no minute.
    """
    strategy = strategy_of(params)
    rows = rows or slice(0, len(panel))
    start, stop, _ = rows.indices(len(panel))
    if start >= stop:
        raise FrameError(f"{panel.frame.label}: rows {start}..{stop} hold no minute; widen them")
    used = costs or taker_costs(CostSettings(), strategy.legs)
    positions = strategy.trades(panel, params, execution, used, rows)
    return BacktestResult(
        panel=execution.minutes_of(panel),
        params=params,
        execution=execution,
        costs=used,
        positions=positions,
        rows=slice(start, stop),
    )


def with_filters(params: Params, **changes: Any) -> Params:
    """``params`` with some of their entry filters changed."""
    return replace(params, filters=replace(params.filters, **changes))

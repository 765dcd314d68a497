"""What minutes without a trade did to a backtest: signals that they cost, fills that they faked."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from research.arrays import Ints
from research.data.tables.schema import Venue
from research.features.panel import Panel
from research.features.spread import spread_excess_pct, spread_pct
from strategies.law.position import AT_CLOSE

if TYPE_CHECKING:
    from strategies.backtest.backtest import BacktestResult

__all__ = ["at_last_price", "silent_fills"]


def at_last_price(panel: Panel) -> Panel:
    """``panel`` with dYdX's last price standing through its silent minutes.

    Nobody can trade at it: this is for counting the signals that would have been seen in it. It
    gives the same count whether the file holds flat candles for those minutes or none.
    """
    last = panel.column("dydx_close")
    row = np.maximum.accumulate(np.where(np.isnan(last), 0, np.arange(last.size)))
    spread = spread_pct(last[row], panel.column("binance_close"))
    return replace(
        panel, spread_pct=spread, spread_excess_pct=spread_excess_pct(spread, panel.basis_pct)
    )


def silent_fills(result: "BacktestResult") -> int:
    """Entries and exits, leg by leg, in minutes in which the leg's venue did not trade."""
    positions, frame = result.positions, result.panel.frame
    entry_row: Ints = positions["entered_at"] - (result.execution.fill == "close")
    exit_row: Ints = positions["left_at"] - (positions["left_how"] == AT_CLOSE)
    rows = np.concatenate((entry_row, exit_row))
    venues: tuple[Venue, ...] = ("dydx", "binance")
    silent = [~frame.has_traded(venue)[rows] for venue in venues[: result.strategy.legs]]
    return int(np.count_nonzero(silent))

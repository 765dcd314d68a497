"""The trades of a result as a ``vbt.Portfolio``: its statistics, its plots, a second opinion.

vectorbt simulates the orders anew from prices, sizes and fees; nothing but the orders is handed
over. Every trade has a notional of 100, so a pnl in cash is a pnl in percent.

vectorbt takes one order a row and column, but an exit and the next entry may share an instant.
The index therefore has three rows a minute, in the order in which things happen in it:

- ``fill=next_open``: exits at the open, entries at the open, exits later in the minute
- ``fill=close``: (unused), exits within the minute or at its close, entries at the close
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from research.arrays import Floats, Ints, Records
from research.errors import ReplayError
from strategies.backtest.traded import Traded
from strategies.law.position import AT_CLOSE, AT_OPEN

if TYPE_CHECKING:
    import vectorbt as vbt

__all__ = ["NOTIONAL", "VectorbtReplay", "replay_in_vectorbt", "to_portfolio"]

NOTIONAL = 100.0
_SLOTS = 3  # rows a minute
_TOLERANCE_PCT = 1e-9


class VectorbtReplay(NamedTuple):
    """How far vectorbt's account of the same orders is from ours."""

    trades: int
    max_error_pct: float

    def __str__(self) -> str:
        return f"{self.trades} trades agree, largest difference {self.max_error_pct:.1e} %"


def to_portfolio(result: Traded, *, only_orders: bool = False) -> "vbt.Portfolio":
    """``result`` simulated by ``vbt.Portfolio.from_orders``.

    One column ``dydx``; spread reversion adds ``binance``, grouped with it and sharing its cash.
    Fees and slippage are charged at the entry, split over the legs, funding of all legs at the
    dYdX exit.

    Parameters
    ----------
    only_orders
        Leaves out the rows without an order: the same trades in a fraction of the time, but no
        value between them.

    Raises
    ------
    ReplayError
        Positions overlap: a portfolio holds one position a column.
    """
    import vectorbt as vbt

    if result.execution.overlap:
        raise ReplayError(
            "overlapping positions have no single portfolio; run with overlap=False to hand over"
        )
    legs = result.strategy.legs
    ends = _rows(result.positions, fills_at_close=result.execution.fill == "close")
    n = _SLOTS * len(result.panel)
    kept = np.unique(np.concatenate([[0], *ends])) if only_orders else np.arange(n)
    entry_row, exit_row = (np.searchsorted(kept, rows) for rows in ends)
    orders = [_orders(result, leg, entry_row, exit_row, len(kept)) for leg in range(legs)]
    names = ["dydx", "binance"][:legs]
    stack = {key: np.column_stack([leg[key] for leg in orders]) for key in orders[0]}
    if legs == 1:  # one column as a series: statistics then speak of it, not of a mean
        stack = {key: table[:, 0] for key, table in stack.items()}
    index = _index(result)[kept]
    table = pd.DataFrame(_valuation(result, legs)[kept // _SLOTS], index=index, columns=names)
    close = table if legs > 1 else table[names[0]]
    return vbt.Portfolio.from_orders(
        close,
        size=stack["size"],
        price=stack["price"],
        fixed_fees=stack["fees"],
        init_cash=1e4 * NOTIONAL,
        group_by=legs > 1,
        cash_sharing=legs > 1,
        freq=pd.Timedelta(minutes=1) / _SLOTS,
    )


def replay_in_vectorbt(result: Traded) -> VectorbtReplay:
    """Compares vectorbt's trades with ours, one by one.

    Raises
    ------
    ReplayError
        Another number of trades, another price, or a net pnl that differs by over 1e-9 percent.
    """
    ours = result.positions
    if len(ours) == 0:
        return VectorbtReplay(0, 0.0)
    records = to_portfolio(result, only_orders=True).trades.records
    legs = [records[records["col"] == leg] for leg in range(result.strategy.legs)]
    if any(len(leg) != len(ours) for leg in legs):
        counts = ", ".join(str(len(leg)) for leg in legs)
        raise ReplayError(f"vectorbt made {counts} trades of our {len(ours)}")
    net = np.sum([leg["pnl"].to_numpy() for leg in legs], axis=0)
    errors = [
        np.abs(net - ours["net_pct"]),
        np.abs(legs[0]["entry_price"].to_numpy() / ours["entry_price"] - 1) * 100,
        np.abs(legs[0]["exit_price"].to_numpy() / ours["exit_price"] - 1) * 100,
    ]
    largest = max((float(error.max(initial=0.0)) for error in errors), default=0.0)
    if not largest <= _TOLERANCE_PCT:
        raise ReplayError(
            f"vectorbt differs by {largest:.3e} % (allowed {_TOLERANCE_PCT:.0e}) "
            f"over {len(ours)} trades"
        )
    return VectorbtReplay(len(ours), largest)


def _orders(result: Traded, leg: int, entry_row: Ints, exit_row: Ints, n: int) -> dict[str, Floats]:
    positions = result.positions
    prefix = "binance_" if leg else ""
    side = positions["side"] * (-1 if leg else 1)
    entry_price, exit_price = positions[f"{prefix}entry_price"], positions[f"{prefix}exit_price"]
    size = side * NOTIONAL / entry_price
    orders = {"size": np.full(n, np.nan), "price": np.full(n, np.nan), "fees": np.zeros(n)}
    orders["size"][entry_row], orders["size"][exit_row] = size, -size
    orders["price"][entry_row], orders["price"][exit_row] = entry_price, exit_price
    costs = result.costs.fees_pct + result.costs.slippage_pct(result.strategy.legs)
    orders["fees"][entry_row] = costs / result.strategy.legs
    if leg == 0:
        orders["fees"][exit_row] = positions["funding_pct"]
    return orders


def _rows(positions: Records, *, fills_at_close: bool) -> tuple[Ints, Ints]:
    """Row of each entry and exit order on the index of three rows a minute."""
    # an instant is the open of its row; what happens at a close belongs to the row before
    is_at_close = positions["left_how"] == AT_CLOSE
    left_row = positions["left_at"] - is_at_close
    if fills_at_close:
        return (positions["entered_at"] - 1) * _SLOTS + 2, left_row * _SLOTS + 1
    slot = np.where(positions["left_how"] == AT_OPEN, 0, 2)
    return positions["entered_at"] * _SLOTS + 1, left_row * _SLOTS + slot


def _valuation(result: Traded, legs: int) -> Floats:
    """Closes by minute and leg, the last known one where a minute is missing."""
    closes = [result.panel.column(f"{venue}_close") for venue in ("dydx", "binance")[:legs]]
    known: Floats = pd.DataFrame(np.column_stack(closes)).ffill().bfill().to_numpy()
    return known


def _index(result: Traded) -> pd.DatetimeIndex:
    start = result.panel.frame.table.index[0]
    return pd.date_range(start, periods=_SLOTS * len(result.panel), freq="20s")

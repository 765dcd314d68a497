"""One trade, and what both strategies share of fills and costs."""

import math
from typing import NamedTuple

from tests.reference.frame import Frame


class Trade(NamedTuple):
    """Rows are numbers in the frame, prices dYdX's unless named otherwise, the rest percent."""

    entry: int  # the signal minute
    exit: int  # the minute on which the exit is decided, or in which TP or SL is touched
    side: int  # +1 long dYdX, -1 short dYdX
    entry_price: float
    exit_price: float
    binance_entry_price: float  # NaN for lead/follow
    binance_exit_price: float
    gross_pct: float
    funding_pct: float  # a cost: positive is paid
    net_pct: float
    reason: str  # TP, SL, HORIZON, END, REVERT, TIMEOUT
    mae_pct: float  # NaN for reversion
    mfe_pct: float
    spread_pct: float  # raw, at the signal minute
    lead_pct: float  # the window's move at the signal minute; NaN for reversion


def is_open(trade: Trade, t: int, longest: int) -> bool:
    """Return whether, on the close of row t, the trade is still open for all that is known.

    A horizon whose last rows are missing ends on an earlier row, but only its end shows that: on
    that earlier row nobody knows that no later price will come.
    """
    if trade.exit > t:
        return True
    ran_out = trade.reason in ("HORIZON", "TIMEOUT") and trade.exit < trade.entry + longest
    return ran_out and t < trade.entry + longest


def gross_pct(side: int, entry_price: float, exit_price: float) -> float:
    """Return the gross pnl of one leg on its own entry price, percent."""
    if side > 0:
        return (exit_price - entry_price) / entry_price * 100
    return (entry_price - exit_price) / entry_price * 100


def net_pct(
    gross: float, fees_bps: float, slippage_bps: float, fills: int, funding: float
) -> float:
    """Return gross less round-trip fees, slippage of every fill, and funding, in this order."""
    return ((gross - fees_bps / 100) - slippage_bps / 100 * fills) - funding


def funding_pct(
    frame: Frame, side: int, filled_in: int, filled_out: int, rate: str = "funding_rate"
) -> float:
    """Return what one leg pays at the instants after `filled_in` and up to `filled_out`.

    A fill at the open of row k happens at time k, one at the close of row j at time j + 1; the
    rate on row r is paid at time r. An unknown rate counts as 0.
    """
    rates = frame[rate]
    due = [rates[r] for r in range(len(rates)) if filled_in < r <= filled_out]
    return side * sum((rate for rate in due if not math.isnan(rate)), 0.0) * 100

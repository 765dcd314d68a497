"""What a simulated trade earned, with its parts apart."""

import math
from typing import Any

from research.measures.costs import Costs
from strategies.live.paper.ledger import Position
from strategies.live.risk import VenueQuote, fill_of

__all__ = ["closing", "fee_usdt", "hedge_price"]


def fee_usdt(costs: Costs | None, notional: float) -> float:
    """The fee of one of the two fills of a round trip; 0 for a set that is no longer known."""
    return 0.0 if costs is None else costs.fees_bps / 2 / 1e4 * notional


def hedge_price(legs: int, side: int, size_base: float, binance: VenueQuote) -> float | None:
    """What the leg on Binance pays or gets; NaN without one, None: unknown.

    An order larger than the levels that are known, such as a recording's best one, meets no worse
    price than the last of these.
    """
    if legs == 1:
        return math.nan
    if not binance.is_connected or binance.mid is None:
        return None
    levels = binance.asks if side > 0 else binance.bids
    fill = fill_of((*levels[:-1], (levels[-1][0], math.inf)), size_base)
    return None if fill is None else fill.price


def closing(
    held: Position, *, price: float, expected: float | None, hedge: float | None, fee_usdt: float
) -> dict[str, Any]:
    """The facts of a trade that is over. ``gross`` is between the prices that were expected.

    ``net_usdt = gross - slippage - fees - funding + hedge``; costs are positive, in quote units.
    """
    wanted = price if expected is None else expected
    signed = held.side * held.size_base
    gross = signed * (wanted - held.expected)
    slippage = signed * (held.price - held.expected + wanted - price)
    both = held.hedge is not None and hedge is not None
    hedged = -signed * (hedge - held.hedge) if both else 0.0  # type: ignore[operator]
    fees = held.fees_usdt + fee_usdt
    return {
        "id": held.id,
        "set_id": held.set_id,
        "minute": held.minute,
        "side": held.side,
        "size_base": held.size_base,
        "entered_ms": held.entered_ms,
        "entry_price": held.price,
        "entry_expected": held.expected,
        "exit_price": price,
        "exit_expected": expected,
        "gross_usdt": gross,
        "slippage_usdt": slippage,
        "fees_usdt": fees,
        "funding_usdt": held.funding_usdt,
        "hedge_usdt": hedged,
        "net_usdt": gross - slippage - fees - held.funding_usdt + hedged,
    }

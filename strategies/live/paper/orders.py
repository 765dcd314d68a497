"""Simulated market orders: due a latency after the decision, filled by walking the book."""

from dataclasses import asdict, dataclass
from typing import Any

from strategies.live.risk import VenueQuote, fill_of

__all__ = ["Order", "filled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A taker order that is on its way."""

    position: str  # id
    set_id: str
    minute: int  # of the signal
    side: int  # +1 buys, -1 sells
    size_base: float
    due_ms: float
    expected: float | None  # average price in the book at the decision
    reason: str  # SIGNAL for an entry, else why the position leaves
    is_entry: bool

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return asdict(self)


def filled(
    order: Order, book: VenueQuote, now_ms: float, *, max_age_ms: float, slippage_bps: float
) -> float | None:
    """The average price paid or got; None: the book is down, old, crossed or too thin."""
    mid = book.mid
    if not book.is_connected or mid is None or not book.age_ms(now_ms) <= max_age_ms:
        return None
    if book.bids[0][0] >= book.asks[0][0]:
        return None
    fill = fill_of(book.asks if order.side > 0 else book.bids, order.size_base)
    return None if fill is None else fill.price * (1 + order.side * slippage_bps / 1e4)

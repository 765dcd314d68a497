"""What can be heard: a book, an oracle price, a closed minute, a silence, the clock."""

from typing import NamedTuple

from strategies.live.risk.market import Level
from strategies.live.stream import LiveMinute

__all__ = ["BookHeard", "FeedEvent", "MinuteHeard", "OracleHeard", "Tick", "VenueLost"]


class BookHeard(NamedTuple):
    """The book of a venue, best levels first; its feed stands."""

    at_ms: float  # our clock
    venue: str  # binance or dydx
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    exchange_ms: float | None  # the exchange's stamp by our clock; None: it gives none


class OracleHeard(NamedTuple):
    """dYdX's oracle price."""

    at_ms: float
    price: float


class MinuteHeard(NamedTuple):
    """A minute of both venues that is over."""

    at_ms: float
    minute: LiveMinute


class VenueLost(NamedTuple):
    """A venue's feed is down until its next book."""

    at_ms: float
    venue: str
    reason: str


class Tick(NamedTuple):
    """Nothing but the time."""

    at_ms: float


FeedEvent = BookHeard | OracleHeard | MinuteHeard | VenueLost | Tick

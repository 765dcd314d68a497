"""What is known of both venues at one moment."""

from dataclasses import dataclass
from typing import Literal

from strategies.live.stream import MinuteFeatures, Signal

__all__ = ["EMPTY_BOOK", "Level", "MarketSnapshot", "VenueQuote"]

Level = tuple[float, float]
"""Price and size in base units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueQuote:
    """The book of one venue, best levels first, and when it was so.

    Attributes
    ----------
    bids, asks
        Price and size; Binance needs its best levels only.
    exchange_ms
        The exchange's own stamp by our clock, ms since 1970; None: it gives none.
    received_ms
        When it came in.
    is_connected
        Whether the feed stands. A book of a feed that is down is history.
    """

    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    exchange_ms: float | None
    received_ms: float
    is_connected: bool = True

    @property
    def mid(self) -> float | None:
        """Middle of best bid and ask; None where a side is missing."""
        if not self.bids or not self.asks:
            return None
        return (self.bids[0][0] + self.asks[0][0]) / 2

    @property
    def spread(self) -> float | None:
        """Ask minus bid over the mid, a fraction."""
        mid = self.mid
        return None if mid is None or mid <= 0 else (self.asks[0][0] - self.bids[0][0]) / mid

    def age_ms(self, now_ms: float) -> float:
        """Age by the older of both stamps; negative: of the future."""
        if self.exchange_ms is None:
            return now_ms - self.received_ms
        return now_ms - min(self.exchange_ms, self.received_ms)

    def ahead_ms(self, now_ms: float) -> float:
        """How far the newer stamp lies in the future; 0: it does not."""
        return max(0.0, self.received_ms - now_ms, (self.exchange_ms or 0.0) - now_ms)


EMPTY_BOOK = VenueQuote(
    bids=(), asks=(), exchange_ms=None, received_ms=float("-inf"), is_connected=False
)
"""Before anything was heard of a venue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketSnapshot:
    """All that a decision is made of.

    Attributes
    ----------
    market
        dYdX ticker, such as ``BTC-USD``.
    oracle, oracle_ms
        dYdX's oracle price and when it was received.
    vol_1s
        Deviation of Binance's one-second log returns, a fraction; None or NaN: unknown.
    latency_ms
        From an exchange's stamp to its coming in, as the feeds see it; None: unknown.
    features
        Of the last closed minute.
    signals
        Those of the last closed minute.
    side
        The entry that is asked about; None: the risk state only.
    strategy
        ``lead`` or ``reversion``; None: any that has evidence.
    open_positions
        How many the bot holds.
    score
        The bot's own, for the journal.
    """

    market: str
    binance: VenueQuote
    dydx: VenueQuote
    oracle: float | None = None
    oracle_ms: float | None = None
    vol_1s: float | None = None
    latency_ms: float | None = None
    features: MinuteFeatures | None = None
    signals: tuple[Signal, ...] = ()
    side: Literal["long", "short"] | None = None
    strategy: str | None = None
    open_positions: int = 0
    score: float | None = None

    @property
    def sign(self) -> int:
        """+1 long dYdX, -1 short dYdX, 0 where no side is asked about."""
        return {"long": 1, "short": -1, None: 0}[self.side]

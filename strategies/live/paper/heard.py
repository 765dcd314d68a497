"""The newest of everything that was heard: both books, the oracle, the signals."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from strategies.live.feeds.events import BookHeard, OracleHeard, VenueLost
from strategies.live.risk import MarketSnapshot, SecondVolatility, VenueQuote
from strategies.live.risk.market import EMPTY_BOOK, Level
from strategies.live.stream import MinuteFeatures, Signal

__all__ = ["Heard"]

_BOOKS = ("binance", "dydx")


@dataclass(slots=True)
class Heard:
    """The market as the feeds have it."""

    market: str  # dYdX ticker
    volatility: SecondVolatility
    price_scale: float = 1.0  # dYdX units per Binance unit, as in the bot's file
    books: dict[str, VenueQuote] = field(default_factory=lambda: dict.fromkeys(_BOOKS, EMPTY_BOOK))
    oracle: float | None = None
    oracle_ms: float | None = None
    latency_ms: float | None = None
    signals: tuple[Signal, ...] = ()

    def take(self, event: BookHeard | OracleHeard | VenueLost) -> bool:
        """Takes an event; whether a venue's feed came or went by it."""
        if isinstance(event, OracleHeard):
            self.oracle, self.oracle_ms = event.price, event.at_ms
            return False
        before = self.books[event.venue]
        if isinstance(event, VenueLost):
            self.books[event.venue] = replace(before, is_connected=False)
            return before.is_connected
        bids, asks = event.bids, event.asks
        if event.venue == "binance":
            bids, asks = _scaled(bids, self.price_scale), _scaled(asks, self.price_scale)
        book = VenueQuote(
            bids=bids, asks=asks, exchange_ms=event.exchange_ms, received_ms=event.at_ms
        )
        self.books[event.venue] = book
        if event.venue == "binance":
            if event.exchange_ms is not None:
                self.latency_ms = max(0.0, event.at_ms - event.exchange_ms)
            if (mid := book.mid) is not None:
                self.volatility.push(event.at_ms, mid)
        return not before.is_connected

    def snapshot(self, features: MinuteFeatures | None, open_positions: int) -> MarketSnapshot:
        """What the gate is asked with; no side yet."""
        return MarketSnapshot(
            market=self.market,
            binance=self.books["binance"],
            dydx=self.books["dydx"],
            oracle=self.oracle,
            oracle_ms=self.oracle_ms,
            vol_1s=self.volatility.value,
            latency_ms=self.latency_ms,
            features=features,
            signals=self.signals,
            open_positions=open_positions,
        )

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON; a venue that was never heard is left out."""
        heard = {name: book for name, book in self.books.items() if book.received_ms >= 0}
        return {
            "books": {name: asdict(book) for name, book in heard.items()},
            "oracle": self.oracle,
            "oracle_ms": self.oracle_ms,
            "latency_ms": self.latency_ms,
            "signals": [list(signal) for signal in self.signals],
            "volatility": self.volatility.to_dict(),
        }

    def restore(self, raw: Mapping[str, Any]) -> None:
        """Takes what :meth:`to_dict` gave."""
        for name, book in raw["books"].items():
            sides = {side: tuple(map(tuple, book[side])) for side in ("bids", "asks")}
            self.books[name] = VenueQuote(**(book | sides))
        self.oracle, self.oracle_ms = raw["oracle"], raw["oracle_ms"]
        self.latency_ms = raw["latency_ms"]
        self.signals = tuple(Signal(*each) for each in raw["signals"])
        self.volatility.restore(raw["volatility"])


def _scaled(levels: tuple[Level, ...], scale: float) -> tuple[Level, ...]:
    return levels if scale == 1.0 else tuple((p / scale, s * scale) for p, s in levels)

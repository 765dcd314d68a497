"""What a request may say: strict JSON, every field bounded, nothing unknown let through."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from strategies.live.risk import MarketSnapshot, VenueQuote
from strategies.live.stream import LiveMinute, MinuteFeatures, Signal

__all__ = ["Asked", "Book", "Minutes", "OneMinute", "Result"]

Finite = Annotated[float, Field(allow_inf_nan=False, ge=-1e15, le=1e15)]
Price = Annotated[float, Field(allow_inf_nan=False, ge=0, le=1e12)]
Amount = Annotated[float, Field(allow_inf_nan=False, ge=0, le=1e15)]
Stamp = Annotated[float, Field(allow_inf_nan=False, ge=0, le=4e12)]  # ms, up to the year 2096
EpochMinute = Annotated[int, Field(ge=0, le=70_000_000)]
Unknown = None


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Book(_Body):
    """One venue's book, best levels first; stamps in ms since 1970."""

    bids: tuple[tuple[Price, Amount], ...] = Field(max_length=200)
    asks: tuple[tuple[Price, Amount], ...] = Field(max_length=200)
    received_ms: Stamp
    exchange_ms: Stamp | None = Unknown
    is_connected: bool = True

    def quote(self) -> VenueQuote:
        """The book as the gate takes it."""
        return VenueQuote(
            bids=self.bids,
            asks=self.asks,
            exchange_ms=self.exchange_ms,
            received_ms=self.received_ms,
            is_connected=self.is_connected,
        )


class Asked(_Body):
    """A question of ``/v1/decide``; without a side the risk state only."""

    market: Annotated[str, Field(max_length=64)]
    binance: Book
    dydx: Book
    oracle: Price | None = Unknown
    oracle_ms: Stamp | None = Unknown
    latency_ms: Amount | None = Unknown
    side: Literal["long", "short"] | None = None
    strategy: Annotated[str, Field(max_length=64)] | None = None
    open_positions: Annotated[int, Field(ge=0, le=100_000)] = 0
    score: Finite | None = Unknown

    def snapshot(
        self,
        features: MinuteFeatures | None,
        signals: tuple[Signal, ...],
        vol_1s: float,
    ) -> MarketSnapshot:
        """The question beside what the stream knows."""
        return MarketSnapshot(
            market=self.market,
            binance=self.binance.quote(),
            dydx=self.dydx.quote(),
            oracle=self.oracle,
            oracle_ms=self.oracle_ms,
            vol_1s=vol_1s,
            latency_ms=self.latency_ms,
            features=features,
            signals=signals,
            side=self.side,
            strategy=self.strategy,
            open_positions=self.open_positions,
            score=self.score,
        )


class OneMinute(_Body):
    """A closed minute; a field left out or null is unknown."""

    minute: EpochMinute
    binance_open: Price | None = Unknown
    binance_high: Price | None = Unknown
    binance_low: Price | None = Unknown
    binance_close: Price | None = Unknown
    binance_volume: Amount | None = Unknown
    binance_trades: Amount | None = Unknown
    dydx_open: Price | None = Unknown
    dydx_high: Price | None = Unknown
    dydx_low: Price | None = Unknown
    dydx_close: Price | None = Unknown
    dydx_volume: Amount | None = Unknown
    dydx_trades: Amount | None = Unknown
    funding_rate: Finite | None = 0.0
    binance_funding_rate: Finite | None = 0.0

    def live(self) -> LiveMinute:
        """The minute as the stream takes it; a price of 0 is none."""
        nan = float("nan")
        known: dict[str, Any] = {
            name: nan if value is None else value
            for name, value in self
            if not (value == 0 and name.endswith(("open", "high", "low", "close")))
        }
        return LiveMinute(**known)


class Minutes(_Body):
    """Closed minutes in order, of ``/v1/minutes``."""

    minutes: tuple[OneMinute, ...] = Field(min_length=1, max_length=1000)


class Result(_Body):
    """A position that the bot closed, of ``/v1/closed``."""

    net_usdt: Finite

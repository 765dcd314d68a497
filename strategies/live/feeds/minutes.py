"""Two venues' candles made into one closed minute each, in their order, once."""

import math
from collections.abc import Iterator
from typing import NamedTuple

from strategies.live.feeds.events import MinuteHeard
from strategies.live.stream import LiveMinute

__all__ = ["Candle", "MinuteJoin"]

_MINUTE_MS = 60_000
_KEPT = 10  # minutes of candles that are waited with


class Candle(NamedTuple):
    """One venue's minute."""

    open: float
    high: float
    low: float
    close: float
    volume: float
    trades: float


class MinuteJoin:
    """Waits for Binance's closed candle, which says that the minute is over, or for time to pass.

    dYdX's candle of a minute is the last one told of it; a minute without a trade has none, and
    its fields are NaN. The minute in which the feeds began is half heard and left out.

    Parameters
    ----------
    settle_ms
        After the minute's end: dYdX's last trades are told late.
    patience_ms
        After the minute's end: then it is told without what is missing.
    price_scale
        dYdX's units in one of Binance's contract.
    """

    def __init__(
        self, *, settle_ms: float = 300.0, patience_ms: float = 5000.0, price_scale: float = 1.0
    ) -> None:
        self._settle_ms, self._patience_ms, self._scale = settle_ms, patience_ms, price_scale
        self._binance: dict[int, Candle] = {}
        self._dydx: dict[int, Candle] = {}
        self._rates: dict[int, float] = {}  # by hour at whose start it is paid
        self._next: int | None = None

    def binance(self, minute: int, candle: Candle) -> None:
        """Takes a closed candle of Binance."""
        self._binance[minute] = candle

    def dydx(self, minute: int, candle: Candle) -> None:
        """Takes a candle of dYdX as far as it is."""
        self._dydx[minute] = candle

    def rate(self, rate: float, at_ms: float) -> None:
        """Takes dYdX's rate as predicted for the next hour; the last one told is the one paid."""
        self._rates[int(at_ms // 3_600_000) + 1] = rate

    def due(self, now_ms: float) -> Iterator[MinuteHeard]:
        """The minutes that are over at ``now_ms`` and were not told yet."""
        if self._next is None:
            self._next = int(now_ms // _MINUTE_MS) + 1
        while now_ms >= (end_ms := (self._next + 1) * _MINUTE_MS) + self._settle_ms:
            if self._next not in self._binance and now_ms < end_ms + self._patience_ms:
                return
            yield MinuteHeard(now_ms, self._minute(self._next))
            self._next += 1
            self._forget()

    def _minute(self, number: int) -> LiveMinute:
        missing = Candle(*(math.nan,) * 6)
        one, other = self._binance.get(number, missing), self._dydx.get(number, missing)
        rate = self._rates.get(number // 60, math.nan) if number % 60 == 0 else 0.0
        prices = (price / self._scale for price in one[:4])
        scaled = (*prices, one.volume * self._scale, one.trades)
        return LiveMinute._make((number, *scaled, *other, rate, 0.0, 0.0, math.nan, {}))

    def _forget(self) -> None:
        oldest = (self._next or 0) - _KEPT
        for kept in (self._binance, self._dydx):
            for number in [each for each in kept if each < oldest]:
                del kept[number]
        for hour in [each for each in self._rates if each < oldest // 60]:
            del self._rates[hour]

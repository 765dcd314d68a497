"""Messages of the venues' sockets as events: books, oracle, candles; sequences watched."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from research.errors import FormatError
from research.quotes.book import Book
from research.quotes.messages import UNREADABLE, Heard, MessageNumbers, parts_of
from strategies.live.feeds.events import BookHeard, FeedEvent, OracleHeard
from strategies.live.feeds.levels import with_behind
from strategies.live.feeds.minutes import Candle, MinuteJoin
from strategies.live.feeds.offset import ClockOffset
from strategies.live.risk.market import Level

__all__ = ["BinanceVoice", "DydxVoice", "KlineVoice"]

_MINUTE_MS = 60_000
_DYDX_CANDLE = ("open", "high", "low", "close", "baseTokenVolume", "trades")
_LEVELS = 50  # of each side that an event holds: an order of any sane size


@dataclass(slots=True, kw_only=True)
class _Voice:
    """What the voices share: messages that cannot be read are counted and passed over."""

    market: str  # the venue's own name
    dropped: int = 0
    refusal: str | None = None  # the venue's words, if it refused something
    must_reopen: bool = False

    def hear(self, text: str, at_ms: float) -> list[FeedEvent]:
        """The events in one message."""
        try:
            message = json.loads(text)
            if not isinstance(message, dict):
                raise FormatError("no JSON object")
            return list(self.read(message, at_ms))
        except UNREADABLE:
            self.dropped += 1
            return []

    def read(self, message: Mapping[str, Any], at_ms: float) -> Iterator[FeedEvent]:
        """The events in one message that is an object."""
        raise NotImplementedError

    def reset(self) -> None:
        """A new connection: nothing of the old one holds."""
        self.must_reopen = False


@dataclass(slots=True, kw_only=True)
class BinanceVoice(_Voice):
    """``bookTicker``, and ``depth5`` for the levels behind it; update numbers rise, older and
    repeated ones are dropped.
    """

    _update: int = -1
    _depth_update: int = -1
    _behind: tuple[tuple[Level, ...], tuple[Level, ...]] = ((), ())
    _offset: ClockOffset = field(default_factory=ClockOffset)

    def subscriptions(self) -> list[str]:
        """Texts to send."""
        names = ("bookTicker", "depth5@500ms")
        params = [f"{self.market.lower()}@{name}" for name in names]
        return [json.dumps({"method": "SUBSCRIBE", "params": params, "id": 1})]

    def read(self, message: Mapping[str, Any], at_ms: float) -> Iterator[FeedEvent]:
        """As every voice."""
        data = _unwrapped(self, message)
        if data.get("s") != self.market:
            return
        match data.get("e"):
            case "bookTicker":
                yield from self._ticker(data, at_ms)
            case "depthUpdate":
                self._depth(data)

    def _depth(self, data: Mapping[str, Any]) -> None:
        if (number := int(data["u"])) <= self._depth_update:
            self.dropped += 1
            return
        sides = [tuple(_level(*each) for each in data[side]) for side in ("b", "a")]
        self._depth_update, self._behind = number, (sides[0], sides[1])

    def _ticker(self, data: Mapping[str, Any], at_ms: float) -> Iterator[FeedEvent]:
        number = int(data["u"])
        if number <= self._update:
            self.dropped += 1
            return
        bids, asks = _top(data["b"], data["B"]), _top(data["a"], data["A"])
        self._update = number
        stamp = self._offset.local(float(data["T"]), at_ms)
        yield BookHeard(
            at_ms,
            "binance",
            with_behind(bids, self._behind[0], -1),
            with_behind(asks, self._behind[1], 1),
            stamp,
        )

    def reset(self) -> None:
        """A new connection: numbers begin anew."""
        self.must_reopen, self._update, self._depth_update = False, -1, -1
        self._behind = ((), ())


@dataclass(slots=True, kw_only=True)
class KlineVoice(_Voice):
    """``kline_1m``: candles that are closed, into the join."""

    join: MinuteJoin

    def subscriptions(self) -> list[str]:
        """Texts to send."""
        wanted = {"method": "SUBSCRIBE", "params": [f"{self.market.lower()}@kline_1m"], "id": 1}
        return [json.dumps(wanted)]

    def read(self, message: Mapping[str, Any], at_ms: float) -> Iterator[FeedEvent]:
        """As every voice."""
        data = _unwrapped(self, message)
        if data.get("e") != "kline" or data.get("s") != self.market or not data["k"]["x"]:
            return
        kline = data["k"]
        candle = _candle(kline, ("o", "h", "l", "c", "v", "n"))
        self.join.binance(int(kline["t"]) // _MINUTE_MS, candle)
        yield from self.join.due(at_ms)


@dataclass(slots=True, kw_only=True)
class DydxVoice(_Voice):
    """``v4_orderbook``, ``v4_markets`` and ``v4_candles``; ``message_id`` counts without a hole."""

    join: MinuteJoin
    _book: Book = field(default_factory=Book)
    _numbers: MessageNumbers = field(default_factory=MessageNumbers)

    def subscriptions(self) -> list[str]:
        """Texts to send."""
        wanted = (
            {"channel": "v4_orderbook", "id": self.market},
            {"channel": "v4_markets"},
            {"channel": "v4_candles", "id": f"{self.market}/1MIN"},
        )
        return [json.dumps({"type": "subscribe"} | each) for each in wanted]

    def reset(self) -> None:
        """A new connection: numbers begin anew."""
        self._book, self._numbers = Book(), MessageNumbers()
        self.must_reopen = False

    def read(self, message: Mapping[str, Any], at_ms: float) -> Iterator[FeedEvent]:
        """As every voice."""
        heard = self._numbers.take(message)
        if self.must_reopen or heard is Heard.AGAIN:
            self.dropped += 1
            return
        if heard is Heard.AFTER_HOLE:
            self.must_reopen = True
            return
        if message.get("type") == "error":
            self.refusal = str(message.get("message"))[:200]
            return
        named = message.get("id")
        for part in parts_of(message):
            match message.get("channel"):
                case "v4_orderbook" if named == self.market:
                    yield from self._levels(part, at_ms, message.get("type") == "subscribed")
                case "v4_markets":
                    yield from self._oracle(part, at_ms)
                case "v4_candles" if named == f"{self.market}/1MIN":
                    self._candles(part)
                    yield from self.join.due(at_ms)

    def _levels(
        self, contents: Mapping[str, Any], at_ms: float, is_snapshot: bool
    ) -> Iterator[FeedEvent]:
        self._book.hear(contents, is_snapshot=is_snapshot)
        if self._book.is_known:
            found = self._book.depth(_LEVELS)
            yield BookHeard(at_ms, "dydx", tuple(found["bids"]), tuple(found["asks"]), None)

    def _oracle(self, contents: Mapping[str, Any], at_ms: float) -> Iterator[FeedEvent]:
        for key in ("markets", "oraclePrices", "trading"):
            entry = contents.get(key, {}).get(self.market)
            if not isinstance(entry, dict):
                continue
            if entry.get("nextFundingRate") is not None:
                self.join.rate(float(entry["nextFundingRate"]), at_ms)
            if entry.get("oraclePrice") is not None:
                yield OracleHeard(at_ms, _price(entry["oraclePrice"]))

    def _candles(self, contents: Mapping[str, Any]) -> None:
        for entry in contents.get("candles", [contents]):
            begin = datetime.fromisoformat(entry["startedAt"])
            if begin.tzinfo is None:
                raise FormatError(f"startedAt {entry['startedAt']} names no zone")
            self.join.dydx(int(begin.timestamp()) // 60, _candle(entry, _DYDX_CANDLE))


def _unwrapped(voice: _Voice, message: Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(message.get("error"), dict):
        voice.refusal = str(message["error"].get("msg"))[:200]
        return {}
    data: Mapping[str, Any] = message.get("data", message)
    return data


def _candle(entry: Mapping[str, Any], names: tuple[str, ...]) -> Candle:
    values = [_price(entry[name]) for name in names[:4]]
    amounts = [float(entry[name]) for name in names[4:]]
    if not all(0 <= each < math.inf for each in amounts):
        raise FormatError(f"{amounts} are no volume and trades")
    return Candle._make((*values, *amounts))


def _price(raw: object) -> float:
    price = float(raw)  # type: ignore[arg-type]
    if not 0 < price < math.inf:
        raise FormatError(f"{raw!r:.40} is no price")
    return price


def _top(price: object, size: object) -> tuple[Level, ...]:
    """The best level; none where the venue writes zeros, which is how it tells of an empty side."""
    if float(price) == 0 or float(size) == 0:  # type: ignore[arg-type]
        return ()
    return (_level(price, size),)


def _level(price: object, size: object) -> Level:
    return _price(price), _price(size)

"""Both venues' quotes as JSON lines: top of book, dYdX depth and oracle, and every gap marked.

Lines of channel ``quote`` have the format of :mod:`research.quotes.quote`; beside them stand
``depth`` (levels of dYdX, best first), ``oracle`` (dYdX oracle price with its effective time),
``gap`` (a stretch in which a venue was not heard) and ``error`` (a venue refused, in its words).
dYdX books carry no exchange time: ``ts_ms`` is our own clock there and ``age_ms`` unknown.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from research.data.parse.stamps import iso_to_ms
from research.errors import FormatError
from research.quotes.book import Book
from research.quotes.messages import UNREADABLE, Heard, MessageNumbers, parts_of
from research.quotes.quote import Quote
from research.quotes.socket import Lost, Message, Opened
from research.settings.fetch import FetchSettings

__all__ = ["BinanceReader", "DydxReader", "subscriptions"]


@dataclass(slots=True, kw_only=True)
class _Reader:
    """What both venues' readers share: thinning, gap marks, counts."""

    market: str  # the venue's own name
    settings: FetchSettings
    emit: Callable[[str, int], None]
    quotes: int = 0
    gaps: int = 0
    dropped: int = 0  # repeated, late or unreadable messages
    refusal: str | None = None  # the last error that the venue sent, in its own words
    must_reopen: bool = False
    _lost_ms: int | None = None
    _last: tuple[float, float, float | None, float | None] | None = None
    _last_ms: int = -(10**15)

    venue = ""

    def read(self, event: Opened | Message | Lost) -> None:
        """Takes one event of a stream; unreadable messages are counted and passed over."""
        if isinstance(event, Lost):
            self._lose(event)
        elif isinstance(event, Message):
            try:
                value = json.loads(event.text)
                if not isinstance(value, dict):
                    raise FormatError("no JSON object")
                self.take(value, event.at_ms)
            except UNREADABLE:
                self.dropped += 1

    def take(self, message: Mapping[str, Any], at_ms: int) -> None:
        """Reads one message."""
        raise NotImplementedError

    def quote(self, found: Quote) -> None:
        """Writes a quote unless nothing changed or the last one is too young."""
        told = (found.bid, found.ask, found.bid_size, found.ask_size)
        self._mark_gap(found.received_ms)
        young = found.received_ms - self._last_ms < self.settings.quote_every_ms
        if told == self._last or young or not 0 < found.bid < found.ask:
            return
        self._last, self._last_ms = told, found.received_ms
        self.quotes += 1
        self.emit(found.to_line(), found.received_ms)

    def other(self, channel: str, at_ms: int, **values: Any) -> None:
        """Writes a line of another channel."""
        head = {"channel": channel, "venue": self.venue, "market": self.market}
        self.emit(json.dumps(head | {"received_ms": at_ms} | values, allow_nan=False), at_ms)

    def refuse(self, words: object, at_ms: int) -> None:
        """The venue sent an error in place of what was subscribed."""
        told = str(words)[:200]
        if told != self.refusal:
            self.refusal = told
            self.other("error", at_ms, message=told)

    def _lose(self, event: Lost) -> None:
        self.must_reopen = False
        if self._lost_ms is None:
            self._lost_ms = event.at_ms
            self.gaps += 1
            self.other("lost", event.at_ms, reason=event.reason)

    def _mark_gap(self, at_ms: int) -> None:
        if self._lost_ms is not None:
            self.other("gap", at_ms, from_ms=self._lost_ms, to_ms=at_ms)
            self._lost_ms, self._last = None, None


@dataclass(slots=True, kw_only=True)
class BinanceReader(_Reader):
    """``bookTicker`` messages; update numbers rise, older and repeated ones are dropped."""

    _update: int = -1

    venue = "binance"

    def take(self, message: Mapping[str, Any], at_ms: int) -> None:
        """Reads one message, bare or wrapped as ``{"stream", "data"}``."""
        if isinstance(message.get("error"), dict):
            self.refuse(message["error"].get("msg"), at_ms)
            return
        data = message.get("data", message)
        if data.get("e") != "bookTicker" or data.get("s") != self.market:
            return
        if int(data["u"]) <= self._update:
            self.dropped += 1
            return
        self._update = int(data["u"])
        ts_ms = int(data["T"])
        self.quote(
            Quote(
                venue=self.venue,
                market=self.market,
                ts_ms=ts_ms,
                received_ms=at_ms,
                age_ms=at_ms - ts_ms,
                bid=float(data["b"]),
                bid_size=float(data["B"]),
                ask=float(data["a"]),
                ask_size=float(data["A"]),
            )
        )

    def _lose(self, event: Lost) -> None:
        self._update = -1
        _Reader._lose(self, event)


@dataclass(slots=True, kw_only=True)
class DydxReader(_Reader):
    """``v4_orderbook`` and ``v4_markets``; ``message_id`` counts without a hole."""

    book: Book = field(default_factory=Book)
    oracle: float | None = None
    _numbers: MessageNumbers = field(default_factory=MessageNumbers)
    _depth_ms: int = -(10**15)

    venue = "dydx"

    def take(self, message: Mapping[str, Any], at_ms: int) -> None:
        """Reads one message; after a hole in the numbers nothing until the stream is reopened."""
        heard = self._numbers.take(message)
        if self.must_reopen or heard is Heard.AGAIN:
            self.dropped += 1
            return
        if heard is Heard.AFTER_HOLE:
            self.must_reopen = True
            return
        kind, channel = message.get("type"), message.get("channel")
        if kind == "error":
            self.refuse(message.get("message"), at_ms)
            return
        batch = parts_of(message)
        if channel == "v4_orderbook" and message.get("id") == self.market:
            for part in batch:
                self.book.hear(part, is_snapshot=kind == "subscribed")
            self._tell(at_ms)
        elif channel == "v4_markets":
            for part in batch:
                self._markets(part, at_ms)

    def _tell(self, at_ms: int) -> None:
        best = self.book.best() if self.book.is_known else None
        if best is None:
            return
        (bid, bid_size), (ask, ask_size) = best
        self.quote(
            Quote(
                venue=self.venue, market=self.market, ts_ms=at_ms, received_ms=at_ms,
                bid=bid, bid_size=bid_size, ask=ask, ask_size=ask_size, oracle=self.oracle,
            )
        )  # fmt: skip
        if at_ms - self._depth_ms >= self.settings.depth_every_ms:
            self._depth_ms = at_ms
            self.other("depth", at_ms, **self.book.depth(self.settings.depth_levels))

    def _markets(self, contents: Mapping[str, Any], at_ms: int) -> None:
        for key in ("markets", "oraclePrices"):
            entry = contents.get(key, {}).get(self.market)
            if isinstance(entry, dict) and "oraclePrice" in entry:
                self.oracle = float(entry["oraclePrice"])
                told = entry.get("effectiveAt")
                ts_ms = None if told is None else _moment(str(told))
                age_ms = None if ts_ms is None else at_ms - ts_ms
                self.other("oracle", at_ms, oracle=self.oracle, ts_ms=ts_ms, age_ms=age_ms)

    def _lose(self, event: Lost) -> None:
        self.book, self._numbers = Book(), MessageNumbers()
        _Reader._lose(self, event)


def subscriptions(venue: str, market: str) -> list[str]:
    """Texts that subscribe one market at one venue."""
    if venue == "binance":
        wanted = {"method": "SUBSCRIBE", "params": [f"{market.lower()}@bookTicker"], "id": 1}
        return [json.dumps(wanted)]
    return [
        json.dumps({"type": "subscribe", "channel": "v4_orderbook", "id": market}),
        json.dumps({"type": "subscribe", "channel": "v4_markets"}),
    ]


def _moment(text: str) -> int:
    times, _ = iso_to_ms([text], place="v4_markets", column="effectiveAt")
    return int(times[0])

"""Both venues' sockets while a market moves: books, candles, oracle, and faults of all kinds.

What is true is kept apart from what is sent, so that a trade on anything else can be counted.
"""

import asyncio
import json
import math
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from aiohttp import web

from strategies.live.stream import LiveMinute
from tests.exchange.sockets import connected, dydx_message, oracle, ticker
from tests.exchange.wire import iso

_CORNERS = ("open", "low", "high", "close")
_STEP_SEC = 0.5
_LEVELS, _SIZE = 5, "2.5"
_AWAY = {"cut", "venue_gone"}
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_Serve = Callable[[web.WebSocketResponse], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: what, where, from which second and until which."""

    kind: str
    venue: str
    since_sec: float
    until_sec: float
    strength: float


@dataclass(slots=True)
class MovingVenues:
    """The venues from the moment ``start_ms``; ``clock_sec`` counts from there.

    Attributes
    ----------
    true_sec
        When each venue's book was last sent as it is.
    """

    minutes: Sequence[LiveMinute]
    faults: Sequence[Fault]
    start_ms: float
    clock_sec: Callable[[], float]
    true_sec: dict[str, float] = field(default_factory=dict)
    _update: int = 0

    def routes(self) -> list[web.RouteDef]:
        """Where each socket is."""
        served = {
            "/public/ws": (self._binance, "binance", 1),
            "/market/ws": (self._klines, "binance", 1),
            "/v4/ws": (self._dydx, "dydx", 3),
        }
        return [web.get(path, self._handler(*each)) for path, each in served.items()]

    def mid(self, venue: str, sec: float) -> float:
        """The true middle; of a minute without a price, the last one known."""
        at_ms = self.start_ms + sec * 1000
        number = int(at_ms // 60_000) - self.minutes[0].minute
        for k in range(number, -1, -1):
            corners = [getattr(self.minutes[k], f"{venue}_{name}") for name in _CORNERS]
            if not any(map(math.isnan, corners)):
                part = (at_ms % 60_000) / 60_000 if k == number else 1.0
                return float(np.interp(part, [0.0, 0.3, 0.7, 1.0], corners))
        return float(getattr(self.minutes[0], f"{venue}_open"))

    def active(self, venue: str, sec: float) -> dict[str, float]:
        """Strength of each kind of fault that stands at ``venue`` now."""
        return {
            each.kind: each.strength for each in self.faults
            if each.venue == venue and each.since_sec <= sec < each.until_sec
        }  # fmt: skip

    def is_doubtful(self, sec: float, limit_sec: float, told_sec: float = 0.1) -> bool:
        """Whether no sane bot would trade now: a book is old or wrong, or a venue away."""
        away = {**self.active("binance", sec - told_sec), **self.active("dydx", sec - told_sec)}
        old = any(
            sec - self.true_sec.get(venue, -math.inf) > limit_sec for venue in ("binance", "dydx")
        )
        return old or bool(away.keys() & (_AWAY | {"wrong", "crossed", "one_sided", "empty"}))

    def _handler(self, serve: _Serve, venue: str, subscriptions: int) -> _Handler:
        """Serves one connection until its venue goes away or the client does."""

        async def handle(request: web.Request) -> web.WebSocketResponse:
            socket = web.WebSocketResponse()
            await socket.prepare(request)
            with suppress(ConnectionError):
                if not self._is_away(venue):
                    for _ in range(subscriptions):
                        await socket.receive()
                    pings = asyncio.create_task(_answer_pings(socket))
                    try:
                        await serve(socket)
                    finally:
                        pings.cancel()
            if request.transport is not None:
                request.transport.abort()
            return socket

        return handle

    def _is_away(self, venue: str) -> bool:
        return bool(self.active(venue, self.clock_sec()).keys() & _AWAY)

    async def _binance(self, socket: web.WebSocketResponse) -> None:
        sent: list[Any] = []
        while not self._is_away("binance"):
            sec = self.clock_sec()
            active = self.active("binance", sec)
            if "silence" not in active:
                for message in self._tickers(sec, active, sent):
                    await socket.send_str(json.dumps(message))
            await asyncio.sleep(_STEP_SEC)

    def _tickers(self, sec: float, active: dict[str, float], sent: list[Any]) -> Iterable[Any]:
        """One quote, spoilt or not; ``sent`` holds the last true ones."""
        self._update += 1
        stamp = int(self.start_ms + sec * 1000) - 30
        mid = self.mid("binance", sec)
        message = ticker(self._update, mid * (1 - 1e-5), mid * (1 + 1e-5), ts_ms=stamp)
        spoilt = _spoilt_ticker(message, active)
        if "stale" in active and sent:  # an old quote under a new number
            yield sent[-1] | {"u": self._update}
        elif spoilt is not None:
            yield spoilt
        elif "reordered" in active and sent:
            yield message
            yield sent[-1]
            self.true_sec["binance"] = sec
        else:
            yield message
            if "doubled" in active:
                yield message
            self.true_sec["binance"] = sec
            sent[:] = [message]

    async def _klines(self, socket: web.WebSocketResponse) -> None:
        number = int((self.start_ms + self.clock_sec() * 1000) // 60_000)
        while not self._is_away("binance"):
            sec = self.clock_sec()
            end_sec = ((number + 1) * 60_000 - self.start_ms) / 1000 + 0.05
            minute = self.minutes[number - self.minutes[0].minute]
            active = self.active("binance", sec)
            is_over = sec >= end_sec
            if minute.binance_close == minute.binance_close and "silence" not in active:
                message = _kline(minute, 1 + active.get("wrong", 0.0), is_over)
                await socket.send_str(json.dumps(message))
            number += is_over
            if not is_over:
                await asyncio.sleep(min(_STEP_SEC, end_sec - sec))

    async def _dydx(self, socket: web.WebSocketResponse) -> None:
        out = _DydxLine(self)
        await socket.send_str(json.dumps(connected()))
        while not self._is_away("dydx"):
            sec = self.clock_sec()
            active = self.active("dydx", sec)
            if "silence" not in active:
                for message in out.messages(sec, active):
                    await socket.send_str(json.dumps(message))
            await asyncio.sleep(_STEP_SEC)


async def _answer_pings(socket: web.WebSocketResponse) -> None:
    async for _ in socket:
        pass


class _DydxLine:
    """One connection to dYdX: its numbers, and the book as the client has it."""

    def __init__(self, venues: MovingVenues) -> None:
        self._venues = venues
        self._number = 0
        self._client: dict[str, dict[str, str]] = {"bids": {}, "asks": {}}
        self._is_subscribed = False

    def messages(self, sec: float, active: dict[str, float]) -> list[Any]:
        """Oracle, candle of the running minute and book, as they stand or spoilt."""
        venues = self._venues
        at_ms = venues.start_ms + sec * 1000
        found = []
        if "oracle_gone" not in active and sec % 5 < _STEP_SEC:
            price = venues.mid("binance", sec) * (1 + active.get("oracle_wrong", 0.0))
            found.append(oracle(self._next(), f"{price:.2f}", int(at_ms)))
        for ago in (1, 0):  # the last trades of a minute are told late
            number = int((at_ms - 700 * ago) // 60_000)
            candle = self._candle(venues.minutes[number - venues.minutes[0].minute])
            found += [] if candle is None else [candle]
        if "stale" not in active:
            found.append(self._book(sec, active))
        if "doubled" in active:
            found.append(found[-1])
        if "reordered" in active:
            found.reverse()
        return found

    def _book(self, sec: float, active: dict[str, float]) -> Any:
        mid = self._venues.mid("dydx", sec) * (1 + active.get("wrong", 0.0))
        wanted = {side: dict(_levels(mid, sign)) for side, sign in (("bids", -1), ("asks", 1))}
        is_true = not active.keys() & {"wrong", "crossed", "one_sided", "empty"}
        if "crossed" in active:
            wanted = {"bids": wanted["asks"], "asks": wanted["bids"]}
        if "one_sided" in active:
            wanted["bids" if active["one_sided"] > 0 else "asks"] = {}
        if "empty" in active:
            wanted = {"bids": {}, "asks": {}}
        if is_true and "reordered" not in active:
            self._venues.true_sec["dydx"] = sec
        changes = {
            side: [[p, "0"] for p in held if p not in wanted[side]]
            + [[p, s] for p, s in wanted[side].items() if held.get(p) != s]
            for side, held in self._client.items()
        }
        self._client = wanted
        if self._is_subscribed:
            return self._message("channel_data", "v4_orderbook", changes, id="BTC-USD")
        self._is_subscribed = True
        whole = {
            side: [{"price": p, "size": s} for p, s in levels.items()]
            for side, levels in wanted.items()
        }
        return self._message("subscribed", "v4_orderbook", whole, id="BTC-USD")

    def _candle(self, minute: LiveMinute) -> Any:
        if math.isnan(minute.dydx_close):
            return None
        prices = {name: repr(getattr(minute, f"dydx_{name}")) for name in _CORNERS}
        entry = {
            "startedAt": iso(minute.minute * 60_000), "ticker": "BTC-USD", "resolution": "1MIN",
            "baseTokenVolume": repr(minute.dydx_volume), "trades": int(minute.dydx_trades),
        } | prices  # fmt: skip
        return self._message("channel_data", "v4_candles", entry, id="BTC-USD/1MIN")

    def _message(self, kind: str, channel: str, contents: Any, **more: str) -> Any:
        return dydx_message(self._next(), kind, channel, contents, **more)

    def _next(self) -> int:
        self._number += 1
        return self._number


def _levels(mid: float, sign: int) -> list[tuple[str, str]]:
    return [(f"{mid * (1 + sign * 2e-5 * (k + 1)):.1f}", _SIZE) for k in range(_LEVELS)]


def _spoilt_ticker(message: dict[str, Any], active: dict[str, float]) -> dict[str, Any] | None:
    """The quote as a fault makes it; None: no fault touches it."""
    if "empty" in active:
        return message | {"b": "0", "a": "0", "B": "0", "A": "0"}
    if "one_sided" in active:
        return message | ({"b": "0", "B": "0"} if active["one_sided"] > 0 else {"a": "0", "A": "0"})
    if "crossed" in active:
        return message | {"b": message["a"], "a": message["b"]}
    if "wrong" in active:
        factor = 1 + active["wrong"]
        return message | {side: f"{float(message[side]) * factor:.1f}" for side in ("b", "a")}
    return None


def _kline(minute: LiveMinute, factor: float, is_over: bool) -> dict[str, Any]:
    prices = {
        name[0]: repr(getattr(minute, f"binance_{name}") * (factor if name == "close" else 1))
        for name in _CORNERS
    }
    start = minute.minute * 60_000
    candle = {
        "t": start, "T": start + 59_999, "s": "BTCUSDT", "i": "1m", "x": is_over,
        "v": repr(minute.binance_volume), "n": int(minute.binance_trades),
    } | prices  # fmt: skip
    return {"e": "kline", "E": start + 60_040, "s": "BTCUSDT", "k": candle}

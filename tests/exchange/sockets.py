"""Both venues' WebSockets: scripted messages, one script per connection."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.exchange.dydx import book
from tests.exchange.wire import iso

Script = Sequence[Any]  # messages; a float pauses, None closes the connection hard


@dataclass
class Sockets:
    """What each connection sends once its subscriptions arrived; the last script repeats."""

    binance: list[Script] = field(default_factory=list)
    dydx: list[Script] = field(default_factory=list)
    klines: list[Script] = field(default_factory=list)  # Binance's candles, a socket of their own
    subscribed: list[dict[str, Any]] = field(default_factory=list)
    opened: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("binance", "dydx", "klines"), 0)
    )

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/public/ws", self.serve_binance),
            web.get("/market/ws", self.serve_klines),
            web.get("/v4/ws", self.serve_dydx),
        ]

    async def serve_binance(self, request: web.Request) -> web.WebSocketResponse:
        return await self._serve(request, "binance", self.binance, expected=1)

    async def serve_klines(self, request: web.Request) -> web.WebSocketResponse:
        return await self._serve(request, "klines", self.klines, expected=1)

    async def serve_dydx(self, request: web.Request) -> web.WebSocketResponse:
        return await self._serve(request, "dydx", self.dydx, expected=2)

    async def _serve(
        self, request: web.Request, venue: str, scripts: list[Script], expected: int
    ) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(heartbeat=5)
        await socket.prepare(request)
        number = self.opened[venue]
        self.opened[venue] += 1
        for _ in range(expected):
            message = await socket.receive()
            if message.type is not WSMsgType.TEXT:
                return socket
            self.subscribed.append(json.loads(message.data))
        for item in scripts[min(number, len(scripts) - 1)] if scripts else ():
            if item is None:
                if request.transport is not None:
                    request.transport.abort()
                return socket
            if isinstance(item, float):
                await asyncio.sleep(item)
            else:
                await socket.send_str(item if isinstance(item, str) else json.dumps(item))
        async for _ in socket:  # until the client leaves
            pass
        return socket


def ticker(update: int, bid: float, ask: float, *, ts_ms: int, symbol: str = "BTCUSDT") -> Any:
    """A bookTicker message."""
    return {
        "e": "bookTicker", "u": update, "E": ts_ms + 2, "T": ts_ms, "s": symbol, "ps": symbol,
        "b": f"{bid:.2f}", "B": "31.21", "a": f"{ask:.2f}", "A": "40.66", "st": 1,
    }  # fmt: skip


def kline(minute: int, close: float, symbol: str = "BTCUSDT", *, is_closed: bool = True) -> Any:
    """A candle message of Binance."""
    candle = {
        "t": minute * 60_000, "T": minute * 60_000 + 59_999, "s": symbol, "i": "1m", "x": is_closed,
        "o": f"{close - 1}", "h": f"{close + 2}", "l": f"{close - 2}", "c": f"{close}",
        "v": "12.5", "n": 100,
    }  # fmt: skip
    return {"e": "kline", "E": candle["T"], "s": symbol, "k": candle}


def candle(number: int, minute: int, close: float, ticker: str = "BTC-USD") -> Any:
    """A candle message of dYdX."""
    entry = {
        "startedAt": iso(minute * 60_000), "ticker": ticker, "resolution": "1MIN",
        "open": f"{close - 1}", "high": f"{close + 2}", "low": f"{close - 2}", "close": f"{close}",
        "baseTokenVolume": "1.5", "trades": 7,
    }  # fmt: skip
    return dydx_message(
        number, "channel_data", "v4_candles", entry, id=f"{ticker}/1MIN", version="1.0.0"
    )


def connected() -> Any:
    """The first message of a dYdX connection."""
    return {"type": "connected", "connection_id": "c", "message_id": 0}


def snapshot(number: int, close: int, ticker: str = "BTC-USD") -> Any:
    """The whole book, around ``close`` tenths."""
    return dydx_message(number, "subscribed", "v4_orderbook", book(close), id=ticker)


def change(number: int, ticker: str = "BTC-USD", **sides: list[list[str]]) -> Any:
    """Levels that changed."""
    return dydx_message(number, "channel_data", "v4_orderbook", sides, id=ticker, version="1.0.0")


def oracle(number: int, price: str, ts_ms: int, ticker: str = "BTC-USD") -> Any:
    """An oracle price."""
    entry = {
        "oraclePrice": price,
        "effectiveAt": iso(ts_ms),
        "effectiveAtHeight": "1",
        "marketId": 0,
    }
    contents = {"oraclePrices": {ticker: entry}}
    return dydx_message(number, "channel_data", "v4_markets", contents, version="1.0.0")


def dydx_message(number: int, kind: str, channel: str, contents: Any, **more: str) -> Any:
    """A message of dYdX with its number."""
    head = {"type": kind, "connection_id": "c", "message_id": number, "channel": channel}
    return head | more | {"contents": contents}

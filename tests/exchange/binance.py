"""Binance's HTTP routes, futures and spot. Unknown query parameters are ignored, as there."""

from collections.abc import Callable
from typing import Any

import numpy as np
from aiohttp import web

from research.data.tables.schema import MINUTE_MS
from tests.exchange.minutes import VenueMinutes

MOST_ROWS = {"/fapi/v1/klines": 1500, "/api/v3/klines": 1000}


def routes(symbols: dict[str, VenueMinutes], clock_ms: Callable[[], int]) -> list[web.RouteDef]:
    venue = _Binance(symbols, clock_ms)
    return [
        web.get("/fapi/v1/time", venue.time),
        web.get("/api/v3/time", venue.time),
        web.get("/fapi/v1/klines", venue.klines),
        web.get("/api/v3/klines", venue.klines),
        web.get("/fapi/v1/fundingRate", venue.funding),
    ]


class _Binance:
    def __init__(self, symbols: dict[str, VenueMinutes], clock_ms: Callable[[], int]) -> None:
        self.symbols, self.clock_ms = symbols, clock_ms

    async def time(self, _: web.Request) -> web.Response:
        return web.json_response({"serverTime": self.clock_ms()})

    async def klines(self, request: web.Request) -> web.Response:
        held = self.symbols.get(request.query.get("symbol", ""))
        if held is None:
            return _error(-1121, "Invalid symbol.")
        if request.query.get("interval") != "1m":
            return _error(-1120, "Invalid interval.")
        limit = min(int(request.query.get("limit", 500)), MOST_ROWS[request.path])
        now = self.clock_ms()
        first, last = request.query.get("startTime"), request.query.get("endTime")
        rows = held.between(int(first or 0), min(now, int(last or now)) + 1)
        newest_first = first is None  # without a start the newest rows come, still ascending
        low = max(rows.start, rows.stop - limit) if newest_first else rows.start
        chosen = range(low, min(rows.stop, low + limit))
        return web.json_response([kline(held, row) for row in chosen])

    async def funding(self, request: web.Request) -> web.Response:
        held = self.symbols.get(request.query.get("symbol", ""))
        if held is None:
            return _error(-1121, "Invalid symbol.")
        limit = min(int(request.query.get("limit", 100)), 1000)
        now = self.clock_ms()
        first, last = (int(request.query.get(key, default))
                       for key, default in (("startTime", 0), ("endTime", now)))  # fmt: skip
        due = held.funding_ms // (60 * MINUTE_MS) % 8 == 0
        low, high = np.searchsorted(held.funding_ms, [first, min(last, now) + 1])
        rows = [row for row in range(int(low), int(high)) if due[row]][:limit]
        return web.json_response([
            {"symbol": request.query["symbol"], "fundingRate": f"{held.funding[row] / 1e9:.8f}",
             "fundingTime": int(held.funding_ms[row])} for row in rows
        ])  # fmt: skip


def kline(held: VenueMinutes, row: int) -> list[Any]:
    """One row of /fapi/v1/klines."""
    opens, volume, close = int(held.opens_ms[row]), int(held.volume[row]), int(held.close[row])
    prices = [f"{getattr(held, name)[row] / 10:.2f}" for name in ("open", "high", "low", "close")]
    return [
        opens, *prices, f"{volume / 1e4:.4f}", opens + MINUTE_MS - 1,
        f"{volume * close / 1e5:.5f}", int(held.trades[row]), "0.1", "0.2", "0",
    ]  # fmt: skip


def weight(path: str, limit: int) -> int:
    """Request weight of one call."""
    if path != "/fapi/v1/klines":
        return 2 if path == "/api/v3/klines" else 1
    return next(w for most, w in ((99, 1), (499, 2), (1000, 5), (10**9, 10)) if limit <= most)


def _error(code: int, message: str) -> web.Response:
    return web.json_response({"code": code, "msg": message}, status=400)

"""The dYdX v4 indexer's HTTP routes. Unknown query parameters are ignored, as there.

And one of a full node's: the fee tiers, which the indexer does not know.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from aiohttp import web

from tests.exchange.minutes import VenueMinutes
from tests.exchange.wire import iso, parse_iso

MOST_ROWS = 1000


def routes(markets: dict[str, VenueMinutes], clock_ms: Callable[[], int]) -> list[web.RouteDef]:
    venue = _Indexer(markets, clock_ms)
    return [
        web.get("/v4/time", venue.time),
        web.get("/v4/candles/perpetualMarkets/{ticker}", venue.candles),
        web.get("/v4/historicalFunding/{ticker}", venue.funding),
        web.get("/v4/perpetualMarkets", venue.perpetual_markets),
        web.get("/v4/orderbooks/perpetualMarket/{ticker}", venue.orderbook),
        web.get("/dydxprotocol/v4/feetiers/perpetual_fee_params", fee_tiers),
    ]


class _Indexer:
    def __init__(self, markets: dict[str, VenueMinutes], clock_ms: Callable[[], int]) -> None:
        self.markets, self.clock_ms = markets, clock_ms

    async def time(self, _: web.Request) -> web.Response:
        now = self.clock_ms()
        return web.json_response({"iso": iso(now), "epoch": now / 1000})

    async def candles(self, request: web.Request) -> web.Response:
        ticker = request.match_info["ticker"]
        held = self.markets.get(ticker)
        if held is None:
            return _error(404, f"No market found with ticker: {ticker}")
        if request.query.get("resolution") != "1MIN":
            return _error(400, "resolution must be a valid Candle Resolution, one of 1MIN,...")
        limit = int(request.query.get("limit", MOST_ROWS))
        if not 1 <= limit <= MOST_ROWS:
            return _error(
                400, f"limit must be a positive integer that is not greater than max: {MOST_ROWS}"
            )
        now = self.clock_ms()
        first = parse_iso(request.query.get("fromISO"), 0)
        end = parse_iso(request.query.get("toISO"), now + 1)
        rows = held.between(first, min(end, now + 1))  # the running minute is among them
        newest = range(rows.stop - 1, max(rows.start, rows.stop - limit) - 1, -1)
        return web.json_response({"candles": [candle(held, row, ticker) for row in newest]})

    async def funding(self, request: web.Request) -> web.Response:
        ticker = request.match_info["ticker"]
        held = self.markets.get(ticker)
        if held is None:
            return _error(404, f"No market found with ticker: {ticker}")
        limit = int(request.query.get("limit", MOST_ROWS))
        if not 1 <= limit <= MOST_ROWS:
            return _error(
                400, f"limit must be a positive integer that is not greater than max: {MOST_ROWS}"
            )
        until = min(
            parse_iso(request.query.get("effectiveBeforeOrAt"), self.clock_ms()), self.clock_ms()
        )
        stop = int(np.searchsorted(held.funding_ms, until, side="right"))
        newest = range(stop - 1, max(0, stop - limit) - 1, -1)
        return web.json_response(
            {"historicalFunding": [payment(held, row, ticker) for row in newest]}
        )

    async def perpetual_markets(self, request: web.Request) -> web.Response:
        wanted = request.query.get("ticker")
        named = {t: held for t, held in self.markets.items() if wanted in (None, t)}
        return web.json_response({"markets": {t: market(held, t) for t, held in named.items()}})

    async def orderbook(self, request: web.Request) -> web.Response:
        held = self.markets.get(request.match_info["ticker"])
        if held is None:
            return _error(404, f"No market found with ticker: {request.match_info['ticker']}")
        rows = held.between(0, self.clock_ms())
        return web.json_response(book(int(held.close[rows.stop - 1])))


async def fee_tiers(_: web.Request) -> web.Response:
    """As a node answers: volumes as text, fees in parts per million."""
    tiers = [
        {
            "name": name,
            "absolute_volume_requirement": volume,
            "total_volume_share_requirement_ppm": 0,
            "maker_volume_share_requirement_ppm": 0,
            "maker_fee_ppm": maker,
            "taker_fee_ppm": taker,
        }
        for name, volume, maker, taker in (
            ("7", "125000000000000", -110, 250),
            ("1", "0", 100, 500),
            ("2", "1000000000000", 100, 450),
        )
    ]
    return web.json_response({"params": {"tiers": tiers}})


def candle(held: VenueMinutes, row: int, ticker: str) -> dict[str, Any]:
    """One candle as the indexer writes it."""
    volume = int(held.volume[row])
    return {
        "startedAt": iso(int(held.opens_ms[row])),
        "ticker": ticker,
        "resolution": "1MIN",
        **{
            name: f"{getattr(held, name)[row] / 10:.1f}"
            for name in ("low", "high", "open", "close")
        },
        "baseTokenVolume": f"{volume / 1e4:.4f}",
        "usdVolume": f"{volume * int(held.close[row]) / 1e5:.4f}",
        "trades": int(held.trades[row]),
        "startingOpenInterest": f"{volume / 1e4 + 100:.4f}",
        "orderbookMidPriceOpen": f"{held.mid[row] / 100:.2f}",
        "orderbookMidPriceClose": f"{(held.mid[row] + 25) / 100:.2f}",
    }


def payment(held: VenueMinutes, row: int, ticker: str) -> dict[str, str]:
    """One hourly funding payment."""
    return {
        "ticker": ticker,
        "rate": f"{held.funding[row] / 1e9:.9f}",
        "price": "90000.5",
        "effectiveAtHeight": str(60_000_000 + row * 5_500),
        "effectiveAt": iso(int(held.funding_ms[row])),
    }


def market(held: VenueMinutes, ticker: str) -> dict[str, Any]:
    """One entry of /v4/perpetualMarkets."""
    return {
        "clobPairId": "0", "ticker": ticker, "status": "ACTIVE",
        "oraclePrice": f"{held.close[-1] / 10:.1f}", "priceChange24H": "1.5",
        "volume24H": "1000.5", "trades24H": 100, "nextFundingRate": "0.0000025",
        "initialMarginFraction": "0.02", "maintenanceMarginFraction": "0.012",
        "openInterest": "381.7", "atomicResolution": -10, "quantumConversionExponent": -9,
        "tickSize": "1", "stepSize": "0.0001", "stepBaseQuantums": 1_000_000,
        "subticksPerTick": 100_000, "marketType": "CROSS", "openInterestLowerCap": "0",
        "openInterestUpperCap": "0", "baseOpenInterest": "782.1", "defaultFundingRate1H": "0",
    }  # fmt: skip


def book(close: int, levels: int = 100) -> dict[str, list[dict[str, str]]]:
    """A book of whole-dollar levels around ``close`` tenths."""
    price = close // 10

    def level(number: int, side: int) -> dict[str, str]:
        return {"price": str(price + side * number), "size": f"0.{number + 1:04d}"}

    return {
        "bids": [level(number, -1) for number in range(levels)],
        "asks": [level(number + 1, 1) for number in range(levels)],
    }


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"errors": [{"msg": message}]}, status=status)

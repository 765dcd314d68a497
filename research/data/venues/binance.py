"""Binance's public REST interface: klines of futures or spot, funding, time.

Rows come oldest first, keyed by open time; at most 1500 (spot 1000) a request.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import numpy as np
import pandas as pd

from research.clock import Clock
from research.data.parse.binance import parse_klines
from research.data.parse.decimals import values_to_floats
from research.data.tables.funding import funding_series
from research.data.tables.schema import MINUTE_MS
from research.data.tables.spans import Span
from research.data.venues.body import parse_json
from research.data.venues.http import Dialect, Http
from research.data.venues.inside import rows_inside
from research.data.venues.pace import Pace
from research.errors import FormatError
from research.settings.fetch import FetchSettings

__all__ = ["FUTURES", "SPOT", "BinanceClient", "Product", "binance_http"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """Where one of Binance's markets answers, and what a full page costs there."""

    name: str
    prefix: str
    most_rows: int
    page_cost: int  # request weight of a page of most_rows


FUTURES = Product(name="USD-M futures", prefix="/fapi/v1", most_rows=1500, page_cost=10)
SPOT = Product(name="spot", prefix="/api/v3", most_rows=1000, page_cost=2)

_MOST_PAYMENTS = 1000


def binance_http(
    settings: FetchSettings,
    product: Product = FUTURES,
    *,
    clock: Clock,
    transport: httpx.BaseTransport | None = None,
) -> Http:
    """The shared client, set up for Binance: ``Retry-After`` counts SECONDS here."""
    most = settings.binance_weight_per_min

    def heed(headers: httpx.Headers, pace: Pace, now_s: float) -> None:
        used = headers.get("X-MBX-USED-WEIGHT-1M", "")
        # others behind the same address spend from the same budget; it is new every minute
        if used.isdigit() and int(used) + product.page_cost > most:
            pace.pause(60.0 - now_s % 60.0)

    dialect = Dialect(
        venue="binance",
        base_url=settings.binance_url if product is FUTURES else settings.binance_spot_url,
        retry_after_s=1.0,
        explain=_explain,
        heed=heed,
    )
    pace = Pace(most, 60.0, clock)
    return Http(dialect, settings, pace, clock=clock, transport=transport)


class BinanceClient:
    """Typed questions to Binance; raises what :meth:`Http.get` raises."""

    def __init__(self, http: Http, product: Product = FUTURES) -> None:
        self.http, self.product = http, product

    def server_time_ms(self) -> int:
        """Binance's clock, milliseconds since 1970 UTC."""
        return self.http.get(self._path("/time"), {}, _time)

    def minutes(self, symbol: str, span: Span) -> pd.DataFrame | None:
        """Candle table of the oldest minutes in ``span``, one page, None if it has none."""

        def read(body: bytes, place: str) -> pd.DataFrame | None:
            rows = _rows(body, place)
            if not rows:
                return None
            candles = parse_klines(rows, place=place)
            return rows_inside(candles, span, place=place, whole="startTime or endTime")

        params: dict[str, str | int] = {
            "symbol": symbol,
            "interval": "1m",
            "startTime": span.first_ms,
            "endTime": span.end_ms - MINUTE_MS,
            "limit": self.product.most_rows,
        }
        return self.http.get(self._path("/klines"), params, read, cost=self.product.page_cost)

    def payments(self, symbol: str, span: Span) -> pd.Series | None:
        """Funding rates of the oldest payments in ``span``, None if it has none.

        Fraction per payment, every 8 hours by default; the interval is data, not a constant.
        """

        def read(body: bytes, place: str) -> pd.Series | None:
            rows = _rows(body, place)
            if not rows:
                return None
            return rows_inside(
                _funding(rows, place), span, place=place, whole="startTime or endTime"
            )

        params: dict[str, str | int] = {
            "symbol": symbol,
            "startTime": span.first_ms,
            "endTime": span.end_ms - 1,
            "limit": _MOST_PAYMENTS,
        }
        return self.http.get(self._path("/fundingRate"), params, read)

    def _path(self, name: str) -> str:
        return self.product.prefix + name


def _rows(body: bytes, place: str) -> Sequence[Any]:
    value = parse_json(body, place)
    if not isinstance(value, list):
        raise FormatError(f"{place}: the answer is no list of rows; look at the address")
    return value


def _funding(rows: Sequence[Any], place: str) -> pd.Series:
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict) or not isinstance(row.get("fundingTime"), int):
            raise FormatError(f"{place}: row {number} has no fundingTime in milliseconds")
    times = np.array([row["fundingTime"] for row in rows], dtype=np.int64)
    rates = values_to_floats(
        [row.get("fundingRate") for row in rows], place=place, column="fundingRate"
    )
    return funding_series(times, rates, place=place)


def _time(body: bytes, place: str) -> int:
    value = parse_json(body, place)
    told = value.get("serverTime") if isinstance(value, dict) else None
    if not isinstance(told, int) or not 10**12 < told < 10**14:
        raise FormatError(f"{place}: serverTime = {told!r} is no time in ms since 1970")
    return told


def _explain(body: Any) -> str | None:
    if isinstance(body, dict) and "msg" in body:
        return f"{str(body['msg'])[:200]} (code {body.get('code')})"
    return None

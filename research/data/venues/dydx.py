"""The dYdX v4 indexer, spoken to directly: candles, funding, markets, book, time.

Rows come newest first, at most 1000, ``fromISO`` inclusive and ``toISO`` exclusive. Other
spellings of the two are ignored by the venue without a word, so every answer is held against
what was asked.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import pandas as pd

from research.clock import Clock
from research.data.parse.dydx import parse_candles, parse_funding
from research.data.tables.spans import Span
from research.data.venues.body import parse_json
from research.data.venues.http import Dialect, Http
from research.data.venues.inside import rows_inside
from research.data.venues.pace import Pace
from research.errors import FormatError
from research.settings.fetch import FetchSettings

__all__ = ["MOST_ROWS", "DydxClient", "dydx_http"]

MOST_ROWS = 1000


def dydx_http(
    settings: FetchSettings, *, clock: Clock, transport: httpx.BaseTransport | None = None
) -> Http:
    """The shared client, set up for the indexer: ``Retry-After`` counts MILLISECONDS here."""
    dialect = Dialect(
        venue="dydx",
        base_url=settings.dydx_url,
        retry_after_s=0.001,
        explain=_explain,
        heed=_heed,
    )
    pace = Pace(settings.dydx_requests_per_10s, 10.0, clock)
    return Http(dialect, settings, pace, clock=clock, transport=transport)


class DydxClient:
    """Typed questions to the indexer; raises what :meth:`Http.get` raises."""

    def __init__(self, http: Http) -> None:
        self.http = http

    def server_time_ms(self) -> int:
        """The indexer's clock, milliseconds since 1970 UTC."""
        return self.http.get("/v4/time", {}, _time)

    def minutes(self, ticker: str, span: Span) -> pd.DataFrame | None:
        """Candle table of the newest (at most 1000) minutes in ``span``, None if it has none."""

        def read(body: bytes, place: str) -> pd.DataFrame | None:
            answer = _mapping(body, place)
            if answer.get("candles") == []:
                return None
            candles = parse_candles(answer, place=place)
            return rows_inside(candles, span, place=place, whole="toISO or fromISO")

        params: dict[str, str | int] = {
            "resolution": "1MIN",
            "fromISO": _iso(span.first_ms),
            "toISO": _iso(span.end_ms),
            "limit": MOST_ROWS,
        }
        return self.http.get(f"/v4/candles/perpetualMarkets/{ticker}", params, read)

    def payments(self, ticker: str, span: Span) -> pd.Series | None:
        """Funding series of the newest (at most 1000) hours in ``span``, None if it has none."""

        def read(body: bytes, place: str) -> pd.Series | None:
            answer = _mapping(body, place)
            if answer.get("historicalFunding") == []:
                return None
            rates = parse_funding(answer, place=place)
            return rows_inside(rates, span, place=place, whole="effectiveBeforeOrAt", older_ok=True)

        params: dict[str, str | int] = {
            "effectiveBeforeOrAt": _iso(span.end_ms - 1),
            "limit": MOST_ROWS,
        }
        return self.http.get(f"/v4/historicalFunding/{ticker}", params, read)

    def market(self, ticker: str) -> Mapping[str, Any]:
        """Oracle price, next funding rate, status and sizes of one market."""

        def read(body: bytes, place: str) -> Mapping[str, Any]:
            markets = _mapping(body, place).get("markets")
            if not isinstance(markets, dict) or not isinstance(markets.get(ticker), dict):
                raise FormatError(f"{place}: no market {ticker} in the answer; check its name")
            found: Mapping[str, Any] = markets[ticker]
            return found

        return self.http.get("/v4/perpetualMarkets", {"ticker": ticker}, read)

    def orderbook(self, ticker: str) -> Mapping[str, Any]:
        """The book as the venue sends it: ``bids`` and ``asks`` of ``price`` and ``size``."""

        def read(body: bytes, place: str) -> Mapping[str, Any]:
            answer = _mapping(body, place)
            if not all(isinstance(answer.get(side), list) for side in ("bids", "asks")):
                raise FormatError(f"{place}: no lists of bids and asks; give the body as it came")
            return answer

        return self.http.get(f"/v4/orderbooks/perpetualMarket/{ticker}", {}, read)


def _mapping(body: bytes, place: str) -> Mapping[str, Any]:
    value = parse_json(body, place)
    if not isinstance(value, dict):
        raise FormatError(f"{place}: the answer is no JSON object; look at the address")
    return value


def _time(body: bytes, place: str) -> int:
    epoch = _mapping(body, place).get("epoch")
    if not isinstance(epoch, int | float) or not 1e9 < epoch < 1e11:
        raise FormatError(f"{place}: epoch = {epoch!r} is no time in seconds since 1970")
    return round(epoch * 1000)


def _iso(ms: int) -> str:
    moment = datetime.fromtimestamp(ms // 1000, tz=UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"


def _explain(body: Any) -> str | None:
    errors = body.get("errors") if isinstance(body, dict) else None
    if isinstance(errors, list) and errors and isinstance(errors[0], dict):
        return str(errors[0].get("msg"))[:200]
    return None


def _heed(headers: httpx.Headers, pace: Pace, now_s: float) -> None:
    left, reset_ms = headers.get("RateLimit-Remaining", ""), headers.get("RateLimit-Reset", "")
    if left == "0" and reset_ms.isdigit():
        # the window is 10 s: a reset further away is a clock that differs, not a longer wait
        pace.pause(min(max(int(reset_ms) / 1000 - now_s, 0.0), 10.0))

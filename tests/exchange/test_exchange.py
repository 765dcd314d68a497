"""The local exchange judged by the recorded bodies: a test double that lies proves nothing."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.exchange import LocalExchange, running
from tests.exchange.arrange import FIRST_MS, exchange_of
from tests.exchange.sockets import change, oracle, snapshot, ticker
from tests.exchange.wire import iso

MINUTES = 2500
CANDLES = "/v4/candles/perpetualMarkets/BTC-USD"


@pytest.fixture(scope="module")
def exchange() -> Iterator[LocalExchange]:
    with running(exchange_of(MINUTES)) as served:
        yield served


def shape(value: Any) -> Any:
    """Keys and types; of a list the shape of its first entry."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in sorted(value.items())}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def body(exchange: LocalExchange, path: str, **params: Any) -> Any:
    return httpx.get(exchange.url + path, params=params).json()


@pytest.mark.parametrize(
    ("recorded", "path", "params"),
    [
        ("dydx/http_get_candles.json", CANDLES, {"resolution": "1MIN"}),
        ("dydx/http_get_historical_funding.json", "/v4/historicalFunding/BTC-USD", {}),
        ("dydx/http_get_orderbook.json", "/v4/orderbooks/perpetualMarket/BTC-USD", {}),
        ("dydx/http_get_time.json", "/v4/time", {}),
        (
            "binance/http_futures_market_funding_rate.json",
            "/fapi/v1/fundingRate",
            {"symbol": "BTCUSDT"},
        ),
    ],
)
def test_bodies_have_the_keys_and_types_of_the_recorded_ones(
    exchange: LocalExchange, shared_data: Path, recorded: str, path: str, params: dict[str, str]
) -> None:
    theirs = json.loads((shared_data / "recorded" / recorded).read_text())
    assert shape(body(exchange, path, **params)) == shape(theirs)


def test_kline_rows_have_the_types_of_the_recorded_ones(
    exchange: LocalExchange, shared_data: Path
) -> None:
    recorded = shared_data / "recorded" / "binance" / "http_futures_market_klines.json"
    theirs = json.loads(recorded.read_text())
    ours = body(exchange, "/fapi/v1/klines", symbol="BTCUSDT", interval="1m", limit=1)
    assert [type(field) for field in ours[0]] == [type(field) for field in theirs[0]]


def test_market_entries_have_the_keys_of_the_recorded_ones(
    exchange: LocalExchange, shared_data: Path
) -> None:
    recorded = shared_data / "recorded" / "dydx" / "http_get_perpetual_markets.json"
    theirs = json.loads(recorded.read_text())["markets"]["BTC-USD"]
    ours = body(exchange, "/v4/perpetualMarkets")["markets"]["BTC-USD"]
    assert shape(ours) == shape(theirs)


@pytest.mark.parametrize(
    ("recorded", "ours"),
    [
        ("dydx/ws_orderbook_subscribed.json", snapshot(1, 900_000)),
        ("dydx/ws_orderbook_update.json", change(2, bids=[["1", "1"]], asks=[["2", "1"]])),
        ("dydx/ws_markets_update.json", oracle(5, "90010.5", FIRST_MS)),
        ("binance/ws_futures_book_ticker.json", ticker(1, 100, 101, ts_ms=FIRST_MS)),
    ],
)
def test_messages_have_the_keys_and_types_of_the_recorded_ones(
    shared_data: Path, recorded: str, ours: Any
) -> None:
    theirs = json.loads((shared_data / "recorded" / recorded).read_text())
    prices = theirs.get("contents", {}).get("oraclePrices", {})
    for market in [name for name in prices if name != "BTC-USD"]:
        del prices[market]
    assert shape(ours) == shape(theirs)


def test_dydx_sends_the_newest_thousand_first_and_the_running_minute(
    exchange: LocalExchange,
) -> None:
    rows = body(exchange, CANDLES, resolution="1MIN", fromISO=iso(FIRST_MS))["candles"]
    starts = [row["startedAt"] for row in rows]
    assert len(starts) == 1000
    assert starts == sorted(starts, reverse=True)
    assert starts[0] == iso(FIRST_MS + MINUTES * 60_000)


def test_from_is_inclusive_and_to_is_exclusive_at_dydx(exchange: LocalExchange) -> None:
    first, end = iso(FIRST_MS + 60_000), iso(FIRST_MS + 180_000)
    rows = body(exchange, CANDLES, resolution="1MIN", fromISO=first, toISO=end)["candles"]
    assert [row["startedAt"] for row in rows] == [iso(FIRST_MS + 120_000), first]


def test_an_unknown_spelling_is_ignored_as_the_real_venue_ignores_it(
    exchange: LocalExchange,
) -> None:
    right = body(exchange, CANDLES, resolution="1MIN", toISO=iso(FIRST_MS + 60_000))["candles"]
    wrong = body(exchange, CANDLES, resolution="1MIN", to_iso=iso(FIRST_MS + 60_000))["candles"]
    assert len(right) == 1
    assert len(wrong) == 1000


def test_binance_ends_are_inclusive_and_ascending(exchange: LocalExchange) -> None:
    rows = body(
        exchange, "/fapi/v1/klines", symbol="BTCUSDT", interval="1m",
        startTime=FIRST_MS, endTime=FIRST_MS + 120_000,
    )  # fmt: skip
    assert [row[0] - FIRST_MS for row in rows] == [0, 60_000, 120_000]


def test_unknown_markets_are_refused_in_each_venues_words(exchange: LocalExchange) -> None:
    theirs = body(exchange, "/fapi/v1/klines", symbol="NONE", interval="1m")
    assert theirs == {"code": -1121, "msg": "Invalid symbol."}
    theirs = body(exchange, "/v4/candles/perpetualMarkets/NONE", resolution="1MIN")
    assert list(theirs) == ["errors"]

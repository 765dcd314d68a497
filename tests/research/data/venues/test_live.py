"""The real sites keep the contract that the local exchange speaks: ``pytest -m live``."""

import time
from pathlib import Path

import pytest

from research.clock import Clock, measure_skew
from research.data.fetch.job import Wanted
from research.data.fetch.market import fetch_market
from research.data.tables.schema import MINUTE_MS
from research.data.tables.spans import Span
from research.data.venues.binance import SPOT, BinanceClient, binance_http
from research.data.venues.binance_bulk import BulkFile, BulkSite, bulk_http
from research.data.venues.dydx import DydxClient, dydx_http
from research.data.venues.dydx_fees import fetch_base_tier
from research.settings.fetch import FetchSettings
from tests.exchange.archive import span_of
from tests.exchange.arrange import NAMES

pytestmark = pytest.mark.live
SETTINGS, CLOCK = FetchSettings(), Clock()


@pytest.fixture(autouse=True)
def only_by_hand(request: pytest.FixtureRequest) -> None:
    if "live" not in request.config.option.markexpr:
        pytest.skip("talks to the real exchanges; run it with `pytest -m live`")


def hours_ago(hours: int, minutes: int) -> Span:
    first = round(time.time()) // 3600 * 3_600_000 - hours * 3_600_000
    return Span(first, first + minutes * MINUTE_MS)


def test_dydx_bounds_order_and_limit_are_as_documented() -> None:
    with dydx_http(SETTINGS, clock=CLOCK) as http:
        client = DydxClient(http)
        rows = client.minutes("BTC-USD", hours_ago(30, 1200))
        assert rows is not None
        assert len(rows) <= 1000
        assert {"trades", "mid_close", "open_interest"} <= set(rows.columns)
        paid = client.payments("BTC-USD", hours_ago(30, 600))
        assert paid is not None
        assert 9 <= len(paid) <= 10
        assert client.market("BTC-USD")["status"] == "ACTIVE"
        assert client.orderbook("BTC-USD")["bids"]
        assert abs(measure_skew(client.server_time_ms, CLOCK).offset_ms) < 60_000


def test_a_full_node_knows_the_fee_of_a_beginner() -> None:
    tier = fetch_base_tier(SETTINGS, clock=CLOCK)
    assert 0 < tier.taker_bps < 20
    assert -5 < tier.maker_bps <= tier.taker_bps


def test_binance_bounds_order_and_limit_are_as_documented() -> None:
    with binance_http(SETTINGS, clock=CLOCK) as http:
        client = BinanceClient(http)
        rows = client.minutes("BTCUSDT", hours_ago(30, 1500))
        assert rows is not None
        assert len(rows) == 1500
        paid = client.payments("BTCUSDT", hours_ago(60, 3000))
        assert paid is not None
        assert 5 <= len(paid) <= 51
        assert abs(measure_skew(client.server_time_ms, CLOCK).offset_ms) < 60_000


def test_bulk_files_are_where_they_are_looked_for() -> None:
    first, end = span_of("2025-01")
    file = BulkFile("BTCUSDT", Span(first, end), is_month=True)
    with bulk_http(SETTINGS, clock=CLOCK) as http:
        for site in (BulkSite(http), BulkSite(http, SPOT)):
            loaded = site.load(file)
            assert loaded is not None
            assert len(loaded.candles) == 31 * 1440


def test_a_day_comes_whole(tmp_path: Path) -> None:
    report = fetch_market(tmp_path, "BTC", NAMES, Wanted(minutes=1440), settings=SETTINGS)
    for stream in report.streams:
        if stream.name.endswith("minutes"):
            gaps = sum(gap.count(stream.step_ms) for gap in (*stream.gaps, *stream.pending))
            assert stream.new + gaps == 1440

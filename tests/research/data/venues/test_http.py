"""Asking politely: what is asked again, what is refused, and what the message says."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from research.clock import measure_skew
from research.data.tables.schema import MINUTE_MS, minutes_ms
from research.data.tables.spans import Span
from research.data.venues.binance import BinanceClient, binance_http
from research.data.venues.body import parse_json, retry_after_s
from research.data.venues.dydx import DydxClient, dydx_http
from research.data.venues.pace import Pace
from research.errors import FormatError, LimitError, RefusedError, UnreachableError
from tests.exchange import FAULTS, Faults, LocalExchange, running
from tests.exchange.arrange import FIRST_MS, VirtualClock, clock_of, exchange_of, settings_for
from tests.exchange.limits import Limits, too_many_binance, too_many_dydx

MINUTES = 2500
HOUR = Span(FIRST_MS, FIRST_MS + 60 * MINUTE_MS)


@pytest.fixture
def clock() -> VirtualClock:
    return clock_of(MINUTES)


@pytest.fixture
def exchange(clock: VirtualClock) -> Iterator[LocalExchange]:
    with running(exchange_of(MINUTES, clock=clock)) as served:
        yield served


def dydx(exchange: LocalExchange, clock: VirtualClock, **more: Any) -> DydxClient:
    return DydxClient(dydx_http(settings_for(exchange, **more), clock=clock.as_clock()))


def binance(exchange: LocalExchange, clock: VirtualClock, **more: Any) -> BinanceClient:
    return BinanceClient(binance_http(settings_for(exchange, **more), clock=clock.as_clock()))


@pytest.mark.parametrize("kind", [kind for kind in FAULTS if kind not in ("lossy", "empty")])
@pytest.mark.parametrize("venue", ["binance", "dydx"])
def test_one_broken_answer_is_asked_for_again(
    exchange: LocalExchange, clock: VirtualClock, venue: str, kind: str
) -> None:
    exchange.faults = Faults({0: kind}, slow_s=0.4)
    make = {"binance": (binance, "BTCUSDT"), "dydx": (dydx, "BTC-USD")}[venue]
    client = make[0](exchange, clock, timeout_s=0.2)
    rows = client.minutes(make[1], HOUR)
    client.http.close()
    assert rows is not None
    assert len(rows) == 60


def test_the_market_and_its_book_are_read(exchange: LocalExchange, clock: VirtualClock) -> None:
    with dydx(exchange, clock).http as http:
        client = DydxClient(http)
        assert client.market("BTC-USD")["status"] == "ACTIVE"
        book = client.orderbook("BTC-USD")
        assert (len(book["bids"]), len(book["asks"])) == (100, 100)
        assert float(book["bids"][0]["price"]) < float(book["asks"][0]["price"])
        with pytest.raises(FormatError, match="no market NONE-USD in the answer"):
            client.market("NONE-USD")
        with pytest.raises(RefusedError, match="No market found with ticker: NONE-USD"):
            client.orderbook("NONE-USD")


def test_retry_after_counts_seconds_at_binance(
    exchange: LocalExchange, clock: VirtualClock
) -> None:
    exchange.faults = Faults({0: "429"})  # Retry-After: 2
    with binance(exchange, clock).http as http:
        BinanceClient(http).minutes("BTCUSDT", HOUR)
    assert clock.slept == pytest.approx(2.0)


def test_retry_after_counts_milliseconds_at_dydx(
    exchange: LocalExchange, clock: VirtualClock
) -> None:
    exchange.faults = Faults({0: "429"})  # Retry-After: 1500
    with dydx(exchange, clock).http as http:
        DydxClient(http).minutes("BTC-USD", HOUR)
    assert clock.slept == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("told", "unit_s", "seconds"),
    [
        ("2", 1.0, 2.0),
        ("1500", 0.001, 1.5),
        ("0.5", 1.0, 0.5),
        ("Thu, 01 Jan 1970 00:01:40 GMT", 1.0, 40.0),
        ("soon", 1.0, 1.0),
        ("-5", 1.0, 1.0),
        ("", 0.001, 1.0),
    ],
)
def test_retry_after_is_read_in_every_form(told: str, unit_s: float, seconds: float) -> None:
    assert retry_after_s({"Retry-After": told}, unit_s, now_s=60.0) == seconds


def test_a_long_ban_is_reported_instead_of_waited_for(
    exchange: LocalExchange, clock: VirtualClock
) -> None:
    exchange.faults = Faults({0: "418"})
    with (
        binance(exchange, clock, longest_retry_after_s=1).http as http,
        pytest.raises(LimitError) as caught,
    ):
        BinanceClient(http).minutes("BTCUSDT", HOUR)
    assert "status 418, asked to wait 2 s (fetch.longest_retry_after_s = 1)" in str(caught.value)
    assert "/fapi/v1/klines?symbol=BTCUSDT" in str(caught.value)


def test_budgets_are_kept_so_that_no_venue_ever_refuses(
    exchange: LocalExchange, clock: VirtualClock
) -> None:
    exchange.limits = Limits(clock.now_ms, dydx_requests=10, binance_weight=100)
    with dydx(exchange, clock, dydx_requests_per_10s=10).http as http:
        for _ in range(35):
            DydxClient(http).minutes("BTC-USD", HOUR)
    with binance(exchange, clock, binance_weight_per_min=100).http as http:
        for _ in range(35):
            BinanceClient(http).minutes("BTCUSDT", HOUR)
    assert exchange.limits.refused == 0
    assert exchange.limits.peak_binance <= 100


def test_a_budget_that_others_spend_too_is_read_from_the_headers(
    exchange: LocalExchange, clock: VirtualClock
) -> None:
    assert exchange.limits is not None
    exchange.limits.most_binance, exchange.limits.most_dydx = 100, 10
    minute = clock.now_ms() // 60_000
    exchange.limits.binance.append((minute, 85))  # by somebody behind the same address
    exchange.limits.dydx.extend([clock.now_ms()] * 9)
    with binance(exchange, clock, binance_weight_per_min=100).http as http:
        for _ in range(3):
            BinanceClient(http).minutes("BTCUSDT", HOUR)
    with dydx(exchange, clock, dydx_requests_per_10s=10).http as http:
        for _ in range(3):
            DydxClient(http).minutes("BTC-USD", HOUR)
    assert exchange.limits.refused == 0


def test_unknown_markets_are_refused_at_once_in_the_venues_words(
    exchange: LocalExchange, clock: VirtualClock
) -> None:
    with binance(exchange, clock).http as http, pytest.raises(RefusedError) as caught:
        BinanceClient(http).minutes("NONE", HOUR)
    assert str(caught.value).endswith("status 400: Invalid symbol. (code -1121)")
    with dydx(exchange, clock).http as http, pytest.raises(RefusedError) as caught:
        DydxClient(http).minutes("NONE-USD", HOUR)
    assert str(caught.value).endswith("status 404: No market found with ticker: NONE-USD")
    assert len(exchange.log) == 2


def test_a_venue_that_stays_away_is_named_with_the_request(
    exchange: LocalExchange, clock: VirtualClock
) -> None:
    exchange.faults = Faults(rate=1.0, kinds=["503"], seed=1)
    with dydx(exchange, clock, attempts=3).http as http, pytest.raises(UnreachableError) as caught:
        DydxClient(http).server_time_ms()
    assert f"dydx: GET {exchange.url}/v4/time: status 503, 3 attempts;" in str(caught.value)
    assert len(exchange.log) == 3


def test_a_page_instead_of_data_is_quoted(exchange: LocalExchange, clock: VirtualClock) -> None:
    exchange.faults = Faults(rate=1.0, kinds=["html200"], seed=1)
    with dydx(exchange, clock).http as http, pytest.raises(FormatError) as caught:
        DydxClient(http).minutes("BTC-USD", HOUR)
    assert "the answer is not JSON (JSONDecodeError): 'Just a moment...'" in str(caught.value)
    assert len(exchange.log) == 3  # fetch.attempts_unsound


def answering(response: httpx.Response, clock: VirtualClock, **more: Any) -> DydxClient:
    """A client that gets ``response`` whatever it asks."""
    nowhere = exchange_of(1)
    nowhere.url = "http://127.0.0.1:9"
    transport = httpx.MockTransport(lambda request: response)
    http = dydx_http(
        settings_for(nowhere, attempts=2, **more), clock=clock.as_clock(), transport=transport
    )
    return DydxClient(http)


def test_an_endless_answer_is_cut_off(clock: VirtualClock) -> None:
    client = answering(httpx.Response(200, content=b"x" * 2**20), clock, most_body_mib=0.5)
    with pytest.raises(FormatError, match="the answer is larger than 524,288 bytes"):
        client.server_time_ms()


def test_a_compressed_bomb_is_cut_off_by_its_real_size(clock: VirtualClock) -> None:
    import gzip

    bomb = gzip.compress(b"0" * 8 * 2**20)
    assert len(bomb) < 2**14
    response = httpx.Response(
        200, stream=httpx.ByteStream(bomb), headers={"Content-Encoding": "gzip"}
    )
    with pytest.raises(FormatError, match="larger than 1,048,576 bytes"):
        answering(response, clock, most_body_mib=1).server_time_ms()


def test_a_redirection_is_not_followed(clock: VirtualClock) -> None:
    response = httpx.Response(302, headers={"Location": "https://login.example/"})
    with pytest.raises(RefusedError, match=r"sent on to https://login\.example/"):
        answering(response, clock).server_time_ms()


def test_a_place_that_is_not_served_is_told_what_to_do(clock: VirtualClock) -> None:
    with pytest.raises(RefusedError, match="does not serve this place; use a mirror"):
        answering(httpx.Response(451, json={"msg": "restricted"}), clock).server_time_ms()


@pytest.mark.parametrize(
    "text",
    ["", "nul", '{"a": NaN}', '{"a": ' + "9" * 5000 + "}", "[" * 100_000, "\xff\xfe", "<html>"],
)
def test_what_is_not_json_is_a_typed_error(text: str) -> None:
    with pytest.raises(FormatError, match=r"place: the answer is not JSON"):
        parse_json(text.encode("latin-1"), "place")


@pytest.mark.parametrize(
    "candles",
    [[None], [{}], [{"startedAt": 5}], {"a": 1}, "x", [[1, 2]], [{"startedAt": "2025-13-01"}]],
)
def test_rows_that_make_no_sense_are_a_typed_error(candles: Any, clock: VirtualClock) -> None:
    client = answering(httpx.Response(200, json={"candles": candles}), clock)
    with pytest.raises(FormatError):
        client.minutes("BTC-USD", HOUR)


@pytest.mark.parametrize("number", [10**30, -(10**30), 1e300, True, "1499040000000"])
def test_absurd_times_are_a_typed_error(number: Any, clock: VirtualClock) -> None:
    row = [number, "1", "1", "1", "1", "1", number, "1", 1, "1", "1", "0"]
    nowhere = exchange_of(1)
    nowhere.url = "http://127.0.0.1:9"
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json=[row]))
    http = binance_http(settings_for(nowhere), clock=clock.as_clock(), transport=transport)
    with pytest.raises(FormatError):
        BinanceClient(http).minutes("BTCUSDT", HOUR)


def test_rows_of_another_time_than_asked_for_are_noticed(clock: VirtualClock) -> None:
    """A misspelt toISO is ignored by the venue: it answers with its newest rows."""
    with running(exchange_of(MINUTES)) as exchange:
        newest = httpx.get(
            f"{exchange.url}/v4/candles/perpetualMarkets/BTC-USD",
            params={"resolution": "1MIN", "to_iso": "2025-12-01T01:00:00Z"},
        )
    client = answering(httpx.Response(200, content=newest.content), clock)
    with pytest.raises(FormatError) as caught:
        client.minutes("BTC-USD", HOUR)
    assert (
        "asked for 2025-12-01T00:00Z up to 2025-12-01T01:00Z, got 2025-12-02T01:01Z .. "
        "2025-12-02T17:40Z; the venue ignores toISO or fromISO" in str(caught.value)
    )


def test_clock_skew_is_measured_in_the_middle_of_the_round_trip() -> None:
    local = VirtualClock(1000.0)

    def server() -> int:
        local.sleep(0.2)
        return 5_000_100 - 4_000_000

    skew = measure_skew(server, local.as_clock())
    assert (skew.offset_ms, skew.round_trip_ms) == pytest.approx((0.0, 200.0))
    assert measure_skew(lambda: 1_007_200, local.as_clock()).sentence() == (
        "this machine's clock is 7,000 ms behind the server's (+-0 ms)"
    )


def test_a_proxy_of_the_environment_is_used(
    monkeypatch: pytest.MonkeyPatch, exchange: LocalExchange, clock: VirtualClock
) -> None:
    monkeypatch.setenv("HTTP_PROXY", exchange.url)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    http = dydx_http(
        settings_for(exchange, dydx_url="http://indexer.invalid"), clock=clock.as_clock()
    )
    with http:
        assert DydxClient(http).server_time_ms() == clock.now_ms()


def test_threads_share_one_budget() -> None:
    clock = VirtualClock(0.0)
    pace = Pace(5, 10.0, clock.as_clock())
    threads = [threading.Thread(target=pace.take, args=(1,)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clock.now_s >= 30.0


def test_a_cost_above_the_whole_budget_does_not_wait_for_ever() -> None:
    clock = VirtualClock(0.0)
    pace = Pace(5, 10.0, clock.as_clock())
    pace.take(10)
    pace.take(10)
    assert clock.now_s == pytest.approx(10.0)


def test_the_recorded_bodies_are_read(shared_data: Path, clock: VirtualClock) -> None:
    folder = shared_data / "recorded" / "dydx"
    body = (folder / "http_get_candles.json").read_bytes()
    span = Span(1_765_209_600_000, 1_765_213_200_000)  # 2025-12-08T16:00Z .. 17:00Z
    rows = answering(httpx.Response(200, content=body), clock).minutes("BTC-USD", span)
    assert rows is not None
    assert minutes_ms(rows.index)[0] == 1_765_210_140_000
    body = (folder / "http_get_historical_funding.json").read_bytes()
    span = Span(1_765_202_400_000, 1_765_213_200_000)
    rates = answering(httpx.Response(200, content=body), clock).payments("BTC-USD", span)
    assert rates is not None
    assert list(rates) == [0.000000625, 0.000000375, 0.000002375]


def test_the_refusals_of_the_exchange_look_like_the_venues() -> None:
    theirs = too_many_dydx(10, 20)
    assert (theirs.status, theirs.headers["Retry-After"]) == (429, "10")
    assert too_many_binance(418, 120).headers["Retry-After"] == "120"

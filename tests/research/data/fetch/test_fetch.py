"""What a fetch promises: nothing lost, nothing twice, nothing silent."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pandas.testing import assert_frame_equal, assert_series_equal

from research.clock import Clock
from research.data.fetch.follow import follow
from research.data.fetch.job import Wanted, Watch
from research.data.fetch.market import FetchReport, fetch_market
from research.data.store.gapbook import GapBook
from research.data.store.store import Store
from research.data.tables.schema import MINUTE_MS, Venue, minutes_ms
from research.data.tables.source import Source
from research.data.tables.spans import Span
from research.errors import (
    FormatError,
    LeadfollowError,
    RefusedError,
    StoreError,
    UnreachableError,
)
from tests.exchange import Faults, LocalExchange, make_minutes, running
from tests.exchange.arrange import (
    FIRST_MS,
    NAMES,
    clock_of,
    closed,
    exchange_of,
    settings_for,
    tree,
)

MINUTES = 2600
GAPS = {"binance_gaps": ((700, 5),), "dydx_gaps": ((999, 1), (2000, 40))}


@pytest.fixture
def exchange() -> Iterator[LocalExchange]:
    with running(exchange_of(MINUTES, **GAPS)) as served:
        yield served


def fetch(exchange: LocalExchange, root: Path, **more: Any) -> FetchReport:
    settings = more.pop("settings", None) or settings_for(exchange)
    wanted = more.pop("wanted", Wanted(first_ms=FIRST_MS))
    clock = more.pop("clock", Clock(now=lambda: exchange.clock_ms() / 1000))
    return fetch_market(root, "BTC", NAMES, wanted, settings=settings, clock=clock, **more)


class Always(dict[str, str | None]):
    """Forgets what a venue answered before, so that it may lie again."""

    def get(self, key: str, default: Any = None) -> None:
        return None


def assert_whole(exchange: LocalExchange, root: Path) -> None:
    """The store holds exactly what the venues have, digit by digit."""
    store = Store(root)
    binance, dydx = exchange.binance["BTCUSDT"], exchange.dydx["BTC-USD"]
    ours = store.candles("BTC", "binance")
    assert_frame_equal(ours, closed(binance, binance.binance_table()))
    assert_frame_equal(store.candles("BTC", "dydx"), closed(dydx, dydx.dydx_table()))
    funding = store.funding("BTC")
    assert funding is not None
    assert_series_equal(funding, closed(dydx, dydx.funding_series()))


def test_a_fetch_stores_exactly_what_the_venues_have(
    exchange: LocalExchange, tmp_path: Path
) -> None:
    report = fetch(exchange, tmp_path)
    assert_whole(exchange, tmp_path)
    assert {stream.name: stream.new for stream in report.streams} == {
        "binance minutes": MINUTES - 5,
        "binance funding": 6,
        "dydx minutes": MINUTES - 41,
        "dydx funding": 44,
    }
    assert [gap.sentence(MINUTE_MS) for gap in report.streams[2].gaps] == [
        "2025-12-01T16:39Z (1)",
        "2025-12-02T09:20Z .. 2025-12-02T09:59Z (40)",
    ]


@pytest.mark.parametrize("minutes", [999, 1000, 1001, 2000, 2001])
def test_no_minute_is_lost_or_doubled_where_pages_meet(tmp_path: Path, minutes: int) -> None:
    """Recorders lose one minute in a thousand at dYdX: toISO is exclusive, and seams are traps."""
    with running(exchange_of(minutes)) as exchange:
        fetch(exchange, tmp_path, venues=("dydx",), funding=False)
        asked = exchange.asked("/candles")
    stored = minutes_ms(Store(tmp_path).candles("BTC", "dydx").index)
    np.testing.assert_array_equal(stored, FIRST_MS + MINUTE_MS * np.arange(minutes))
    assert len(asked) == -(-minutes // 1000)


def test_pages_go_back_from_the_oldest_start_seen(exchange: LocalExchange, tmp_path: Path) -> None:
    exchange.dydx["BTC-USD"] = make_minutes(first_ms=FIRST_MS, minutes=MINUTES + 1, seed=2)
    fetch(exchange, tmp_path, venues=("dydx",), funding=False)
    ends = [line.split("toISO=")[1][:16] for line in exchange.asked("/candles")]
    assert ends == ["2025-12-02T19%3A", "2025-12-02T02%3A", "2025-12-01T10%3A"]


def test_a_second_fetch_asks_for_nothing_that_is_there(
    exchange: LocalExchange, tmp_path: Path
) -> None:
    fetch(exchange, tmp_path)
    before, count = tree(tmp_path), len(exchange.log)
    report = fetch(exchange, tmp_path)
    assert {line.split("?")[0] for line in exchange.log[count:]} == {"/v4/time", "/fapi/v1/time"}
    assert tree(tmp_path) == before
    assert [stream.missing for stream in report.streams] == [0, 0, 0, 0]


def test_tomorrow_only_the_new_minutes_are_asked_for(tmp_path: Path) -> None:
    clock = clock_of(1500)
    with running(exchange_of(3000, clock=clock)) as exchange:
        clock.now_s -= 1500 * 60
        fetch(exchange, tmp_path, clock=clock.as_clock(), venues=("dydx",), funding=False)
        count = len(exchange.asked("/candles"))
        clock.now_s += 500 * 60
        fetch(exchange, tmp_path, clock=clock.as_clock(), venues=("dydx",), funding=False)
        new = exchange.asked("/candles")[count:]
    assert len(new) == 1
    assert len(Store(tmp_path).candles("BTC", "dydx")) == 500


def test_the_running_minute_is_never_stored(exchange: LocalExchange, tmp_path: Path) -> None:
    fetch(exchange, tmp_path)
    for venue in ("binance", "dydx"):
        last = Store(tmp_path).candles("BTC", venue).index[-1]  # type: ignore[arg-type]
        assert last.value // 10**6 + MINUTE_MS <= exchange.clock_ms()


def test_the_servers_clock_decides_which_minute_is_over(
    exchange: LocalExchange, tmp_path: Path
) -> None:
    an_hour_ahead = Clock(now=lambda: exchange.clock_ms() / 1000 + 3600)
    report = fetch(exchange, tmp_path, clock=an_hour_ahead)
    assert_whole(exchange, tmp_path)
    assert report.streams[0].skew.offset_ms == pytest.approx(-3_600_000, abs=500)


def test_a_minute_settles_before_it_is_taken(exchange: LocalExchange, tmp_path: Path) -> None:
    settings = settings_for(exchange, settle_s=40)  # the exchange stands at second 25
    report = fetch(exchange, tmp_path, settings=settings)
    assert report.streams[2].span.end_ms == FIRST_MS + (MINUTES - 1) * MINUTE_MS


def test_gaps_of_a_venue_are_remembered_and_asked_again_only_on_request(
    exchange: LocalExchange, tmp_path: Path
) -> None:
    fetch(exchange, tmp_path)
    book = GapBook(tmp_path, "BTC", "dydx", "minutes")
    gaps = [
        Span(FIRST_MS + 999 * MINUTE_MS, FIRST_MS + 1000 * MINUTE_MS),
        Span(FIRST_MS + 2000 * MINUTE_MS, FIRST_MS + 2040 * MINUTE_MS),
    ]
    assert book.gaps() == gaps
    exchange.dydx["BTC-USD"] = make_minutes(
        first_ms=FIRST_MS, minutes=MINUTES + 1, seed=2, gaps=[(999, 1)]
    )
    count = len(exchange.asked("/candles"))
    fetch(exchange, tmp_path)
    assert len(exchange.asked("/candles")) == count
    fetch(exchange, tmp_path, ask_gaps_again=True)
    assert_whole(exchange, tmp_path)
    assert book.gaps() == gaps[:1]


def test_a_young_hole_is_not_called_a_gap(tmp_path: Path) -> None:
    with running(exchange_of(500, dydx_gaps=((480, 3),))) as exchange:
        report = fetch(exchange, tmp_path, venues=("dydx",), funding=False)
        assert report.streams[0].gaps == ()
        assert [late.count(MINUTE_MS) for late in report.streams[0].pending] == [3]
        count = len(exchange.log)
        fetch(exchange, tmp_path, venues=("dydx",), funding=False)
        assert len(exchange.log) > count + 1


def test_rows_lost_on_the_way_are_found_by_the_second_question(
    exchange: LocalExchange, tmp_path: Path
) -> None:
    exchange.faults = Faults({1: "lossy", 4: "lossy", 7: "lossy"})
    fetch(exchange, tmp_path)
    assert_whole(exchange, tmp_path)


def test_an_empty_answer_alone_proves_nothing(exchange: LocalExchange, tmp_path: Path) -> None:
    exchange.faults = Faults(dict.fromkeys(range(2, 40), "empty"))  # but never twice in a row
    fetch(exchange, tmp_path)
    assert_whole(exchange, tmp_path)


def test_a_venue_that_contradicts_itself_is_an_error_and_no_gap(
    exchange: LocalExchange, tmp_path: Path
) -> None:
    exchange.dydx["BTC-USD"] = make_minutes(first_ms=FIRST_MS, minutes=MINUTES + 1, seed=2)
    exchange.faults = Faults(dict.fromkeys(range(2, 40), "empty"))
    exchange.faults.last = Always()
    with pytest.raises(FormatError) as caught:
        fetch(exchange, tmp_path, venues=("dydx",), funding=False)
    assert str(caught.value) == (
        "dydx minutes: 3 empty answers for 2025-12-01T00:00Z .. 2025-12-02T02:40Z (1,601), of "
        "which it gave rows a moment ago; what was fetched is kept: run it again later"
    )
    assert GapBook(tmp_path, "BTC", "dydx", "minutes").gaps() == []


def test_a_mirror_with_smaller_pages_loses_nothing(
    exchange: LocalExchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.exchange import binance, dydx

    monkeypatch.setattr("research.data.venues.dydx.MOST_ROWS", 170)
    monkeypatch.setitem(binance.MOST_ROWS, "/fapi/v1/klines", 230)
    assert dydx.MOST_ROWS == 1000
    fetch(exchange, tmp_path)
    assert_whole(exchange, tmp_path)


def test_a_market_listed_within_the_span_begins_where_it_begins(tmp_path: Path) -> None:
    with running(exchange_of(1900, dydx_gaps=((0, 1700),), binance_gaps=((0, 1700),))) as exchange:
        report = fetch(exchange, tmp_path, funding=False)
    first = FIRST_MS + 1700 * MINUTE_MS
    assert [stream.gaps for stream in report.streams] == [(Span(FIRST_MS, first),)] * 2
    assert minutes_ms(Store(tmp_path).candles("BTC", "dydx").index)[0] == first


@pytest.mark.parametrize(
    ("venue", "names", "told"),
    [
        ("dydx", {"toISO": "to_iso", "fromISO": "from_iso"}, "toISO or fromISO"),
        ("binance", {"startTime": "start", "endTime": "end"}, "startTime or endTime"),
    ],
)
def test_a_wrong_spelling_would_be_noticed(
    exchange: LocalExchange,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    venue: Venue,
    names: dict[str, str],
    told: str,
) -> None:
    """The venue ignores what it does not know; the fetch must not store what it did not ask."""
    import httpx

    send = httpx.Client.build_request

    def misspelt(self: httpx.Client, method: str, url: str, **more: Any) -> httpx.Request:
        more["params"] = {names.get(key, key): value for key, value in more["params"].items()}
        return send(self, method, url, **more)

    monkeypatch.setattr(httpx.Client, "build_request", misspelt)
    with pytest.raises(FormatError, match=f"the venue ignores {told}"):
        fetch(exchange, tmp_path, venues=(venue,), funding=False)


def test_a_venue_that_restarts_in_mid_download_is_waited_for(tmp_path: Path) -> None:
    """Connections break, nobody listens for a while, then the same address answers again."""
    begun, port = threading.Event(), 0
    failures: list[BaseException] = []

    def work(served: LocalExchange) -> None:
        settings = settings_for(served, first_wait_s=0.1, longest_wait_s=0.5)
        watch = Watch(on_rows=lambda name, rows: begun.set())
        try:
            fetch(served, tmp_path, settings=settings, watch=watch)
        except BaseException as error:
            failures.append(error)

    with running(exchange_of(MINUTES, **GAPS)) as first:
        port = int(first.url.rsplit(":", 1)[1])
        first.faults = Faults(rate=1.0, kinds=["late"], seed=1, slow_s=0.4)
        thread = threading.Thread(target=work, args=(first,))
        thread.start()
        assert begun.wait(10)
    time.sleep(0.3)
    with running(exchange_of(MINUTES, **GAPS), port=port) as second:
        thread.join(30)
        assert failures == []
        assert second.asked("/candles")
        assert_whole(second, tmp_path)


def test_the_other_venue_comes_to_its_end_when_one_fails(
    exchange: LocalExchange, tmp_path: Path
) -> None:
    names = NAMES.model_copy(update={"binance": "NONE"})
    with pytest.raises(RefusedError, match="Invalid symbol"):
        fetch_market(
            tmp_path, "BTC", names, Wanted(first_ms=FIRST_MS), settings=settings_for(exchange),
            clock=Clock(now=lambda: exchange.clock_ms() / 1000),
        )  # fmt: skip
    assert len(Store(tmp_path).candles("BTC", "dydx")) == MINUTES - 41


def test_a_stop_keeps_whole_pages_and_a_restart_goes_on(
    exchange: LocalExchange, tmp_path: Path
) -> None:
    unstopped, stopped = tmp_path / "unstopped", tmp_path / "stopped"
    fetch(exchange, unstopped)
    stop = threading.Event()
    watch = Watch(on_rows=lambda name, rows: stop.set(), stop=stop)
    report = fetch(exchange, stopped, watch=watch)
    assert report.was_stopped
    assert 0 < len(Store(stopped).candles("BTC", "dydx")) < MINUTES - 41
    fetch(exchange, stopped)
    assert tree(stopped) == tree(unstopped)


def test_imported_minutes_are_not_asked_for(exchange: LocalExchange, tmp_path: Path) -> None:
    held = exchange.dydx["BTC-USD"].dydx_table()
    source = Source(name="file", layout="by hand", rows=900)
    Store(tmp_path).add("BTC", "dydx", held.iloc[1000:1900], source=source)
    fetch(exchange, tmp_path, venues=("dydx",), funding=False)
    spans = [line for line in exchange.asked("/candles") if "2025-12-02T0" in line]
    assert_frame_equal(
        Store(tmp_path).candles("BTC", "dydx"), closed(exchange.dydx["BTC-USD"], held)
    )
    assert len(exchange.asked("/candles")) <= 6, spans


def test_an_empty_span_is_no_error(exchange: LocalExchange, tmp_path: Path) -> None:
    in_the_future = Wanted(first_ms=FIRST_MS + 10 * MINUTES * MINUTE_MS)
    report = fetch(exchange, tmp_path, wanted=in_the_future)
    assert [stream.new for stream in report.streams] == [0, 0, 0, 0]


def test_a_broken_gap_book_says_what_to_do(exchange: LocalExchange, tmp_path: Path) -> None:
    path = GapBook(tmp_path, "BTC", "dydx", "minutes").path
    path.parent.mkdir(parents=True)
    path.write_text("{")
    with pytest.raises(StoreError, match=r"gaps\.json: cannot be read .*; delete it: the gaps"):
        fetch(exchange, tmp_path)


@pytest.mark.parametrize("seed", range(8))
def test_any_schedule_of_faults_ends_whole_or_typed(tmp_path: Path, seed: int) -> None:
    clock = clock_of(1500)
    with running(exchange_of(1500, clock=clock)) as exchange:
        exchange.faults = Faults(seed=seed, rate=0.1 + 0.06 * (seed % 5), slow_s=0.3)
        settings = settings_for(exchange, timeout_s=0.15, attempts=4)
        try:
            fetch(exchange, tmp_path, settings=settings, clock=clock.as_clock())
        except LeadfollowError as error:
            named = str(error)
            exchange.faults = Faults()
            fetch(exchange, tmp_path, clock=clock.as_clock())
        else:
            named = "GET http://127.0.0.1"
        assert "GET http://127.0.0.1" in named or "empty answers" in named
        held = minutes_ms(Store(tmp_path).candles("BTC", "dydx").index)
        np.testing.assert_array_equal(held[:1500], FIRST_MS + MINUTE_MS * np.arange(1500))


def test_following_goes_by_the_clock_of_the_venue_and_ends_at_until() -> None:
    clock, asked = clock_of(10), []  # this machine's clock says nothing about how far one is
    reached = iter(FIRST_MS + hour * 3_600_000 for hour in (2, 4, 6, 8, 10))

    def fetch_since(first_ms: int) -> int:
        asked.append((first_ms - FIRST_MS) / 3_600_000)
        return next(reached)

    follow(
        fetch_since, since_ms=FIRST_MS, clock=clock.as_clock(), settle_s=10.0,
        stop=threading.Event(), reached_ms=lambda report: report,
        until_ms=FIRST_MS + 8 * 3_600_000 + 1, on_report=lambda report: None,
        on_failure=lambda error: None,
    )  # fmt: skip
    assert asked == [0, 0, 1, 3]  # three hours before what was reached are looked over again


def test_following_survives_a_bad_minute_and_catches_up(tmp_path: Path) -> None:
    clock = clock_of(10)
    stop, seen, failures = threading.Event(), [], []

    def fetch_since(first_ms: int) -> int:
        seen.append((first_ms, clock.now_s % 60))
        if len(seen) == 2:
            raise UnreachableError("away")
        if len(seen) == 4:
            stop.set()
        return first_ms

    follow(
        fetch_since, since_ms=FIRST_MS, clock=clock.as_clock(), settle_s=10.0, stop=stop,
        reached_ms=lambda first: first, on_report=lambda first: None,
        on_failure=failures.append,
    )  # fmt: skip
    assert len(seen) == 4
    assert [str(error) for error in failures] == ["away"]
    assert all(first_ms == FIRST_MS for first_ms, _ in seen)  # overlaps by hours
    assert all(second == pytest.approx(10.5) for _, second in seen)

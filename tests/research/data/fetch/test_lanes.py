"""Several pages of one venue at once: bounded, within its budget, and the same store."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.clock import Clock
from research.data.fetch.job import Wanted, Watch
from research.data.fetch.lanes import in_lanes, parts, side_by_side
from research.data.fetch.market import FetchReport, fetch_market
from research.data.store.store import Store
from research.data.tables.schema import MINUTE_MS, minutes_ms
from research.data.tables.spans import Span
from research.errors import RefusedError, UnreachableError
from tests.exchange import Faults, LocalExchange, running
from tests.exchange.arrange import FIRST_MS, NAMES, clock_of, exchange_of, settings_for, tree
from tests.exchange.limits import Limits

MINUTES, PART = 9_400, 3_000  # four stretches, where a real one has 15,000 rows
GAPS = {"binance_gaps": ((2_990, 20),), "dydx_gaps": ((390, 30), (6_399, 1), (8_000, 700))}


@pytest.fixture(autouse=True)
def short_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("research.data.fetch.lanes._PART_ROWS", PART)


@pytest.fixture(scope="module")
def served() -> Iterator[LocalExchange]:
    with running(exchange_of(MINUTES, **GAPS)) as exchange:
        yield exchange


@pytest.fixture
def exchange(served: LocalExchange) -> Iterator[LocalExchange]:
    served.log.clear()
    yield served
    served.faults = Faults()


class Counting(httpx.HTTPTransport):
    """Counts the candle requests under way; an answer takes a while."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.most = 0
        self.lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        counts = "/candles" in request.url.path
        with self.lock:
            self.now += counts
            self.most = max(self.most, self.now)
        try:
            time.sleep(0.01)
            return super().handle_request(request)
        finally:
            with self.lock:
                self.now -= counts


def fetch(exchange: LocalExchange, root: Path, *, lanes: int = 3, **more: Any) -> FetchReport:
    settings = settings_for(
        exchange, pages_at_once=lanes, dydx_requests_per_10s=100, binance_weight_per_min=6000
    )
    clock = Clock(now=lambda: exchange.clock_ms() / 1000, sleep=lambda seconds: None)
    wanted = Wanted(first_ms=FIRST_MS)
    return fetch_market(root, "BTC", NAMES, wanted, settings=settings, clock=clock, **more)


@pytest.mark.parametrize("lanes", [1, 3])
def test_at_most_so_many_pages_are_under_way(
    exchange: LocalExchange, tmp_path: Path, lanes: int
) -> None:
    transport = Counting()
    fetch(exchange, tmp_path, lanes=lanes, venues=("dydx",), funding=False, transport=transport)
    assert transport.most == lanes


def test_lanes_make_the_same_store_with_as_many_requests(
    exchange: LocalExchange, tmp_path: Path
) -> None:
    fetch(exchange, tmp_path / "one", lanes=1)
    asked = len(exchange.log)
    exchange.log.clear()
    report = fetch(exchange, tmp_path / "three", lanes=3)
    assert tree(tmp_path / "three") == tree(tmp_path / "one")
    assert len(exchange.log) == asked
    assert sum(stream.requests for stream in report.streams) == len(exchange.log)
    held = minutes_ms(exchange.dydx["BTC-USD"].dydx_table().index)
    stored = minutes_ms(Store(tmp_path / "three").candles("BTC", "dydx").index)
    np.testing.assert_array_equal(stored, held[held < FIRST_MS + MINUTES * MINUTE_MS])


def test_faults_in_any_lane_change_nothing(exchange: LocalExchange, tmp_path: Path) -> None:
    fetch(exchange, tmp_path / "clean")
    honest = ["429", "500", "html200", "truncated", "short", "reset", "late"]
    exchange.faults = Faults(seed=3, rate=0.3, kinds=honest, slow_s=0.2)
    fetch(exchange, tmp_path / "broken")
    assert exchange.faults.count > 3
    assert tree(tmp_path / "broken") == tree(tmp_path / "clean")


def test_a_failure_ends_every_lane_and_what_was_kept_stays(
    exchange: LocalExchange, tmp_path: Path
) -> None:
    fetch(exchange, tmp_path / "clean", venues=("dydx",), funding=False)
    exchange.log.clear()
    exchange.faults = Faults(dict.fromkeys(range(5, 90), "503"))
    with pytest.raises(UnreachableError, match="status 503"):
        fetch(exchange, tmp_path / "torn", venues=("dydx",), funding=False)
    assert 1_000 < len(Store(tmp_path / "torn").candles("BTC", "dydx")) < 5_000
    assert len(exchange.log) <= 5 + 3 * 8  # each lane at most spends its attempts
    exchange.faults = Faults()
    fetch(exchange, tmp_path / "torn", venues=("dydx",), funding=False)
    assert tree(tmp_path / "torn") == tree(tmp_path / "clean")


def test_a_stop_ends_every_lane(exchange: LocalExchange, tmp_path: Path) -> None:
    stop = threading.Event()
    watch = Watch(on_rows=lambda name, rows: stop.set(), stop=stop)
    assert fetch(exchange, tmp_path, watch=watch, venues=("dydx",), funding=False).was_stopped
    assert 0 < len(Store(tmp_path).candles("BTC", "dydx")) <= 3 * 1000


def test_lanes_share_the_budget_of_their_venue(tmp_path: Path) -> None:
    clock = clock_of(MINUTES)
    # three requests under way arrive later than they were booked: settings stay below the limits
    limits = Limits(clock.now_ms, dydx_requests=2 + 3, binance_weight=20 + 30)
    with running(exchange_of(MINUTES, clock=clock, limits=limits)) as exchange:
        settings = settings_for(exchange, dydx_requests_per_10s=2, binance_weight_per_min=20)
        wanted = Wanted(first_ms=FIRST_MS, end_ms=FIRST_MS + MINUTES * MINUTE_MS)
        for venue in ("binance", "dydx"):
            fetch_market(
                tmp_path, "BTC", NAMES, wanted, settings=settings, clock=clock.as_clock(),
                venues=(venue,), funding=False,
            )  # type: ignore[arg-type]  # fmt: skip
    assert limits.refused == 0
    assert limits.peak_binance <= 50
    assert clock.slept > 180  # 10 pages at 2 in 10 s, 7 at 2 a minute


@given(st.integers(0, 100_000), st.integers(1, 100_000), st.booleans())
def test_parts_cover_a_stretch_once(first: int, count: int, newest_first: bool) -> None:
    span = Span(first * MINUTE_MS, (first + count) * MINUTE_MS)
    found = parts(span, MINUTE_MS, newest_first=newest_first)
    rising = found[::-1] if newest_first else found
    assert rising[0].first_ms == span.first_ms
    assert rising[-1].end_ms == span.end_ms
    assert all(left.end_ms == right.first_ms for left, right in itertools.pairwise(rising))
    assert all(part.count(MINUTE_MS) == PART for part in found[:-1])


def test_a_fault_of_our_own_does_not_hide_behind_a_venues() -> None:
    def fail(error: Exception) -> Callable[[], None]:
        def raise_it() -> None:
            raise error

        return raise_it

    with pytest.raises(ZeroDivisionError):
        side_by_side([fail(RefusedError("no")), fail(ZeroDivisionError())], threading.Event())


def test_a_failing_lane_takes_no_further_stretch() -> None:
    spans, seen = [Span(at, at + 1) for at in range(100)], []

    def work(span: Span, is_stopped: Callable[[], bool]) -> None:
        seen.append(span)
        if span.first_ms == 3:
            raise RefusedError("no")
        time.sleep(0.01)

    with pytest.raises(RefusedError):
        in_lanes(spans, work, lanes=2, stop=threading.Event())
    assert len(seen) < 10

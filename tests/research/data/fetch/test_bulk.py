"""The bulk site: verified files, what they lack asked page by page, files that change later."""

import hashlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pandas.testing import assert_frame_equal

from research.clock import Clock
from research.data.fetch.job import Wanted
from research.data.fetch.market import FetchReport, fetch_market
from research.data.fetch.reissue import Reissue, find_reissues
from research.data.store.store import Store
from research.data.tables.schema import MINUTE_MS
from research.data.tables.spans import Span
from research.data.venues.binance_bulk import BulkFile, BulkSite, bulk_http, files_for
from research.errors import ChecksumError, FormatError
from tests.exchange import Faults, LocalExchange, make_minutes, running
from tests.exchange.archive import span_of, zipped
from tests.exchange.arrange import FIRST_MS, NAMES, closed, exchange_of, settings_for, tree

MINUTES = 34 * 1440 + 700  # December, two days of January, a few hours
BEGIN_MS = FIRST_MS + 26 * 86_400_000  # enough of December to want it as one file
MONTH = "/data/futures/um/monthly/klines/BTCUSDT/1m/BTCUSDT-1m-2025-12.zip"
SECOND_DAY = "/data/futures/um/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2026-01-02.zip"


@pytest.fixture(scope="module")
def served() -> Iterator[LocalExchange]:
    with running(exchange_of(MINUTES, binance_gaps=((39_500, 7),))) as exchange:
        yield exchange


@pytest.fixture
def exchange(served: LocalExchange) -> Iterator[LocalExchange]:
    served.log.clear()
    yield served
    served.faults = Faults()
    served.archive.files.clear()
    served.archive.broken_checksums.clear()


def fetch(exchange: LocalExchange, root: Path, **more: Any) -> FetchReport:
    lanes = more.pop("lanes", 3)
    settings = settings_for(exchange, bulk=more.pop("bulk", True), pages_at_once=lanes)
    clock = Clock(now=lambda: exchange.clock_ms() / 1000)
    wanted = more.pop("wanted", Wanted(first_ms=BEGIN_MS))
    return fetch_market(
        root, more.pop("market", "BTC"), NAMES, wanted, settings=settings, clock=clock,
        venues=("binance",), funding=False, **more,
    )  # fmt: skip


def assert_whole(exchange: LocalExchange, root: Path) -> None:
    held = exchange.binance["BTCUSDT"]
    expected = closed(held, held.binance_table())
    asked = expected[expected.index.as_unit("ms").asi8 >= BEGIN_MS]
    assert_frame_equal(Store(root).candles("BTC", "binance"), asked)


def reissues(exchange: LocalExchange, root: Path) -> list[Reissue]:
    with bulk_http(settings_for(exchange), clock=Clock()) as http:
        return find_reissues(Store(root), "BTC", BulkSite(http))


def test_months_then_days_then_pages(exchange: LocalExchange, tmp_path: Path) -> None:
    report = fetch(exchange, tmp_path)
    assert_whole(exchange, tmp_path)
    zips = [line.rsplit("/", 1)[1] for line in exchange.log if line.endswith(".zip")]
    days = [f"BTCUSDT-1m-2026-01-0{day}.zip" for day in (1, 2, 3)]
    assert sorted(zips) == ["BTCUSDT-1m-2025-12.zip", *days]  # side by side: in any order
    book = Store(tmp_path).manifest("BTC", "binance")
    assert book is not None
    assert [source.name for source in book.sources][:4] == ["BTCUSDT-1m-2025-12.zip", *days]
    pages = exchange.asked("/klines?")
    assert len(pages) <= 6
    assert [gap.count(MINUTE_MS) for gap in report.streams[0].gaps] == [7]


def test_a_source_names_the_file_and_its_digest(exchange: LocalExchange, tmp_path: Path) -> None:
    fetch(exchange, tmp_path)
    book = Store(tmp_path).manifest("BTC", "binance")
    assert book is not None
    month = next(source for source in book.sources if source.name == "BTCUSDT-1m-2025-12.zip")
    assert month.sha256 == hashlib.sha256(exchange.archive.files[MONTH]).hexdigest()
    assert month.layout.endswith("checksum verified")


def test_bulk_and_pages_make_the_same_minutes(exchange: LocalExchange, tmp_path: Path) -> None:
    fetch(exchange, tmp_path / "bulk")
    fetch(exchange, tmp_path / "pages", bulk=False)
    months = {"2025-12.parquet", "2026-01.parquet"}

    def digests(folder: str) -> dict[str, str]:
        found = tree(tmp_path / folder)
        return {name: found[name] for name in found if name.rsplit("/", 1)[1] in months}

    assert len(digests("bulk")) == 2
    assert digests("bulk") == digests("pages")


def test_a_wrong_digest_is_refused_and_nothing_is_stored(
    exchange: LocalExchange, tmp_path: Path
) -> None:
    exchange.archive.broken_checksums.add(MONTH)
    with pytest.raises(ChecksumError) as caught:
        fetch(exchange, tmp_path)
    assert "BTCUSDT-1m-2025-12.zip.CHECKSUM says 0000000000000000..." in str(caught.value)
    assert "the download is damaged or the file is being replaced: run it again" in str(
        caught.value
    )
    assert Store(tmp_path).candles("BTC", "binance").empty


@pytest.mark.parametrize("kind", ["truncated", "short", "reset", "503", "429"])
def test_a_download_cut_short_is_made_again(
    exchange: LocalExchange, tmp_path: Path, kind: str
) -> None:
    exchange.faults = Faults({2: kind})  # time, CHECKSUM, the ZIP
    wanted = Wanted(first_ms=FIRST_MS + 30 * 1440 * MINUTE_MS, end_ms=FIRST_MS + 33 * 86_400_000)
    fetch(exchange, tmp_path, wanted=wanted, lanes=1)
    assert len(Store(tmp_path).candles("BTC", "binance")) == 3 * 1440


class Slow(httpx.HTTPTransport):
    """Counts the downloads under way; the first file takes longest, so that others overtake."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.most = self.files = 0
        self.lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        is_file = request.url.path.endswith(".zip")
        with self.lock:
            self.now += is_file
            self.files += is_file
            self.most = max(self.most, self.now)
            wait_s = 0.3 if is_file and self.files == 1 else 0.05
        try:
            time.sleep(wait_s)
            return super().handle_request(request)
        finally:
            with self.lock:
                self.now -= is_file


def test_files_come_side_by_side_and_are_kept_in_order(
    exchange: LocalExchange, tmp_path: Path
) -> None:
    trees = []
    for lanes in (1, 3):
        transport = Slow()
        fetch(exchange, tmp_path / f"{lanes}", lanes=lanes, transport=transport)
        assert transport.most == lanes
        trees.append(tree(tmp_path / f"{lanes}"))
    assert trees[0] == trees[1]  # the book, too: its sources stand in the order of time


def test_a_damaged_file_leaves_those_before_it(exchange: LocalExchange, tmp_path: Path) -> None:
    exchange.archive.broken_checksums.add(SECOND_DAY)
    with pytest.raises(ChecksumError):
        fetch(exchange, tmp_path, transport=Slow())
    stored = Store(tmp_path).candles("BTC", "binance")
    assert f"{stored.index[-1]:%Y-%m-%dT%H:%M}" == "2026-01-01T23:59"
    exchange.archive.broken_checksums.clear()
    fetch(exchange, tmp_path)
    assert_whole(exchange, tmp_path)


def test_a_file_issued_again_is_noticed_and_compared(
    exchange: LocalExchange, tmp_path: Path
) -> None:
    fetch(exchange, tmp_path)
    assert reissues(exchange, tmp_path) == []
    before = tree(tmp_path)
    full = make_minutes(first_ms=FIRST_MS, minutes=MINUTES + 1, seed=1)
    exchange.archive.reissue(MONTH, full)
    exchange.archive.reissue(SECOND_DAY, make_minutes(first_ms=FIRST_MS, minutes=MINUTES, seed=9))
    month, day = reissues(exchange, tmp_path)
    assert (month.new, month.changed) == (7, 0)
    assert (day.new, day.changed, day.first_change) == (0, 1440, "2026-01-02T00:00Z")
    assert day.sentence().startswith(
        "BTCUSDT-1m-2026-01-02.zip: issued again, 0 new and 1,440 changed minutes, first "
        "2026-01-02T00:00Z; nothing was written"
    )
    assert tree(tmp_path) == before


def test_spot_files_in_microseconds_are_read(exchange: LocalExchange, tmp_path: Path) -> None:
    fetch(exchange, tmp_path, spot=True)
    assert_whole(exchange, tmp_path)
    assert any("/data/spot/monthly/" in line for line in exchange.log)


def test_a_bomb_in_a_zip_is_not_unpacked(exchange: LocalExchange, tmp_path: Path) -> None:
    exchange.archive.files[MONTH] = zipped("BTCUSDT-1m-2025-12.csv", b"0" * (65 * 2**20))
    with pytest.raises(FormatError, match="unpacks to more than 67,108,864 bytes"):
        fetch(exchange, tmp_path)


def test_files_are_chosen_where_they_are_cheaper() -> None:
    first, end = span_of("2025-12")
    day = 86_400_000
    files = files_for("X", [Span(first, end + 2 * day)], now_ms=end + 2 * day + 5)
    assert [file.name for file in files] == [
        "X-1m-2025-12.zip", "X-1m-2026-01-01.zip", "X-1m-2026-01-02.zip",
    ]  # fmt: skip
    assert files_for("X", [Span(first, first + 6 * 3_600_000)], now_ms=end) == []
    short = files_for("X", [Span(first, first + 7 * 3_600_000)], now_ms=end)
    assert [file.name for file in short] == ["X-1m-2025-12-01.zip"]
    assert files_for("X", [], now_ms=end) == []
    assert BulkFile("X", Span(first, end), is_month=True).name == "X-1m-2025-12.zip"

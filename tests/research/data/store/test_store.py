"""The store: adding twice changes nothing, contradictions are reported, a stop leaves it whole."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal, assert_series_equal

from research.atomic import write_bytes as really_write_bytes
from research.data.files.read import read_candles
from research.data.store import folder as folder_module
from research.data.store.manifest import NEXT_BOOK
from research.data.store.store import AddReport, Store
from research.data.synthetic.market import SyntheticSpec, synthesize
from research.data.tables.schema import validate_candles
from research.errors import ConflictError, OrderError, PriceError, StoreError
from tests.samples.minute_tables import START_MS, candles, source

MONTH_END = 31 * 1440  # minutes of January


def contents(root: Path) -> dict[str, bytes]:
    """Bytes of every file, hidden ones too."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def funding(n: int = 3, rate: float = 0.000002375) -> pd.Series:
    index = pd.date_range("2026-01-01", periods=n, freq="h", tz="UTC", unit="ms", name="minute")
    return pd.Series([rate * (at + 1) for at in range(n)], index=index, name="rate")


def test_what_was_added_is_read_back(tmp_path: Path) -> None:
    store, table = Store(tmp_path), candles(50)
    report = store.add("BTC", "binance", table, source=source())
    assert report == AddReport(new=50, completed=0, same=0, conflicting=0, files_written=1)
    read = store.candles("BTC", "binance")
    validate_candles(read, place="store")
    assert_frame_equal(read, table, check_freq=False)


def test_importing_twice_changes_nothing(tmp_path: Path) -> None:
    store, table = Store(tmp_path), candles(50)
    store.add("BTC", "binance", table, source=source())
    before = contents(tmp_path)
    report = store.add("BTC", "binance", table, source=source())
    assert report == AddReport(new=0, completed=0, same=50, conflicting=0, files_written=0)
    store.add("BTC", "binance", table.iloc[10:20], source=source("another.csv"))
    assert contents(tmp_path) == before


def test_a_month_is_one_file(tmp_path: Path) -> None:
    store = Store(tmp_path)
    table = candles(20, first=MONTH_END - 10)
    store.add("BTC", "dydx", table, source=source())
    assert sorted(contents(tmp_path)) == [
        "BTC/dydx/2026-01.parquet",
        "BTC/dydx/2026-02.parquet",
        "BTC/dydx/manifest.json",
    ]
    assert_frame_equal(store.candles("BTC", "dydx"), table, check_freq=False)


def test_adding_rewrites_only_the_months_that_change(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add("BTC", "dydx", candles(20, first=MONTH_END - 10), source=source())
    january = tmp_path / "BTC/dydx/2026-01.parquet"
    touched = january.stat().st_mtime_ns
    report = store.add("BTC", "dydx", candles(5, first=MONTH_END + 10), source=source("page"))
    assert (report.new, report.files_written) == (5, 1)
    assert january.stat().st_mtime_ns == touched


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=8)
@given(order=st.permutations(range(5)), overlap=st.integers(0, 7))
def test_the_order_and_number_of_imports_do_not_show_in_the_files(
    tmp_path_factory: pytest.TempPathFactory, order: list[int], overlap: int
) -> None:
    table = candles(50, first=MONTH_END - 25, quote_volume=np.arange(50.0))
    whole, parts = (Store(tmp_path_factory.mktemp("store")) for _ in range(2))
    whole.add("BTC", "binance", table, source=source())
    for at in order:
        part = table.iloc[max(0, 10 * at - overlap) : 10 * at + 10]
        parts.add("BTC", "binance", part, source=source(f"page {at}"))
    for name in ("2026-01.parquet", "2026-02.parquet"):
        at_once, piecewise = (s.root / "BTC/binance" / name for s in (whole, parts))
        assert at_once.read_bytes() == piecewise.read_bytes()


def test_unknown_values_are_completed_from_either_side(tmp_path: Path) -> None:
    full = candles(4, mid_close=[5.0, 6.0, np.nan, 8.0])
    poor = candles(4, trades=[np.nan] * 4)
    one, other = Store(tmp_path / "a"), Store(tmp_path / "b")
    one.add("BTC", "dydx", poor, source=source("poor"))
    assert one.add("BTC", "dydx", full, source=source("full")).completed == 4
    other.add("BTC", "dydx", full, source=source("full"))
    assert other.add("BTC", "dydx", poor, source=source("poor")).same == 4
    assert_frame_equal(one.candles("BTC", "dydx"), other.candles("BTC", "dydx"))
    name = "BTC/dydx/2026-01.parquet"
    assert contents(one.root)[name] == contents(other.root)[name]


def test_a_column_that_is_unknown_and_one_that_is_absent_are_the_same_bytes(
    tmp_path: Path,
) -> None:
    one, other = Store(tmp_path / "a"), Store(tmp_path / "b")
    one.add("BTC", "dydx", candles(4), source=source())
    other.add("BTC", "dydx", candles(4, mid_open=[np.nan] * 4), source=source())
    assert contents(one.root) == contents(other.root)


def test_a_contradiction_is_reported_and_nothing_written(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add("BTC", "binance", candles(50), source=source())
    before = contents(tmp_path)
    other = candles(60)
    other.iloc[[7, 9], other.columns.get_loc("volume")] = 77.5
    with pytest.raises(ConflictError) as caught:
        store.add("BTC", "binance", other, source=source("new.csv"))
    assert str(caught.value) == (
        "BTC binance: 2 minutes contradict what is stored, first 2026-01-01T00:07Z: volume = 3.0 "
        "stored, 77.5 in new.csv; nothing was written: find out which is right, then import with "
        "--on-conflict keep or --on-conflict replace"
    )
    assert contents(tmp_path) == before


def test_a_contradiction_is_settled_as_asked(tmp_path: Path) -> None:
    old, new = candles(3), candles(4)
    new.iloc[1, new.columns.get_loc("volume")] = 77.5
    new.iloc[1, new.columns.get_loc("trades")] = np.nan
    for choice, volume, trades in (("keep", 2.0, 2.0), ("replace", 77.5, np.nan)):
        store = Store(tmp_path / choice)
        store.add("BTC", "binance", old, source=source())
        report = store.add("BTC", "binance", new, source=source("b"), on_conflict=choice)  # type: ignore[arg-type]
        assert (report.new, report.same, report.conflicting) == (1, 2, 1)
        row = store.candles("BTC", "binance").iloc[1]
        np.testing.assert_equal((row["volume"], row["trades"]), (volume, trades))


def test_an_impossible_table_never_arrives(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with pytest.raises(PriceError, match=r"BTC dydx from file.csv: row 2"):
        store.add("BTC", "dydx", candles(2, low=[89_000, 0]), source=source())
    with pytest.raises(OrderError):
        store.add("BTC", "dydx", candles(2).iloc[::-1], source=source())
    assert contents(tmp_path) == {}


def test_a_span_is_cut_half_open(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add("BTC", "binance", candles(30, first=MONTH_END - 10), source=source())
    start = datetime(2026, 1, 31, 23, 55, tzinfo=UTC)
    end = datetime(2026, 2, 1, 0, 3, tzinfo=UTC)
    cut = store.candles("BTC", "binance", start, end)
    assert (len(cut), cut.index[0], cut.index[-1] < pd.Timestamp(end)) == (8, start, True)
    assert store.candles("BTC", "binance", datetime(2027, 1, 1, tzinfo=UTC)).empty
    with pytest.raises(StoreError, match="a span needs a time zone"):
        store.candles("BTC", "binance", datetime(2027, 1, 1))


def test_what_is_not_there_is_empty(tmp_path: Path) -> None:
    store = Store(tmp_path / "nothing")
    assert store.markets() == []
    assert store.listing().empty
    assert store.candles("BTC", "dydx").empty
    assert store.funding("BTC") is None
    assert not store.is_synthetic("BTC")
    validate_candles(store.candles("BTC", "dydx"), place="x")


def test_optional_columns_appear_where_the_span_has_a_value(tmp_path: Path) -> None:
    store = Store(tmp_path)
    mids = [np.nan] * 5 + [90_000.0] * 5
    store.add("BTC", "dydx", candles(10, mid_close=mids), source=source())
    assert "mid_close" in store.candles("BTC", "dydx")
    middle = datetime.fromtimestamp(START_MS / 1000 + 300, tz=UTC)
    assert "mid_close" not in store.candles("BTC", "dydx", end=middle)


def test_funding_is_kept_beside_the_candles(tmp_path: Path) -> None:
    store, rates = Store(tmp_path), funding()
    store.add_funding("BTC", rates.iloc[1:], source=source())
    store.add_funding("BTC", rates, source=source())
    stored = store.funding("BTC")
    assert stored is not None
    assert_series_equal(stored, rates, check_freq=False)
    before = contents(tmp_path)
    assert store.add_funding("BTC", rates, source=source()).same == 3
    assert contents(tmp_path) == before
    with pytest.raises(ConflictError, match=r"3 minutes contradict .*rate = 2.375e-06 stored"):
        store.add_funding("BTC", rates * 2, source=source("b"))
    assert store.candles("BTC", "dydx").empty
    assert store.listing()["kind"].tolist() == ["funding"]


def test_funding_in_percent_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PriceError, match=r"a fraction per hour within \+-0.05; divide percent"):
        Store(tmp_path).add_funding("BTC", funding(rate=0.1), source=source())


def test_synthetic_and_recorded_minutes_never_mix(tmp_path: Path) -> None:
    store, made = Store(tmp_path), source("SYNTHETIC", is_synthetic=True)
    store.add("BTC", "binance", candles(3), source=source())
    for add in (
        lambda: store.add("BTC", "binance", candles(3, first=9), source=made),
        lambda: store.add("BTC", "dydx", candles(3), source=made),
        lambda: store.add_funding("BTC", funding(), source=made),
    ):
        with pytest.raises(StoreError, match=r"BTC in .*: holds recorded minutes, synthetic ones"):
            add()
    store.add("SYNTH", "dydx", candles(3), source=made)
    with pytest.raises(StoreError, match=r"SYNTH in .*: holds synthetic minutes, recorded ones"):
        store.add("SYNTH", "binance", candles(3), source=source())
    assert (store.is_synthetic("BTC"), store.is_synthetic("SYNTH")) == (False, True)
    assert store.label("SYNTH") == "SYNTH [SYNTHETIC]"


def test_a_stored_synthetic_month_is_synthetic_as_a_file_too(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put_synthetic("SYNTH", synthesize(SyntheticSpec(days=1)))
    reading = read_candles(tmp_path / "SYNTH/dydx/2026-01.parquet", "dydx")
    assert reading.is_synthetic
    assert reading.source.is_synthetic
    store.add("BTC", "dydx", candles(3), source=source())
    assert not read_candles(tmp_path / "BTC/dydx/2026-01.parquet", "dydx").is_synthetic


def test_a_synthetic_market_is_replaced_and_a_recorded_one_never(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert not store.put_synthetic("SYNTH", synthesize(SyntheticSpec(days=40)))
    assert store.put_synthetic("SYNTH", synthesize(SyntheticSpec(days=1, seed=8)))
    assert len(store.candles("SYNTH", "binance")) == 1440
    again = Store(tmp_path / "again")
    again.put_synthetic("SYNTH", synthesize(SyntheticSpec(days=1, seed=8)))
    fresh = contents(again.root)
    assert {k: v for k, v in contents(tmp_path).items() if k.startswith("SYNTH/")} == fresh
    store.add("BTC", "dydx", candles(3), source=source())
    with pytest.raises(StoreError, match="name another --market, such as SYNTH"):
        store.put_synthetic("BTC", synthesize(SyntheticSpec(days=1)))
    assert store.markets() == ["BTC", "SYNTH"]


def test_changed_bytes_are_noticed(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add("BTC", "binance", candles(5), source=source())
    path = tmp_path / "BTC/binance/2026-01.parquet"
    data = bytearray(path.read_bytes())
    data[50] ^= 1
    path.write_bytes(bytes(data))
    for use in (
        lambda: store.candles("BTC", "binance"),
        lambda: store.add("BTC", "binance", candles(9), source=source()),
    ):
        with pytest.raises(StoreError, match=r"2026-01.parquet: its bytes differ from the digest"):
            use()
    path.unlink()
    with pytest.raises(StoreError, match="cannot be read"):
        store.candles("BTC", "binance")


def test_a_store_without_its_book_is_not_written_over(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add("BTC", "binance", candles(5), source=source())
    (tmp_path / "BTC/binance/manifest.json").unlink()
    with pytest.raises(StoreError, match=r"without manifest.json; move them out of the store"):
        store.add("BTC", "binance", candles(2), source=source())


@pytest.mark.parametrize("text", ["{", "[]", '{"schema_version": 1}', '{"schema_version": 99}'])
def test_a_broken_book_is_named(tmp_path: Path, text: str) -> None:
    store = Store(tmp_path)
    store.add("BTC", "binance", candles(5), source=source())
    (tmp_path / "BTC/binance/manifest.json").write_text(text)
    with pytest.raises(StoreError, match=r"manifest.json: "):
        store.candles("BTC", "binance")


@pytest.mark.parametrize("name", ["", "../x", ".hidden", "a/b", "BTC USD"])
def test_a_market_name_cannot_leave_the_store(tmp_path: Path, name: str) -> None:
    with pytest.raises(StoreError, match="a name has letters, digits"):
        Store(tmp_path).add(name, "binance", candles(1), source=source())


class Killed(BaseException):
    """Stands for SIGKILL: nothing may catch it."""


def kill_after(writes: int) -> Callable[[Path, bytes], None]:
    left = writes

    def write(path: Path, data: bytes) -> None:
        nonlocal left
        if left == 0:
            raise Killed
        left -= 1
        really_write_bytes(path, data)

    return write


@pytest.mark.parametrize("writes", [0, 1, 2])
@pytest.mark.parametrize("begins_empty", [True, False])
def test_a_kill_at_any_moment_leaves_a_store_that_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writes: int, begins_empty: bool
) -> None:
    old, new = candles(10, first=MONTH_END - 5), candles(40, first=MONTH_END - 20)
    store, undisturbed = Store(tmp_path / "a"), Store(tmp_path / "b")
    for each in (store, undisturbed):
        if not begins_empty:
            each.add("BTC", "binance", old, source=source("old"))
    with monkeypatch.context() as patched:
        patched.setattr(folder_module, "write_bytes", kill_after(writes))
        if writes == 2:  # both months are written, the book is not
            patched.setattr(folder_module, "BOOK", "nowhere/manifest.json")
        with pytest.raises((Killed, StoreError)):
            store.add("BTC", "binance", new, source=source("new"))
    assert (store.root / "BTC/binance" / NEXT_BOOK).exists()
    read = store.candles("BTC", "binance")
    validate_candles(read, place="after the kill")
    arrived = {0: 0, 1: 20, 2: 40}[writes]
    assert len(read) == max(arrived, 0 if begins_empty else len(old) + (15 if writes == 1 else 0))
    assert_frame_equal(read, new.loc[read.index], check_freq=False)
    store.add("BTC", "binance", new, source=source("new"))
    undisturbed.add("BTC", "binance", new, source=source("new"))
    assert_frame_equal(store.candles("BTC", "binance"), new, check_freq=False)
    if writes < 2:
        assert contents(store.root) == contents(undisturbed.root)


def test_a_settled_stop_is_written_down_by_the_next_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(folder_module, "write_bytes", kill_after(1))
        with pytest.raises(Killed):
            store.add("BTC", "dydx", candles(40, first=MONTH_END - 20), source=source("new"))
    store.add("BTC", "dydx", candles(1, first=0), source=source("later"))
    assert not (tmp_path / "BTC/dydx" / NEXT_BOOK).exists()
    book = store.manifest("BTC", "dydx")
    assert book is not None
    assert [entry.rows for entry in book.files.values()] == [21]
    assert [each.name for each in book.sources] == ["new", "later"]


def test_a_stream_of_pages_is_one_source(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for page in range(5):
        store.add("BTC", "dydx", candles(10, first=10 * page), source=source("REST", sha256=None))
    book = store.manifest("BTC", "dydx")
    assert book is not None
    assert len(book.sources) == 1
    assert len(store.candles("BTC", "dydx")) == 50


def test_the_book_says_what_is_in_the_files(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add("BTC", "dydx", candles(20, first=MONTH_END - 10), source=source("a.csv"))
    raw = json.loads((tmp_path / "BTC/dydx/manifest.json").read_text())
    assert raw["files"]["2026-02.parquet"]["rows"] == 10
    assert raw["files"]["2026-02.parquet"]["first"] == "2026-02-01T00:00Z"
    assert raw["sources"][0]["name"] == "a.csv"
    assert store.sources("BTC") == ("dydx a.csv 0",)


def test_the_listing_counts_missing_minutes(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add("BTC", "dydx", candles(20).drop(candles(20).index[[4, 5]]), source=source())
    store.put_synthetic("SYNTH", synthesize(SyntheticSpec(days=0.5)))
    listing = store.listing().set_index(["market", "venue", "kind"])
    assert listing.loc[("BTC", "dydx", "candles"), ["rows", "missing_minutes"]].tolist() == [18, 2]
    assert listing["is_synthetic"].tolist() == [False, True, True, True]
    assert listing.loc[("SYNTH", "dydx", "funding"), "rows"] == 12


def test_a_folder_that_cannot_be_made_is_a_typed_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="choose a folder that exists or can be made"):
        Store(tmp_path / "file").add("BTC", "binance", candles(2), source=source())


def test_the_recorded_week_is_kept_to_the_last_bit(tmp_path: Path, shared_data: Path) -> None:
    store = Store(tmp_path)
    for venue, name in (("binance", "binance_um_BTCUSDT_1m"), ("dydx", "dydx_BTC-USD_1MIN")):
        reading = read_candles(shared_data / "btc_week" / f"{name}.csv", venue)  # type: ignore[arg-type]
        store.add("BTC", venue, reading.candles, source=reading.source)  # type: ignore[arg-type]
        assert_frame_equal(
            store.candles("BTC", venue), reading.candles, check_exact=True, check_freq=False  # type: ignore[arg-type]
        )  # fmt: skip

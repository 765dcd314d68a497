"""The shapes that people's files have: the made-up cases, and neighbours of each, made here."""

import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from research.data.files.read import FundingReading, Reading, read_candles, read_source
from research.data.tables.schema import Venue
from research.errors import DataError, FormatError
from tests.samples.case_files import CASES, READ, REFUSED
from tests.samples.minute_tables import BULK_HEADER, bulk_lines, candles

FIRST = 1_767_225_600_000


@pytest.mark.parametrize(("name", "venue", "minutes"), READ)
def test_a_sound_shape_is_read_whole(name: str, venue: Venue, minutes: int) -> None:
    reading = read_candles(CASES / name, venue)
    assert len(reading.candles) == minutes
    assert str(reading.candles.index[0]) == "2026-02-02 00:00:00+00:00"
    assert (np.diff(reading.candles.index.asi8) == 60_000).all()
    assert reading.candles["volume"].min() > 0


@pytest.mark.parametrize(("name", "venue", "said"), REFUSED)
def test_an_unsound_shape_is_refused_with_its_reason(name: str, venue: Venue, said: str) -> None:
    with pytest.raises(DataError) as caught:
        read_source(CASES / name, venue)
    assert said in str(caught.value)


def test_one_market_in_many_shapes_is_the_same_table() -> None:
    wanted = read_candles(CASES / "10-stamps/s.csv", "binance").candles
    same = [name for name, _, _ in READ if name.startswith(("02", "03", "05", "08", "10", "34"))]
    same.remove("34-more-shapes/view.parquet")
    same.remove("34-more-shapes/dict_ticker.parquet")
    for name in same:
        found = read_candles(CASES / name, "binance").candles
        for column in ("open", "high", "low", "close", "volume"):
            np.testing.assert_array_equal(found[column], wanted[column], err_msg=name)


def test_trades_are_kept_under_any_name() -> None:
    for name in ("01-hummingbot-dydx-csv/dydx_hb.csv", "34-more-shapes/short_names.csv"):
        assert read_candles(CASES / name, "dydx").candles["trades"].notna().all()


@pytest.mark.parametrize("name", ["body.json", "funding.csv", "funding.parquet", "list.json"])
def test_funding_is_read_from_every_shape(name: str) -> None:
    wanted = read_source(CASES / "31-funding-shapes/oldest_page_first.json", "dydx")
    reading = read_source(CASES / "31-funding-shapes" / name, "dydx")
    assert isinstance(reading, FundingReading)
    assert isinstance(wanted, FundingReading)
    pd.testing.assert_series_equal(reading.rates, wanted.rates)
    assert reading.ticker == "BTC-USD"


# ------------------------------------------------------------------ neighbours of the cases


def read(tmp_path: Path, content: str | bytes, venue: Venue = "binance") -> Reading:
    path = tmp_path / "f"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_candles(path, venue)


def lines(stamps: list[str], header: str = "time,open,high,low,close,volume") -> str:
    return "\n".join([header, *(f"{stamp},5,7,4,6,1.5" for stamp in stamps), ""])


@pytest.mark.parametrize(
    "stamp",
    [
        "2026-01-01 00:0{} GMT", "2026-01-01 00:0{}:00.000000+00:00", "2026/01/01 00:0{}",
        "01.01.2026 00:0{}", "01.01.2026 00:0{}:00", "20260101 000{}", "20260101 000{}00",
        "2026-1-1 0:0{}", "2026-01-01 12:0{} AM", "2026-01-01 12:0{}:00 am",
        "2026-01-01T00:0{}:00+00", "2026-01-01 00:0{}:00 +0000 UTC", "2025-12-31 19:0{}:00-0500",
        "2026-01-01 00:0{}:00 Z", "numpy's e+12",
    ],
)  # fmt: skip
def test_a_moment_is_one_moment_however_it_is_spelled(tmp_path: Path, stamp: str) -> None:
    if "e+12" in stamp:
        stamps = [f"{float(FIRST + 60_000 * at):.18e}" for at in range(3)]
    else:
        stamps = [stamp.format(at) for at in range(3)]
    reading = read(tmp_path, lines(stamps))
    assert reading.candles.index.asi8.tolist() == [FIRST + 60_000 * at for at in range(3)]


@pytest.mark.parametrize(
    ("stamps", "said"),
    [
        (["01/02/2026 00:00"], "which number is the month"),
        (["2026-01-01 00:00:00 CET"], "is no ISO-8601 date"),
        (["2026-01-01T00:00:00Z", "2026-01-01 00:01:00"], "row 2: time = '2026-01-01 00:01:00' n"),
        (["202601010000", "202613010001"], "is no date of the form"),
        (["200000000"], "when no crypto market traded"),
        (["1.8E+09"], "was rounded by a spreadsheet"),
        (["2026-01-01"], "2026"),
    ],
)
def test_a_moment_that_may_be_another_is_refused(
    tmp_path: Path, stamps: list[str], said: str
) -> None:
    if said == "2026":  # a day alone is its midnight: one minute a day is no minute file
        stamps = [f"2026-01-0{day}" for day in range(1, 5)]
        said = "1440 minutes apart"
    with pytest.raises(DataError, match="f: ") as caught:
        read(tmp_path, lines(stamps))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "header",
    [
        "ts,open,high,low,close,vol", "Unix Timestamp,Open,High,Low,Close,Volume BTC",
        "Open Time,Open Price,High Price,Low Price,Close Price,Base Volume",
        "candle_begin_time,open,high,low,close,volume", "t,o,h,l,c,v", "T,O,H,L,C,V",
    ],
)  # fmt: skip
def test_columns_are_known_by_all_their_names(tmp_path: Path, header: str) -> None:
    stamps = [str(FIRST + 60_000 * at) for at in range(3)]
    assert read(tmp_path, lines(stamps, header)).candles["volume"].tolist() == [1.5] * 3


def test_the_base_volume_is_told_from_the_quote_volume(tmp_path: Path) -> None:
    header = "Unix,Open,High,Low,Close,Volume USDT,Volume SOL,tradecount"
    text = f"{header}\n{FIRST},5,7,4,6,900.5,1.5,3\n"
    row = read(tmp_path, text).candles.iloc[0]
    assert (row["volume"], row["quote_volume"], row["trades"]) == (1.5, 900.5, 3.0)
    with pytest.raises(FormatError, match="Volume USDT is in quote units"):
        read(tmp_path, f"Unix,Open,High,Low,Close,Volume USDT\n{FIRST},5,7,4,6,900.5\n")


def test_of_two_columns_of_time_the_number_is_read(tmp_path: Path) -> None:
    text = f"datetime,timestamp,open,high,low,close,volume\n2026-01-01 08:00,{FIRST},5,7,4,6,1\n"
    assert read(tmp_path, text).candles.index.asi8.tolist() == [FIRST]


def test_a_day_and_its_clock_in_two_columns_are_one_moment(tmp_path: Path) -> None:
    head = "<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>"
    text = f"{head}\n2026.01.01,00:00:00,5,7,4,6,1\n".replace(",", "\t")
    assert read(tmp_path, text).candles.index.asi8.tolist() == [FIRST]


@pytest.mark.parametrize("separator", [";", "\t", "|"])
@pytest.mark.parametrize("comma", [",", "."])
def test_cells_are_parted_by_what_parts_them(tmp_path: Path, separator: str, comma: str) -> None:
    rows = [f"{FIRST + 60_000 * at};5,5;7,25;4,125;6,5;1,75".replace(",", comma) for at in range(3)]
    text = "\n".join(["sep=;", "open_time;open;high;low;close;volume", *rows, ""])
    found = read(tmp_path, text.replace(";", separator)).candles
    assert found["low"].tolist() == [4.125] * 3


def test_a_thousands_point_beside_a_decimal_comma_is_refused(tmp_path: Path) -> None:
    head = "open_time;open;high;low;close;volume"
    for cells in ("70.000;70.100;69.900;70.050;1,5", "70.000,5;70.100,5;69.900,5;70.050,5;1,5"):
        with pytest.raises(FormatError, match=r"f: row 1: (open|high) = '7\d\.\d00"):
            read(tmp_path, f"{head}\n{FIRST};{cells}\n")


def test_joined_files_of_two_layouts_are_refused(tmp_path: Path) -> None:
    other = "open_time,close,high,low,open,volume"
    text = lines([str(FIRST)]) + f"{other}\n{FIRST + 60_000},5,7,4,6,1\n"
    with pytest.raises(FormatError, match="row 2 is another header"):
        read(tmp_path, text)


def test_marks_of_joined_files_are_no_text(tmp_path: Path) -> None:
    text = lines([str(FIRST)]) + "\ufeff" + lines([str(FIRST + 60_000)])
    assert len(read(tmp_path, "\ufeff" + text).candles) == 2


def test_pages_that_overlap_are_put_in_order_and_interleaved_rows_are_not(tmp_path: Path) -> None:
    def rows(*order: int) -> str:
        return lines([str(FIRST + 60_000 * at) for at in order])

    assert len(read(tmp_path, rows(4, 3, 2, 6, 5, 4, 9, 8, 7, 6)).candles) == 8
    assert len(read(tmp_path, rows(5, 6, 7, 1, 2, 3)).candles) == 6
    with pytest.raises(DataError, match="a clock set back looks so too"):
        read(tmp_path, rows(1, 2, 4, 6, 3, 5, 7))


@pytest.mark.parametrize("packing", ["gz", "bz2", "xz", "zst", "tar", "tar.gz", "zip in tar"])
def test_packed_files_are_read_and_torn_ones_named(tmp_path: Path, packing: str) -> None:
    text = "\n".join([BULK_HEADER, *bulk_lines(candles(300)), ""]).encode()
    packed = _packed(text, packing)
    assert len(read(tmp_path, packed).candles) == 300
    for cut in (len(packed) // 2, len(packed) - 12):
        if packing in ("tar", "zip in tar") and cut > len(text):
            continue  # behind the file a tar holds zeros alone
        with pytest.raises(FormatError, match=r"torn|no file of minutes"):
            read(tmp_path, packed[:cut])


def _packed(text: bytes, packing: str) -> bytes:
    if packing == "gz":
        return gzip.compress(text)
    if packing == "bz2":
        return bz2.compress(text)
    if packing == "xz":
        return lzma.compress(text)
    if packing == "zst":
        return pa.Codec("zstd").compress(text, asbytes=True)
    if packing == "zip in tar":
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w") as archive:
            archive.writestr("__MACOSX/._a.csv", "x")
            archive.writestr("a.csv", text)
        text = inner.getvalue()
    outer = io.BytesIO()
    with tarfile.open(fileobj=outer, mode="w:gz" if packing == "tar.gz" else "w") as tar:
        info = tarfile.TarInfo("a.csv")
        info.size = len(text)
        tar.addfile(info, io.BytesIO(text))
    return outer.getvalue()


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old Excel workbook"),
        (b"7z\xbc\xaf\x27\x1c", "7z archive"),
        (b"\x89HDF\r\n", "HDF5"),
        (b"SQLite format 3\0", "SQLite"),
        (b"%PDF-1.7", "a PDF"),
    ],
)
def test_what_is_no_table_is_called_by_its_name(tmp_path: Path, head: bytes, said: str) -> None:
    with pytest.raises(FormatError, match=said):
        read(tmp_path, head + b"rest of it")


@pytest.mark.parametrize("orient", ["records", "split", "columns", "list"])
def test_json_tables_are_read_however_pandas_wrote_them(tmp_path: Path, orient: str) -> None:
    table = candles(5).drop(columns="trades")
    table["timestamp"] = table.index.asi8
    body = (
        json.dumps(table.to_dict("list"))
        if orient == "list"
        else table.reset_index(drop=True).to_json(orient=orient)  # type: ignore[call-overload]
    )
    found = read(tmp_path, body).candles
    np.testing.assert_array_equal(found["close"], table["close"])
    assert found.index.asi8.tolist() == table.index.asi8.tolist()


@pytest.mark.parametrize("name", ["data", "result", "rows", "body"])
def test_a_wrapper_is_taken_off(tmp_path: Path, name: str) -> None:
    rows = [[FIRST + 60_000 * at, "5", "7", "4", "6", "1"] for at in range(3)]
    assert len(read(tmp_path, json.dumps({"code": 0, "msg": "ok", name: rows})).candles) == 3
    assert len(read(tmp_path, json.dumps({name: {"k": json.dumps(rows)}})).candles) == 3
    assert len(read(tmp_path, json.dumps([rows[:2], rows[2:]])).candles) == 3


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("BTCUSDT_260327-1m-2026-02.csv", "a future with an end date"),
        ("BTCUSD_PERP-1m-2026-02.csv", "coin-margined"),
        ("BTC_USDT_USDT-8h-funding_rate.feather", "funding_rate of BTC"),
        ("BTC_USDT_USDT-1h-mark.feather", "mark of BTC"),
        ("BTCUSDT-aggTrades-2026-02-02.csv", "aggTrades of BTCUSDT"),
    ],
)
def test_another_contract_is_refused_inside_and_outside_of_an_archive(
    tmp_path: Path, name: str, said: str
) -> None:
    text = "\n".join([BULK_HEADER, *bulk_lines(candles(3)), ""])
    (tmp_path / name).write_text(text)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(name, text)
    for path in (tmp_path / name, tmp_path / "a.zip"):
        with pytest.raises(FormatError, match=said):
            read_candles(path, "binance")


def test_an_index_price_is_named(tmp_path: Path) -> None:
    sound = candles(40)
    text = "\n".join([BULK_HEADER, *bulk_lines(sound.assign(volume=0.0)), ""])
    assert any("a mark, index or premium price" in note for note in read(tmp_path, text).notes)


def test_microseconds_are_named_as_spot(tmp_path: Path) -> None:
    text = "\n".join([BULK_HEADER, *bulk_lines(candles(3), per_ms=1000), ""])
    assert any("SPOT" in note for note in read(tmp_path, text).notes)


def test_the_last_row_is_kept_where_it_is_seen_to_be_whole(tmp_path: Path) -> None:
    def text(last: str) -> str:
        cells = [f"{FIRST + 60_000 * at},5,7,4,6,1.{at:03d}" for at in range(12)]
        return "\n".join(["t,o,h,l,c,v", *cells, f"{FIRST + 60_000 * 12},5,7,4,6,{last}"])

    assert len(read(tmp_path, text("1.250")).candles) == 13
    assert len(read(tmp_path, text("1.25")).candles) == 12

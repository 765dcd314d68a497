"""Broken files: each a typed error that names the place, the value and the cure."""

import hashlib
import json
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from research.data.files import read as files
from research.data.files.read import read_candles, read_source
from research.data.files.unpack import take_out
from research.data.tables.schema import Venue
from research.errors import (
    ChecksumError,
    ConflictError,
    DataError,
    FormatError,
    OrderError,
    PriceError,
)
from tests.samples.minute_tables import BULK_HEADER, bulk_lines, candles

HEADER = "open_time,open,high,low,close,volume"
FIRST = 1_767_225_600_000


def refused(
    tmp_path: Path, content: str | bytes, venue: Venue = "binance", name: str = "f.csv"
) -> DataError:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(DataError) as caught:
        read_candles(path, venue)
    assert str(caught.value).startswith(name)
    return caught.value


def rows(*cells: str) -> str:
    return "\n".join([HEADER, *cells, ""])


def row(minute: int, prices: str = "5,7,4,6,1") -> str:
    return f"{FIRST + 60_000 * minute},{prices}"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"gone.csv: cannot be read \(No such file"):
        read_candles(tmp_path / "gone.csv", "binance")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="is a folder; name the files in it"):
        read_candles(tmp_path, "binance")


@pytest.mark.parametrize("content", ["", "\n \n", "\0\0\0"])
def test_an_empty_file_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "f.csv"
    path.write_text(content)
    with pytest.raises(FormatError, match="empty; fetch the file again"):
        read_candles(path, "binance")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("<!DOCTYPE html>\n<html><head><title>Sign in</title>", "'Sign in'"),
        ("<?xml version='1.0'?><Error><Code>NoSuchKey</Code>", "'NoSuchKey'"),
        ("\ufeff  <html><body>hello</body>", "'<html><body>hello</body>'"),
    ],
)
def test_a_web_page_is_named(tmp_path: Path, content: str, said: str) -> None:
    error = refused(tmp_path, content.encode("utf-8"), name="candles.json")
    assert "a web page or an XML answer instead of data" in str(error)
    assert said in str(error)


@pytest.mark.parametrize("cut", [10, 0.5, -5])
def test_a_torn_zip_is_named(tmp_path: Path, cut: float) -> None:
    path = tmp_path / "whole.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.csv", "\n".join(bulk_lines(candles(500))))
    data = path.read_bytes()
    at = int(len(data) * cut) if isinstance(cut, float) else int(cut)
    error = refused(tmp_path, data[:at], name="x.zip")
    assert "torn ZIP" in str(error)
    assert "fetch the file again" in str(error)


def test_a_zip_with_a_damaged_middle_is_torn(tmp_path: Path) -> None:
    path = tmp_path / "whole.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.csv", "\n".join(bulk_lines(candles(500))))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    assert "torn ZIP" in str(refused(tmp_path, bytes(data), name="x.zip"))


def test_a_zip_holds_one_file(tmp_path: Path) -> None:
    path = tmp_path / "two.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("a.csv", "a")
        packed.writestr("b.csv", "b")
    assert "the ZIP holds 2 files, expected one" in str(
        refused(tmp_path, path.read_bytes(), name="x.zip")
    )


def test_a_zip_bomb_is_stopped_while_unpacking(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.csv", b"0" * 2_000_000)
    with pytest.raises(FormatError, match="unpacks to more than 1,000,000 bytes"):
        take_out(path.read_bytes(), place="x", most_bytes=1_000_000)


def test_a_file_has_a_largest_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_MOST_BYTES", 100)
    path = tmp_path / "f.csv"
    path.write_text("0" * 101)
    with pytest.raises(FormatError, match="101 bytes are more than the 100 that one file may have"):
        read_candles(path, "binance")


def test_a_wrong_checksum_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(rows(row(0)))
    beside = tmp_path / "x.csv.CHECKSUM"
    beside.write_text("0" * 64 + "  x.csv")
    with pytest.raises(
        ChecksumError, match=r"x.csv.CHECKSUM says 0000000000000000\.\.\.; the down"
    ):
        read_candles(path, "binance")
    beside.write_text("oops")
    with pytest.raises(ChecksumError, match="begins with 'oops', not with a sha256"):
        read_candles(path, "binance")


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    error = refused(tmp_path, "open_time,open,high,low,close\n1,1,1,1,1\n")
    assert "no column for volume among open_time, open, high, low, close" in str(error)


def test_a_column_that_stands_twice_is_refused(tmp_path: Path) -> None:
    assert "column open stands twice" in str(
        refused(tmp_path, "open_time,open,open,high,low,close,volume\n1,1,1,1,1,1,1\n")
    )
    assert "columns trades and count are both trades" in str(
        refused(tmp_path, "open_time,open,high,low,close,volume,trades,count\n1,1,1,1,1,1,1,1\n")
    )


def test_text_that_is_no_table_is_named(tmp_path: Path) -> None:
    assert "is this a file of 1-minute candles?" in str(refused(tmp_path, "hello\nworld\n"))
    assert "byte 0 is not UTF-8 text" in str(refused(tmp_path, b"\xff\xfe\x00hello"))
    assert "comments only" in str(refused(tmp_path, "# one\n# two\n"))


def test_a_torn_last_line_is_named(tmp_path: Path) -> None:
    text = rows(row(0), row(1), row(2)[:20]).rstrip()
    error = refused(tmp_path, text)
    assert str(error) == (
        "f.csv: row 3 has 5 cells, the others have 6; the file is torn: fetch it again"
    )


@pytest.mark.parametrize("end", ["12.345", "12.3", "1"])
def test_a_last_number_that_may_be_cut_off_is_not_believed(tmp_path: Path, end: str) -> None:
    """12.345 and its beginnings are all numbers: only the missing line break tells."""
    path = tmp_path / "f.csv"
    path.write_text(rows(row(0), row(1), row(2, f"5,7,4,6,{end}")).rstrip("\n"))
    reading = read_candles(path, "binance")
    assert reading.candles["volume"].tolist() == [1.0, 1.0]
    assert reading.notes == (
        "ends without a line break: the last row, 2026-01-01T00:02Z, may be cut off and was left "
        "out",
    )


@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n", "\n# written by hand"])
def test_a_last_line_that_ends_is_believed(tmp_path: Path, end: str) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes((rows(row(0), row(1)).rstrip("\n") + end).encode())
    reading = read_candles(path, "binance")
    assert (len(reading.candles), reading.notes) == (2, ())


def test_a_last_number_that_nobody_reads_may_be_cut(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("\n".join([BULK_HEADER, *bulk_lines(candles(3))]))  # ends with `ignore`
    assert len(read_candles(path, "binance").candles) == 3


def test_bytes_that_a_checksum_vouches_for_are_whole(tmp_path: Path) -> None:
    text = rows(row(0), row(1)).rstrip("\n").encode()
    (tmp_path / "f.csv").write_bytes(text)
    (tmp_path / "f.csv.CHECKSUM").write_text(f"{hashlib.sha256(text).hexdigest()}  f.csv\n")
    assert len(read_candles(tmp_path / "f.csv", "binance").candles) == 2
    with zipfile.ZipFile(tmp_path / "f.zip", "w") as archive:
        archive.writestr("f.csv", text)
    assert len(read_candles(tmp_path / "f.zip", "binance").candles) == 2


def test_an_only_row_that_may_be_cut_off_is_refused(tmp_path: Path) -> None:
    assert str(refused(tmp_path, rows(row(0)).rstrip("\n"))) == (
        "f.csv: ends within its only row, 2026-01-01T00:00Z, without a line break: it may be cut "
        "off; fetch the file again, or end it with a line break"
    )


def test_a_cell_that_is_no_number_is_named(tmp_path: Path) -> None:
    error = refused(tmp_path, rows(row(0), row(1, "5,7,oops,6,1"), row(2)))
    assert str(error) == (
        "f.csv: row 2: low = 'oops' is no number; mend that row or fetch the file again"
    )
    assert "low = '' is no number" in str(refused(tmp_path, rows(row(0, "5,7,,6,1"))))


def test_a_rounded_time_is_named(tmp_path: Path) -> None:
    error = refused(tmp_path, rows(row(0), "1.76723E+12,5,7,4,6,1"))
    assert "row 2: open_time = '1.76723E+12' was rounded by a spreadsheet" in str(error)


def test_mixed_units_are_refused(tmp_path: Path) -> None:
    error = refused(tmp_path, rows(row(0), f"{(FIRST + 60_000) * 1000},5,7,4,6,1"))
    assert str(error) == (
        "f.csv: row 2: open_time = 1767225660000000 is in us, the rows before are in ms; "
        "use one unit per file"
    )
    assert "is no date in s, ms, us or ns" in str(refused(tmp_path, rows("17,5,7,4,6,1")))


def test_a_date_that_is_none_is_named(tmp_path: Path) -> None:
    text = "date,open,high,low,close,volume\n2026-01-01,1,1,1,1,1\n2026-13-01,1,1,1,1,1\n"
    assert "row 2: date = '2026-13-01' is no ISO-8601 date" in str(refused(tmp_path, text))


def test_shuffled_minutes_are_refused(tmp_path: Path) -> None:
    error = refused(tmp_path, rows(row(0), row(1), row(3), row(2)))
    assert isinstance(error, OrderError)
    assert str(error) == (
        "f.csv: row 4 (2026-01-01T00:02Z) comes after 2026-01-01T00:03Z; minutes must rise, or "
        "fall, throughout or page by page; sort the rows by open time (in local time a clock set "
        "back looks so too)"
    )
    assert "row 3 (2026-01-01T00:02Z)" in str(refused(tmp_path, rows(row(3), row(1), row(2))))


def test_contradicting_rows_are_refused(tmp_path: Path) -> None:
    error = refused(tmp_path, rows(row(0), row(1), row(1, "5,7,4,5.5,1")))
    assert isinstance(error, ConflictError)
    assert str(error) == (
        "f.csv: minute 2026-01-01T00:01Z stands twice with close = 6.0 and 5.5; keep the right row"
    )


def test_minutes_off_the_grid_are_refused(tmp_path: Path) -> None:
    error = refused(tmp_path, rows(row(0), f"{FIRST + 61_500},5,7,4,6,1"))
    assert isinstance(error, OrderError)
    assert "row 2: 2026-01-01T00:01:01.500Z is not a whole minute" in str(error)
    close_stamps = rows(*(f"{FIRST + 60_000 * at - 1},5,7,4,6,1" for at in (1, 2)))
    assert "these are close times" in str(refused(tmp_path, close_stamps))


@pytest.mark.parametrize("prices", ["0,7,0,6,1", "5,7,-4,6,1", "nan,7,4,6,1", "5,inf,4,6,1"])
def test_impossible_prices_are_refused_with_their_row(tmp_path: Path, prices: str) -> None:
    error = refused(tmp_path, rows(row(0), row(1, prices), row(2)))
    assert isinstance(error, PriceError)
    assert "row 2 (2026-01-01T00:01Z)" in str(error)


def test_rows_are_counted_as_the_file_has_them(tmp_path: Path) -> None:
    newest_first = rows(row(3), row(2), row(1, "5,7,4,9,1"), row(0))
    error = refused(tmp_path, newest_first)
    assert "row 3 (2026-01-01T00:01Z): close = 9.0; close must lie between" in str(error)


def test_other_intervals_are_refused(tmp_path: Path, shared_data: Path) -> None:
    assert "candles are 5 minutes apart" in str(refused(tmp_path, rows(row(0), row(5), row(10))))
    hour = f"{FIRST},5,7,4,6,1,{FIRST + 3_599_999},1,1,1,1,0"
    assert "row 1: a candle of 60 minutes" in str(refused(tmp_path, f"{BULK_HEADER}\n{hour}\n"))
    weekly = shared_data / "recorded/binance/http_futures_market_klines.json"
    with pytest.raises(FormatError, match="row 1: a candle of 10080 minutes"):
        read_candles(weekly, "binance")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"candles": [', "torn JSON"),
        ("[]", "no candles in this JSON"),
        ('{"candles": []}', '"candles" is empty'),
        ('{"errors":[{"msg":"Too many requests"}]}', "Too many requests"),
        ('{"code":-1121,"msg":"Invalid symbol."}', "Invalid symbol."),
        ('{"bids": [], "asks": []}', "an object with the keys bids, asks"),
        ('{"candles": [{"startedAt": "2026-01-01T00:00:00Z", "open": "1"}]}', "row 1 has no high"),
        ('{"candles": [{"startedAt": 5}]}', "row 1: startedAt = 5 is no ISO-8601 date"),
        ('{"candles": [{"resolution": "1HOUR"}]}', "row 1: candles of resolution 1HOUR"),
        ('{"candles": [{"ticker": "A"}, {"ticker": "B"}]}', "no startedAt"),
    ],
)
def test_other_bodies_are_named(tmp_path: Path, body: str, said: str) -> None:
    assert said in str(refused(tmp_path, body, "dydx", "b.json"))


@pytest.mark.parametrize("body", [[[1, 2, 3]], [[True] + ["1"] * 11], [["x"] * 12]])
def test_other_klines_are_named(tmp_path: Path, body: list[object]) -> None:
    assert "row 1" in str(refused(tmp_path, json.dumps(body), "binance", "k.json"))


def test_the_other_venue_is_noticed(tmp_path: Path, shared_data: Path) -> None:
    with pytest.raises(
        FormatError, match="but --venue binance was asked; import with --venue dydx"
    ):
        read_candles(shared_data / "recorded/dydx/http_get_candles.json", "binance")
    bulk = "\n".join([BULK_HEADER, *bulk_lines(candles(2))])
    assert "import with --venue binance" in str(refused(tmp_path, bulk, "dydx"))
    bare = "\n".join(bulk_lines(candles(2)))
    assert "import with --venue binance" in str(refused(tmp_path, bare, "dydx"))


@pytest.mark.parametrize(
    "name",
    [
        "recorded/binance/http_futures_market_funding_rate.json",
        "binance_long/BTCUSDT_funding_8h_2025.feather",
    ],
)
def test_binance_funding_is_recognised_and_refused(shared_data: Path, name: str) -> None:
    with pytest.raises(FormatError, match="Binance funding rates; positions are held on dYdX"):
        read_source(shared_data / name, "binance")


def test_every_recorded_body_is_read_or_refused_by_name(shared_data: Path) -> None:
    for path in sorted((shared_data / "recorded").rglob("*.json")):
        for venue in ("binance", "dydx"):
            try:
                read_source(path, venue)
            except DataError as error:
                assert str(error).startswith(path.name)  # noqa: PT017 (many files in one test)


@pytest.mark.parametrize("kind", ["to_feather", "to_parquet"])
def test_a_torn_table_is_named(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "whole"
    getattr(candles(50).reset_index(), kind)(path)
    error = refused(tmp_path, path.read_bytes()[:-40], name="t.bin")
    assert "torn" in str(error)


def test_a_table_without_prices_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x"
    pd.DataFrame({"date": [1], "value": [2.0]}).to_parquet(path)
    assert "no column for open, high, low, close, volume" in str(
        refused(tmp_path, path.read_bytes(), name="x.parquet")
    )


def test_gzip_and_checksums_are_named(tmp_path: Path) -> None:
    assert "torn gzip" in str(refused(tmp_path, b"\x1f\x8b\x08rest"))

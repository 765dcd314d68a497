"""Sound files: the layout is told by the content, and the numbers are Python's."""

import json
import zipfile
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from research.data.files.read import FundingReading, Reading, moved, read_candles, read_source
from research.data.tables.schema import Venue, validate_candles
from tests.samples.minute_tables import BULK_HEADER, bulk_lines, candles

REFERENCE_COLUMNS = ["open", "high", "low", "close", "volume", "trades"]


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def same(reading: Reading, table: pd.DataFrame) -> None:
    validate_candles(reading.candles, place="reading")
    assert_frame_equal(reading.candles[REFERENCE_COLUMNS], table[REFERENCE_COLUMNS])


@pytest.mark.parametrize("per_ms", [1, 1000])
@pytest.mark.parametrize("header", [True, False])
def test_bulk_files_are_known_with_and_without_header_in_ms_and_us(
    tmp_path: Path, header: bool, per_ms: int
) -> None:
    table = candles(5)
    lines = [BULK_HEADER] * header + bulk_lines(table, per_ms=per_ms)
    reading = read_candles(written(tmp_path / "no_telling_name", "\n".join(lines)), "binance")
    same(reading, table)
    told = "with" if header else "without"
    unit = "us" if per_ms == 1000 else "ms"
    assert reading.layout == (
        f"Binance bulk CSV, 12 columns {told} header, open_time in {unit}, "
        "5 minutes 2026-01-01T00:00Z .. 2026-01-01T00:04Z"
    )


@pytest.mark.parametrize(
    "header", ["open_time,open,high,low,close,volume,quote_volume,count\n", ""]
)
def test_the_subset_of_eight_columns_is_known(tmp_path: Path, header: str) -> None:
    row = "1767225600000,87220.60,87271.50,87220.60,87271.50,37.631,3283583.57990,1317\n"
    reading = read_candles(written(tmp_path / "f", header + row), "binance")
    assert reading.layout.startswith("Binance bulk CSV, 8 columns with")
    assert reading.candles.iloc[0].to_dict() == {
        "open": 87220.6, "high": 87271.5, "low": 87220.6, "close": 87271.5, "volume": 37.631,
        "trades": 1317.0, "quote_volume": 3283583.5799,
    }  # fmt: skip


def test_a_zip_is_read_and_its_checksum_verified(tmp_path: Path) -> None:
    table = candles(4)
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("BTCUSDT-1m-2026-01.csv", "\n".join(bulk_lines(table)))
    assert "checksum" not in read_candles(path, "binance").layout
    digest = sha256(path.read_bytes()).hexdigest()
    written(tmp_path / "x.zip.CHECKSUM", f"{digest}  x.zip\n")
    reading = read_candles(path, "binance")
    same(reading, table)
    assert reading.layout.startswith("ZIP of Binance bulk CSV, 12 columns without header")
    assert reading.layout.endswith(", checksum verified")
    assert (reading.sha256, reading.ticker) == (digest, "BTCUSDT")


def kline(minute_ms: int) -> list[object]:
    return [
        minute_ms, "1.5", "2", "1", "1.75", "10", minute_ms + 59_999, "17", 3, "4", "5", "0",
    ]  # fmt: skip


def test_rest_klines_lose_the_running_minute(tmp_path: Path) -> None:
    opens = [1_767_225_600_000 + 60_000 * at for at in range(3)]
    path = written(tmp_path / "f", json.dumps([kline(at) for at in opens]))
    assert len(read_candles(path, "binance").candles) == 3
    during = datetime(2026, 1, 1, 0, 2, 30, tzinfo=UTC)
    reading = read_candles(path, "binance", now=during)
    assert len(reading.candles) == 2
    assert reading.notes == ("1 minute still running at 2026-01-01T00:02Z: dropped",)
    over = datetime(2026, 1, 1, 0, 3, tzinfo=UTC)
    assert len(read_candles(path, "binance", now=over).candles) == 3
    assert reading.candles["trades"].tolist() == [3.0, 3.0]


def test_a_clock_that_is_far_behind_takes_nothing_away(tmp_path: Path) -> None:
    path = written(tmp_path / "f", json.dumps([kline(1_767_225_600_000)]))
    reading = read_candles(path, "binance", now=datetime(2025, 1, 1, tzinfo=UTC))
    assert len(reading.candles) == 1
    assert "1 minutes lie after this machine's clock" in reading.notes[0]


def test_indexer_bodies_are_turned_round(shared_data: Path) -> None:
    reading = read_candles(shared_data / "recorded/dydx/http_get_candles.json", "dydx")
    assert reading.ticker == "BTC-USD"
    assert reading.notes == ("newest first: turned round",)
    assert reading.candles.index.is_monotonic_increasing
    last = reading.candles.iloc[-1]
    assert last.to_dict() == {
        "open": 89934.0, "high": 89970.0, "low": 89911.0, "close": 89941.0, "volume": 3.2767,
        "trades": 49.0, "mid_open": 89969.75, "mid_close": 89969.75, "open_interest": 381.7348,
    }  # fmt: skip


def test_a_minute_without_trade_keeps_its_mid(shared_data: Path) -> None:
    path = shared_data / "recorded/dydx/http_get_candles_no_trade_minute.json"
    row = read_candles(path, "dydx").candles.iloc[0]
    assert (row["trades"], row["volume"], row["close"]) == (0.0, 0.0, 118810.0)
    assert row["mid_close"] == 118930.25


def test_funding_is_recognised_as_funding(shared_data: Path) -> None:
    reading = read_source(shared_data / "recorded/dydx/http_get_historical_funding.json", "dydx")
    assert isinstance(reading, FundingReading)
    assert reading.rates.tolist() == [0.000000625, 0.000000375, 0.000002375]
    assert [f"{minute:%H:%M:%S}" for minute in reading.rates.index] == [
        "14:00:00", "15:00:00", "16:00:00",
    ]  # fmt: skip


DYDX_TEXT = """# Timestamp (UTC): 2026-01-05T21-46-47Z
timestamp,open,high,low,close,volume{more}
# a comment in the middle
2026-01-01 00:00:00+00:00,5.0,7.0,4.0,6.0,1.25{cells}
"""


def test_dydx_csv_is_read_with_and_without_trades_and_mids(tmp_path: Path) -> None:
    plain = read_candles(written(tmp_path / "a", DYDX_TEXT.format(more="", cells="")), "dydx")
    assert np.isnan(plain.candles["trades"].iloc[0])
    assert "mid_close" not in plain.candles
    more = {"more": ",trades,orderbookMidPriceOpen,orderbookMidPriceClose", "cells": ",12,,6.25"}
    wide = read_candles(written(tmp_path / "b", DYDX_TEXT.format(**more)), "dydx")
    assert wide.candles["trades"].iloc[0] == 12
    assert np.isnan(wide.candles["mid_open"].iloc[0])
    assert wide.candles["mid_close"].iloc[0] == 6.25
    assert plain.layout.startswith("dYdX CSV, 6 columns with header, timestamp as ISO-8601 text")


def test_times_without_a_zone_are_utc_and_said_so(tmp_path: Path) -> None:
    text = "date,open,high,low,close,volume\n2026-01-01 00:00:00,5,7,4,6,1\n"
    reading = read_candles(written(tmp_path / "f", text), "dydx")
    assert f"{reading.candles.index[0]:%H:%M %Z}" == "00:00 UTC"
    assert reading.notes == ("times name no zone: read as UTC",)


def test_other_zones_become_utc(tmp_path: Path) -> None:
    text = "date,open,high,low,close,volume\n2026-01-01T08:00:00+08:00,5,7,4,6,1\n"
    reading = read_candles(written(tmp_path / "f", text), "binance")
    assert f"{reading.candles.index[0]:%Y-%m-%d %H:%M}" == "2026-01-01 00:00"


@pytest.mark.parametrize("name", ["date", "open_time", "timestamp", "minute"])
@pytest.mark.parametrize("stored_as", ["to_feather", "to_parquet"])
def test_feather_and_parquet_are_read(tmp_path: Path, name: str, stored_as: str) -> None:
    table = candles(6)
    getattr(table.reset_index().rename(columns={"minute": name}), stored_as)(tmp_path / "f")
    reading = read_candles(tmp_path / "f", "binance")
    same(reading, table)
    kind = "Feather" if stored_as == "to_feather" else "Parquet"
    assert reading.layout.startswith(f"{kind}, 7 columns, {name} as timestamp")


def test_a_pandas_parquet_with_the_minutes_as_index_is_read(tmp_path: Path) -> None:
    table = candles(6)
    table.to_parquet(tmp_path / "f")
    same(read_candles(tmp_path / "f", "dydx"), table)


def test_newest_first_is_turned_round_and_repeated_rows_are_dropped(tmp_path: Path) -> None:
    table = candles(4)
    lines = bulk_lines(table)
    order = [lines[3], lines[2], lines[2], lines[1], lines[0], lines[0]]
    reading = read_candles(written(tmp_path / "f", "\n".join(order)), "binance")
    same(reading, table)
    assert reading.notes[-2:] == ("newest first: turned round", "2 repeated rows dropped")


def test_moved_stamps_are_a_sound_table(tmp_path: Path) -> None:
    table = candles(3, first=10)
    reading = read_candles(written(tmp_path / "f", "\n".join(bulk_lines(table))), "binance")
    earlier = moved(reading, -10)
    validate_candles(earlier.candles, place="x")
    assert earlier.candles.index[0] == pd.Timestamp("2026-01-01T00:00Z")
    assert earlier.notes[-1] == "stamps moved by -10 min"
    assert moved(reading, 0) is reading


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(
    st.lists(
        st.one_of(
            st.decimals("0.0000001", "999999", places=8).map(lambda d: f"{d:f}"),
            st.floats(1e-9, 1e9).map(repr),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_text_becomes_the_float_that_python_makes_of_it(tmp_path: Path, texts: list[str]) -> None:
    rows = [f"{1_767_225_600_000 + 60_000 * at},{t},{t},{t},{t},{t}" for at, t in enumerate(texts)]
    text = "\n".join(["open_time,open,high,low,close,volume", *rows, ""])
    reading = read_candles(written(tmp_path / "f.csv", text), "binance")
    for column in ("open", "close", "volume"):
        assert reading.candles[column].tolist() == [float(text) for text in texts]


SHARED: list[tuple[str, Venue, int, str]] = [
    ("btc_week/binance_um_BTCUSDT_1m.csv", "binance", 10_081, "8 columns with header"),
    ("btc_week/dydx_BTC-USD_1MIN.csv", "dydx", 10_071, "dYdX CSV, 6 columns"),
    ("binance_vision/LINKUSDT-1m-2026-02.zip", "binance", 40_320, "checksum verified"),
    ("binance_long/BTCUSDT_1m_2025-05-04_2025-06-03.feather", "binance", 43_199, "Feather"),
    ("binance_long/ETHUSDT_1m_2025-05-04_2025-06-15.feather", "binance", 60_191, "Feather"),
]


@pytest.mark.parametrize(("name", "venue", "rows", "told"), SHARED)
def test_recorded_files_are_read(
    shared_data: Path, name: str, venue: Venue, rows: int, told: str
) -> None:
    reading = read_candles(shared_data / name, venue)
    validate_candles(reading.candles, place=name)
    assert len(reading.candles) == rows
    assert told in reading.layout


def test_every_recorded_price_is_the_float_of_its_text(shared_data: Path) -> None:
    path = shared_data / "btc_week/binance_um_BTCUSDT_1m.csv"
    rows = [line.split(",") for line in path.read_text().splitlines()[1:]]
    table = read_candles(path, "binance").candles
    for at, column in ((1, "open"), (4, "close"), (5, "volume"), (6, "quote_volume")):
        assert table[column].tolist() == [float(row[at]) for row in rows]

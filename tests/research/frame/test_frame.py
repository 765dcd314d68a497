from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from research.errors import FrameError
from research.frame.frame import COLUMNS, age_minutes, build_frame, read_frame, write_frame


def candles(first: str, n: int, price: float = 100.0, trades: float = 3.0) -> pd.DataFrame:
    index = pd.date_range(first, periods=n, freq="min", unit="ms", name="minute", tz="UTC")
    flat = np.full(n, price)
    names = ("open", "high", "low", "close")
    columns = dict.fromkeys(names, flat) | {"volume": 1.0, "trades": trades}
    return pd.DataFrame(columns, index=index, dtype=np.float64)


def test_the_grid_is_complete_over_what_both_venues_cover() -> None:
    binance = candles("2026-01-01T00:00", 10).drop(pd.Timestamp("2026-01-01T00:05Z"))
    dydx = candles("2026-01-01T00:03", 20)
    frame = build_frame(binance, dydx, market="X")
    assert list(frame.table.columns) == list(COLUMNS)
    assert frame.origin.first_minute == "2026-01-01T00:03:00Z"
    assert frame.origin.last_minute == "2026-01-01T00:09:00Z"
    assert np.isnan(frame.column("binance_close")).tolist() == [False, False, True] + [False] * 4


def test_the_age_counts_trades_before_the_common_span() -> None:
    binance, dydx = candles("2026-01-01T00:05", 3), candles("2026-01-01T00:00", 8)
    dydx.loc[dydx.index[3] :, ["volume", "trades"]] = 0.0
    frame = build_frame(binance, dydx, market="X")
    assert frame.column("dydx_age_min").tolist() == [3.0, 4.0, 5.0]


def test_volume_tells_a_trade_where_trades_are_not_given() -> None:
    dydx = candles("2026-01-01T00:00", 3, trades=np.nan)
    dydx.loc[dydx.index[1], "volume"] = 0.0
    frame = build_frame(candles("2026-01-01T00:00", 3), dydx, market="X")
    assert frame.column("dydx_age_min").tolist() == [0.0, 1.0, 0.0]


def test_the_age_is_unknown_before_the_first_trade() -> None:
    age = age_minutes(np.array([False, True, False, False]))
    np.testing.assert_array_equal(age, [np.nan, 0.0, 1.0, 2.0])


def test_funding_stands_on_the_hour_and_is_unknown_where_an_hour_is_missing() -> None:
    minutes = candles("2026-01-01T00:58", 130)
    hours = pd.DatetimeIndex(["2026-01-01T01:00Z", "2026-01-01T03:00Z"]).as_unit("ms")
    frame = build_frame(minutes, minutes, pd.Series([1e-5, 2e-5], index=hours), market="X")
    rate = frame.column("funding_rate")
    assert rate[2] == 1e-5
    assert np.isnan(rate[62])
    assert rate[122] == 2e-5
    assert np.count_nonzero(np.nan_to_num(rate)) == 2
    assert frame.has_funding


def test_without_funding_all_of_it_is_unknown() -> None:
    minutes = candles("2026-01-01T00:58", 5)
    frame = build_frame(minutes, minutes, market="X")
    assert not frame.has_funding
    assert np.isnan(frame.column("funding_rate")).all()


def test_venues_without_a_common_minute_are_refused_with_both_spans() -> None:
    with pytest.raises(FrameError) as refused:
        build_frame(candles("2026-01-01", 5), candles("2026-02-01", 5), market="BTC")
    assert str(refused.value) == (
        "BTC: the venues do not overlap (binance 2026-01-01T00:00Z .. 2026-01-01T00:04Z, dydx "
        "2026-02-01T00:00Z .. 2026-02-01T00:04Z); import minutes of the same days for both"
    )


def test_a_venue_without_minutes_is_named() -> None:
    with pytest.raises(FrameError, match="BTC dydx: no minutes; import or fetch some first"):
        build_frame(candles("2026-01-01", 5), candles("2026-01-01", 0), market="BTC")


def test_a_written_frame_comes_back_the_same(tmp_path: Path) -> None:
    minutes = candles("2026-01-01T00:58", 50)
    frame = build_frame(minutes, minutes, market="X", sources=["a"], is_synthetic=True)
    write_frame(frame, tmp_path / "f.parquet", ["leadfollow", "frame"])
    again = read_frame(tmp_path / "f.parquet")
    pd.testing.assert_frame_equal(again.table, frame.table, check_freq=False)
    assert (again.origin, again.market) == (frame.origin, "X")
    assert "[SYNTHETIC]" in again.label


def test_writing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    minutes = candles("2026-01-01T00:58", 50)
    for name in ("a", "b"):
        write_frame(build_frame(minutes, minutes, market="X"), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("content", [b"", b"<html>", b"PAR1"])
def test_what_is_no_frame_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "f.parquet"
    file.write_bytes(content)
    with pytest.raises(FrameError, match="cannot be read as a frame"):
        read_frame(file)


def test_parquet_that_is_no_frame_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "f.parquet"
    candles("2026-01-01", 5).to_parquet(file)
    with pytest.raises(FrameError, match="not a frame of schema 1 or 2"):
        read_frame(file)


def test_the_content_hash_notices_one_changed_price() -> None:
    minutes = candles("2026-01-01", 50)
    other = minutes.copy()
    other.loc[other.index[7], "close"] += 1e-9
    first = build_frame(minutes, minutes, market="X").origin.content_sha256
    assert build_frame(minutes, minutes, market="X").origin.content_sha256 == first
    assert build_frame(other, minutes, market="X").origin.content_sha256 != first

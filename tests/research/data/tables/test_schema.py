"""A candle table is what the schema says, and a message names row, value and cure."""

import numpy as np
import pandas as pd
import pytest

from research.data.tables.schema import candle_table, iso_minute, validate_candles
from research.errors import DataError, FormatError, OrderError, PriceError
from tests.samples.minute_tables import START_MS, candles


def test_a_sound_table_is_silent() -> None:
    validate_candles(candles(), place="x")


def test_unknown_trades_and_mids_are_allowed() -> None:
    table = candles(3, trades=[np.nan] * 3, mid_close=[np.nan, 90_000.0, np.nan])
    validate_candles(table, place="x")


@pytest.mark.parametrize("value", [0.0, -1.0, np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("column", ["open", "high", "low", "close"])
def test_a_price_is_finite_and_above_zero(column: str, value: float) -> None:
    table = candles(5)
    table.iloc[3, table.columns.get_loc(column)] = value
    with pytest.raises(PriceError, match=rf"x: row 4 \(2026-01-01T00:03Z\): {column} = "):
        validate_candles(table, place="x")


@pytest.mark.parametrize("column", ["volume", "trades", "quote_volume", "open_interest"])
@pytest.mark.parametrize("value", [-0.5, np.inf])
def test_amounts_are_not_negative(column: str, value: float) -> None:
    table = candles(3, **{column: [1.0, value, 1.0]})
    with pytest.raises(PriceError, match=rf"row 2 .*{column} = {value}; must be finite and not"):
        validate_candles(table, place="x")


def test_an_unknown_volume_is_refused() -> None:
    with pytest.raises(PriceError, match="volume = nan"):
        validate_candles(candles(2, volume=[1.0, np.nan]), place="x")


def test_the_high_is_not_below_the_low() -> None:
    table = candles(2, open=[5, 5], close=[5, 5], high=[6, 5], low=[4, 5.5])
    with pytest.raises(PriceError) as caught:
        validate_candles(table, place="BTC.csv")
    assert str(caught.value) == (
        "BTC.csv: row 2 (2026-01-01T00:01Z): high = 5.0; high must not be below low = 5.5; "
        "take that row out or fetch the minute again"
    )


@pytest.mark.parametrize("column", ["open", "close"])
@pytest.mark.parametrize("value", [3.9, 6.1])
def test_open_and_close_lie_within_the_range(column: str, value: float) -> None:
    columns = {"open": [5.0], "close": [5.0], "high": [6.0], "low": [4.0]} | {column: [value]}
    with pytest.raises(PriceError, match=rf"{column} = {value}; {column} must lie between low"):
        validate_candles(candles(1, **columns), place="x")


def test_a_minute_off_the_grid_is_refused() -> None:
    table = candles(3)
    table.index = (table.index + pd.Timedelta(milliseconds=1500)).as_unit("ms")
    with pytest.raises(OrderError, match=r"row 1: 2026-01-01T00:00:01.500Z is not a whole minute"):
        validate_candles(table, place="x")


def test_close_stamps_are_named_as_such() -> None:
    table = candles(3)
    table.index = (table.index + pd.Timedelta(milliseconds=59_999)).as_unit("ms")
    with pytest.raises(OrderError, match="these are close times; give the OPEN time"):
        validate_candles(table, place="x")


@pytest.mark.parametrize("rows", [[0, 2, 1], [0, 1, 1], [2, 1, 0]])
def test_minutes_rise_without_repetition(rows: list[int]) -> None:
    with pytest.raises(OrderError, match="minutes must rise without repetition"):
        validate_candles(candles(3).iloc[rows], place="x")


def test_a_table_of_another_shape_is_refused() -> None:
    table = candles(3)
    for broken in (
        table.drop(columns="trades"),
        table.astype({"close": np.float32}),
        table.reset_index(drop=True),
        table.tz_localize(None),
        table.rename_axis("time"),
    ):
        with pytest.raises(FormatError):
            validate_candles(broken, place="x")


def test_an_index_of_another_unit_is_refused() -> None:
    table = candles(3)
    table.index = table.index.as_unit("ns").rename("minute")
    with pytest.raises(DataError, match=r"datetime64\[ns, UTC\]"):
        validate_candles(table, place="x")


def test_an_empty_table_is_a_table() -> None:
    table = candle_table(np.empty(0, dtype=np.int64), dict.fromkeys(
        ("open", "high", "low", "close", "volume"), np.empty(0)))  # fmt: skip
    validate_candles(table, place="x")
    assert str(table.index.dtype) == "datetime64[ms, UTC]"


def test_minutes_are_written_in_utc() -> None:
    assert iso_minute(START_MS) == "2026-01-01T00:00Z"
    assert iso_minute(START_MS + 59_999) == "2026-01-01T00:00:59.999Z"

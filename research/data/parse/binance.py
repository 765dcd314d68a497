"""Binance USD-M wire formats -> candle tables. Pure: bodies in, tables out, no network."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from research.data.parse.columns import RawCandles, check_length
from research.data.parse.decimals import values_to_floats
from research.data.parse.order import finish
from research.data.parse.stamps import numbers_to_ms
from research.data.tables.schema import candle_table
from research.errors import FormatError

__all__ = ["BULK_COLUMNS", "KLINE_COLUMNS", "SUBSET_COLUMNS", "parse_klines", "raw_klines"]

# order of a REST row and of a bulk file without header
KLINE_COLUMNS = (
    "open_time", "open", "high", "low", "close", "volume", "close_time", "quote_volume",
    "count", "taker_buy_volume", "taker_buy_quote_volume", "ignore",
)  # fmt: skip
# bulk files that were cut down to what research needs
SUBSET_COLUMNS = ("open_time", "open", "high", "low", "close", "volume", "quote_volume", "count")
BULK_COLUMNS = {len(columns): columns for columns in (KLINE_COLUMNS, SUBSET_COLUMNS)}

_FIELDS = {
    "open": 1, "high": 2, "low": 3, "close": 4, "volume": 5, "trades": 8, "quote_volume": 7,
}  # fmt: skip


def parse_klines(
    rows: Sequence[Sequence[Any]], *, now: datetime | None = None, place: str = "klines"
) -> pd.DataFrame:
    """Candle table of the completed minutes in a REST ``/fapi/v1/klines`` body.

    Parameters
    ----------
    rows : sequence of 12-field rows
        Prices as strings, ``openTime`` and ``closeTime`` in milliseconds.
    now : datetime, optional
        Minutes that are not over by then are dropped: the exchange sends the running one too.

    Raises
    ------
    FormatError, PriceError, OrderError, ConflictError
        Rows of another layout or interval, impossible or contradicting candles.
    """
    return finish(raw_klines(rows, place=place).table, place=place, now=now)[0]


def raw_klines(rows: Sequence[Sequence[Any]], *, place: str) -> RawCandles:
    """Candles of a REST klines body in its own order, unchecked but for layout and interval."""
    for row, fields in enumerate(rows):
        if not isinstance(fields, list | tuple) or len(fields) != len(KLINE_COLUMNS):
            raise FormatError(
                f"{place}: row {row + 1} is not a kline of {len(KLINE_COLUMNS)} fields, nor a list "
                "of open time, open, high, low, close, volume; give the body as it came"
            )
    opens, unit = _times(rows, 0, place)
    closes, _ = _times(rows, 6, place)
    check_length(opens, closes, place)
    columns = {
        name: values_to_floats([fields[at] for fields in rows], place=place, column=name)
        for name, at in _FIELDS.items()
    }
    return RawCandles(
        table=candle_table(opens, columns), layout=f"Binance REST klines, open time in {unit}"
    )


_LARGEST_STAMP = 2**62  # of whatever unit: far beyond every calendar, and still an int64


def _times(rows: Sequence[Sequence[Any]], at: int, place: str) -> tuple[Any, str]:
    name = KLINE_COLUMNS[at]
    for row, fields in enumerate(rows):
        value = fields[at]
        if not isinstance(value, int) or isinstance(value, bool) or abs(value) > _LARGEST_STAMP:
            raise FormatError(
                f"{place}: row {row + 1}: {name} = {str(value)[:40]} is no time; "
                "give whole milliseconds since 1970"
            )
    values = np.array([fields[at] for fields in rows], dtype=np.int64)
    return numbers_to_ms(values, place=place, column=name)

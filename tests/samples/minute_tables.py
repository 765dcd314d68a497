"""Candle tables and files of minutes for the data tests, small and without randomness."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from research.data.tables.schema import candle_table
from research.data.tables.source import Source

START_MS = 1_767_225_600_000  # 2026-01-01T00:00Z
MINUTE_MS = 60_000


def candles(n: int = 10, *, first: int = 0, **columns: Sequence[float]) -> pd.DataFrame:
    """``n`` sound candles from minute number ``first`` of 2026; ``columns`` replace some."""
    at = np.arange(first, first + n)
    close = 90_000.0 + (at * 7 % 101)
    sound = {
        "open": close - 1,
        "high": close + 2,
        "low": close - 3,
        "close": close,
        "volume": 1.0 + at % 5,
        "trades": 1.0 + at % 9,
    }
    given = {name: np.asarray(values, dtype=np.float64) for name, values in columns.items()}
    return candle_table(START_MS + MINUTE_MS * at, sound | given)


def source(
    name: str = "file.csv", *, is_synthetic: bool = False, sha256: str | None = "0"
) -> Source:
    """A source of that name."""
    return Source(name=name, layout="test", rows=1, sha256=sha256, is_synthetic=is_synthetic)


def bulk_lines(table: pd.DataFrame, *, per_ms: int = 1) -> list[str]:
    """Lines of a Binance bulk file with 12 columns, in ms or (``per_ms=1000``) in us."""
    lines = []
    for minute, row in zip(table.index, table.itertuples(index=False), strict=True):
        opens = int(minute.timestamp() * 1000) * per_ms
        closes = opens + MINUTE_MS * per_ms - 1
        prices = f"{row.open!r},{row.high!r},{row.low!r},{row.close!r},{row.volume!r}"
        lines.append(f"{opens},{prices},{closes},1000.5,{int(row.trades)},1,1,0")
    return lines


BULK_HEADER = (
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,"
    "taker_buy_volume,taker_buy_quote_volume,ignore"
)

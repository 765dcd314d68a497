"""The many names of the same column, and a table of text or numbers -> candles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from research.data.parse.decimals import column_to_floats, column_to_ints
from research.data.parse.stamps import iso_to_ms, numbers_to_ms
from research.data.tables.schema import COLUMNS, MINUTE_MS, PRICES, Venue, candle_table
from research.errors import FormatError

__all__ = ["RawCandles", "check_length", "has_known_names", "known_name", "read_table"]

_ALIASES = {
    "minute": ("minute", "opentime", "timestamp", "date", "datetime", "time", "startedat"),
    "close_time": ("closetime",),
    "volume": ("volume", "basetokenvolume", "vol"),
    "trades": ("trades", "count", "numberoftrades", "numtrades", "tradecount"),
    "quote_volume": ("quotevolume", "quoteassetvolume", "usdvolume"),
    "mid_open": ("midopen", "orderbookmidpriceopen"),
    "mid_close": ("midclose", "orderbookmidpriceclose"),
    "open_interest": ("openinterest", "startingopeninterest"),
    "ticker": ("ticker", "symbol"),
    "resolution": ("resolution", "interval"),
} | {name: (name,) for name in PRICES}
_KNOWN = {alias: name for name, aliases in _ALIASES.items() for alias in aliases}

# columns that only one venue's files have
_MARKS: dict[Venue, frozenset[str]] = {
    "binance": frozenset({"takerbuyvolume", "takerbuyquotevolume", "takerbuybase"}),
    "dydx": frozenset({"startedat", "basetokenvolume", "usdvolume", "orderbookmidpriceclose"}),
}


@dataclass(frozen=True, slots=True)
class RawCandles:
    """Candles as they stand in a source: its order, its doubled rows, nothing checked yet."""

    table: pd.DataFrame  # candle columns, index minute
    layout: str  # what was recognised, for a sentence
    ticker: str | None = None  # the market's name inside the source
    notes: tuple[str, ...] = ()


def known_name(header: str) -> str | None:
    """The project's name of a source's column, None where it has none."""
    return _KNOWN.get(_plain(header))


def has_known_names(cells: Sequence[str]) -> bool:
    """Whether a line of cells is a header: some cell names a column that we know."""
    return any(known_name(cell) for cell in cells)


def read_table(table: pa.Table, venue: Venue, *, place: str, layout: str) -> RawCandles:
    """Candles of a table with named columns, in its own order.

    Parameters
    ----------
    table : pyarrow.Table
        Text or number columns under any of the usual names; unknown ones are left out and noted.
    layout : str
        Begin of the sentence about what was recognised; the time unit is added.

    Raises
    ------
    FormatError
        No rows, a needed column missing or named twice, the other venue's columns, a time or
        number that cannot be read, candles of another length than one minute.
    """
    if table.num_rows == 0:
        raise FormatError(f"{place}: no rows; fetch the file again")
    names = _name_columns(table.column_names, venue, place)
    minutes, unit, notes = _stamps(table[names["minute"]], names["minute"], place)
    if "close_time" in names:
        closes, _, _ = _stamps(table[names["close_time"]], names["close_time"], place)
        check_length(minutes, closes, place)
    known = [name for name in COLUMNS[venue] if name in names]
    columns = {
        name: column_to_floats(
            table[names[name]], place=place, column=names[name], may_miss=name not in _NEEDED
        )
        for name in known
    }
    left_out = [name for name in table.column_names if name not in names.values()]
    if left_out:
        notes.append(f"columns left out: {', '.join(left_out)}")
    return RawCandles(
        table=candle_table(minutes, columns),
        layout=f"{layout}, {unit}",
        ticker=_only_ticker(table, names, place),
        notes=tuple(notes),
    )


def check_length(opens: NDArray[np.int64], closes: NDArray[np.int64], place: str) -> None:
    """Raises FormatError unless every candle lasts one minute (close = open + 59.999 s)."""
    lasts = closes - opens + 1
    wrong = lasts != MINUTE_MS
    if wrong.any():
        row = int(np.argmax(wrong))
        raise FormatError(
            f"{place}: row {row + 1}: a candle of {lasts[row] / MINUTE_MS:g} minutes; "
            "fetch the 1-minute interval"
        )


_NEEDED = (*PRICES, "volume")


def _plain(header: str) -> str:
    return "".join(letter for letter in header.lower() if letter.isalnum())


def _name_columns(headers: Sequence[str], venue: Venue, place: str) -> dict[str, str]:
    for other, marks in _MARKS.items():
        marked = [header for header in headers if _plain(header) in marks]
        if marked and other != venue:
            raise FormatError(
                f"{place}: column {marked[0]} belongs to {other} files; import with --venue {other}"
            )
    names: dict[str, str] = {}
    for header in headers:
        name = known_name(header)
        if name in names:
            raise FormatError(
                f"{place}: columns {names[name]} and {header} are both {name}; keep one"
            )
        if name is not None:
            names[name] = header
    missing = [name for name in ("minute", *_NEEDED) if name not in names]
    if missing:
        raise FormatError(
            f"{place}: no column for {', '.join(missing)} among {', '.join(headers)}; "
            "needed are open time, open, high, low, close, volume"
        )
    return names


def _stamps(
    cells: pa.ChunkedArray, column: str, place: str
) -> tuple[NDArray[np.int64], str, list[str]]:
    if cells.null_count:
        row = cells.is_null().to_pylist().index(True)
        raise FormatError(f"{place}: row {row + 1}: {column} is empty; take that row out")
    if pa.types.is_timestamp(cells.type):
        scale = {"s": 10**3, "ms": 1, "us": 10**3, "ns": 10**6}[cells.type.unit]
        whole = np.asarray(cells.cast(pa.int64()).to_numpy())
        minutes = whole * scale if cells.type.unit == "s" else whole // scale
        zoned = cells.type.tz is not None
        return minutes, f"{column} as timestamp", _zone_note(zoned)
    if pa.types.is_string(cells.type) and not _is_number(cells[0].as_py()):
        minutes, zoned = iso_to_ms(cells.to_pylist(), place=place, column=column)
        return minutes, f"{column} as ISO-8601 text", _zone_note(zoned)
    whole = column_to_ints(cells, place=place, column=column)
    minutes, unit = numbers_to_ms(whole, place=place, column=column)
    return minutes, f"{column} in {unit}", []


def _zone_note(zoned: bool) -> list[str]:
    return [] if zoned else ["times name no zone: read as UTC"]


def _is_number(text: str) -> bool:
    return text.strip().replace(".", "", 1).isdigit()


def _only_ticker(table: pa.Table, names: Mapping[str, str], place: str) -> str | None:
    if "resolution" in names:
        other = set(table[names["resolution"]].unique().to_pylist()) - {"1MIN", "1m"}
        if other:
            raise FormatError(
                f"{place}: candles of resolution {min(map(str, other))}; fetch 1MIN candles"
            )
    if "ticker" not in names:
        return None
    tickers = sorted({str(name) for name in table[names["ticker"]].unique().to_pylist()})
    if len(tickers) > 1:
        raise FormatError(
            f"{place}: candles of {', '.join(tickers)} in one file; give one file per market"
        )
    return tickers[0]

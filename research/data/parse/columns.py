"""A table of text or numbers under any of the usual names -> candles."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from research.data.parse.decimals import column_to_floats, column_to_ints
from research.data.parse.names import known_names, plain_name
from research.data.parse.stamps import check_moments, iso_to_ms, numbers_to_ms
from research.data.parse.texts import plain_columns, with_whole_moments
from research.data.tables.schema import COLUMNS, MINUTE_MS, PRICES, Venue, candle_table
from research.errors import FormatError

__all__ = ["RawCandles", "check_length", "name_columns", "read_table", "stamps_of"]

# columns that only one venue's files have
_MARKS: dict[Venue, frozenset[str]] = {
    "binance": frozenset(
        {
            "takerbuyvolume", "takerbuyquotevolume", "takerbuybase", "takerbuyquote",
            "takerbuybasevolume", "takerbuybaseassetvolume", "takerbuyquoteassetvolume",
        }
    ),
    "dydx": frozenset({"startedat", "basetokenvolume", "usdvolume", "orderbookmidpriceclose"}),
}  # fmt: skip
# what writers call a column that was an index without a name
_UNNAMED = re.compile(r"^(|index|unnamed\d+|(index)?level\d+)$")


@dataclass(frozen=True, slots=True)
class RawCandles:
    """Candles as they stand in a source: its order, its doubled rows, nothing checked yet."""

    table: pd.DataFrame  # candle columns, index minute
    layout: str  # what was recognised, for a sentence
    ticker: str | None = None  # the market's name inside the source
    notes: tuple[str, ...] = ()


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
    table = with_whole_moments(plain_columns(table, place=place))
    names = name_columns(table, venue, place=place)
    minutes, unit, notes = stamps_of(table[names["minute"]], names["minute"], place)
    if "close_time" in names:
        closes, _, _ = stamps_of(table[names["close_time"]], names["close_time"], place)
        check_length(minutes, closes, place)
    known = [name for name in COLUMNS[venue] if name in names]
    columns = {
        name: column_to_floats(
            table[names[name]], place=place, column=names[name], may_miss=name not in _NEEDED
        )
        for name in known
    }
    left_out = [name or "(no name)" for name in table.column_names if name not in names.values()]
    if left_out:
        notes.append(f"columns left out: {', '.join(left_out)}")
    return RawCandles(
        table=candle_table(minutes, columns),
        layout=f"{layout}, {unit}",
        ticker=_only_ticker(table, names, place),
        notes=tuple(notes),
    )


def check_length(opens: NDArray[np.int64], closes: NDArray[np.int64], place: str) -> None:
    """Raises FormatError unless every candle lasts one minute.

    ``close_time`` may be the last moment of the minute (59.999 s after the open, 59 s where it is
    written in seconds) or the next open (60 s): every row alike.
    """
    lasts = closes - opens
    if any((lasts == length).all() for length in _LENGTHS):
        return
    usual = _usual(lasts)
    if usual in _LENGTHS:
        row = int(np.argmax(lasts != usual))
        raise FormatError(
            f"{place}: row {row + 1}: close_time is {lasts[row] / 1000:g} s after open_time, "
            f"{usual / 1000:g} s in the other rows; a minute cut short or off the grid: take that "
            "row out or fetch the minute again"
        )
    row = int(np.argmax(lasts == usual))
    raise FormatError(
        f"{place}: row {row + 1}: a candle of {_in_minutes(usual):g} minutes by its close_time; "
        "fetch the 1-minute interval"
    )


_LENGTHS = (MINUTE_MS - 1, MINUTE_MS, MINUTE_MS - 1000)  # inclusive, exclusive, whole seconds


def _usual(lasts: NDArray[np.int64]) -> int:
    values, counts = np.unique(lasts, return_counts=True)
    return int(values[np.argmax(counts)])


def _in_minutes(lasts: int) -> float:
    return (lasts + 1 if lasts % 1000 == 999 else lasts) / MINUTE_MS


_NEEDED = (*PRICES, "volume")


def name_columns(table: pa.Table, venue: Venue, *, place: str) -> dict[str, str]:
    """Our name -> their header, of every column that is read.

    Raises
    ------
    FormatError
        The other venue's columns, a needed one missing, or two of one meaning.
    """
    _check_marks(table, venue, place)
    names, doubled = known_names(table.column_names)
    if doubled is not None:
        first, second, name = doubled
        raise FormatError(f"{place}: columns {first} and {second} are both {name}; keep one")
    unnamed = [name for name in table.column_names if _UNNAMED.match(plain_name(name))]
    if "minute" not in names:
        found = next((name for name in unnamed if _holds_moments(table[name])), None)
        if found is not None:
            names["minute"] = found
    missing = [name for name in ("minute", *_NEEDED) if name not in names]
    if missing:
        raise FormatError(
            f"{place}: no column for {', '.join(missing)} among "
            f"{', '.join(name or '(no name)' for name in table.column_names)}; "
            f"needed are open time, open, high, low, close, volume{_hint(missing, names, unnamed)}"
        )
    return names


def _check_marks(table: pa.Table, venue: Venue, place: str) -> None:
    for other, marks in _MARKS.items():
        marked = [header for header in table.column_names if plain_name(header) in marks]
        # some recorders write Binance's columns for every venue, with zeros in them
        if other == "binance":
            marked = [header for header in marked if not _is_idle(table[header])]
        if marked and other != venue:
            raise FormatError(
                f"{place}: column {marked[0]} belongs to {other} files; import with --venue {other}"
            )


def _is_idle(cells: pa.ChunkedArray) -> bool:
    texts = cells.cast(pa.string()) if not pa.types.is_string(cells.type) else cells
    idle = pc.match_substring_regex(
        pc.fill_null(texts, ""), r"^\s*(0*[.,]?0*(e[+-]?0+)?|nan|null|none)\s*$", ignore_case=True
    )
    return bool(pc.all(idle).as_py())


def _holds_moments(cells: pa.ChunkedArray) -> bool:
    if pa.types.is_timestamp(cells.type):
        return True
    first = str(cells[0].as_py())
    if _is_number(first):
        return len(first.partition(".")[0]) >= 9
    return re.match(r"\s*\d{1,4}[-./]\d{1,2}[-./]\d", first) is not None


def _hint(missing: Sequence[str], names: Mapping[str, str], unnamed: Sequence[str]) -> str:
    if "minute" in missing and "close_time" in names:
        return f"; {names['close_time']} is when a minute ends: add the open time, a minute before"
    if "minute" in missing and unnamed:
        return "; the index has no name and holds no times: name it open_time before saving"
    if "volume" in missing and "quote_volume" in names:
        return f"; {names['quote_volume']} is in quote units: the base volume is needed"
    return ""


def stamps_of(
    cells: pa.ChunkedArray, column: str, place: str
) -> tuple[NDArray[np.int64], str, list[str]]:
    """Milliseconds of a column of moments, how it was read, and notes about it."""
    column = column or "the column without a name"
    if cells.null_count:
        row = cells.is_null().to_pylist().index(True)
        raise FormatError(f"{place}: row {row + 1}: {column} is empty; take that row out")
    if pa.types.is_timestamp(cells.type):
        scale = {"s": 10**3, "ms": 1, "us": 10**3, "ns": 10**6}[cells.type.unit]
        whole = np.asarray(cells.cast(pa.int64()).to_numpy())
        minutes = whole * scale if cells.type.unit == "s" else whole // scale
        zoned = cells.type.tz is not None
        check_moments(minutes, whole, place=place, column=column, unit=cells.type.unit)
        return minutes, f"{column} as timestamp", _zone_note(zoned)
    if pa.types.is_string(cells.type) and not _is_number(cells[0].as_py()):
        minutes, zoned = iso_to_ms(cells.to_pylist(), place=place, column=column)
        check_moments(minutes, minutes, place=place, column=column, unit="ms")
        return minutes, f"{column} as ISO-8601 text", _zone_note(zoned)
    if pa.types.is_date32(cells.type) or pa.types.is_time(cells.type):
        raise FormatError(
            f"{place}: column {column} holds {cells.type}: half a moment; give the open time of "
            "each minute in one column"
        )
    whole = column_to_ints(cells, place=place, column=column)
    minutes, unit = numbers_to_ms(whole, place=place, column=column)
    notes = {"calendar digits": _zone_note(False), "us": [_MICROSECONDS]}.get(unit, [])
    return minutes, f"{column} in {unit}", list(notes)


_MICROSECONDS = "times in microseconds, as Binance's SPOT files since 2025: is this the perpetual?"


def _zone_note(zoned: bool) -> list[str]:
    return [] if zoned else ["times name no zone: read as UTC"]


def _is_number(text: str) -> bool:
    return re.match(r"\s*\+?\d+([.,]\d*)?([eE][+]?\d+)?\s*$", text) is not None


_ONE_MINUTE = {"1MIN", "1m", "1min", "1", "60", "1Min", "M1"}


def _only_ticker(table: pa.Table, names: Mapping[str, str], place: str) -> str | None:
    if "resolution" in names:
        other = set(table[names["resolution"]].unique().to_pylist()) - _ONE_MINUTE
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

"""Time stamps as exchanges and spreadsheets write them -> milliseconds since 1970 UTC."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from research.errors import FormatError

__all__ = ["check_moments", "iso_to_ms", "numbers_to_ms", "unit_of"]

_Ints = NDArray[np.int64]

# one unit per magnitude: every moment of 1973..5138 is told apart by the size of its number
_UNITS: tuple[tuple[str, int, int], ...] = (
    ("s", 10**8, 10**11),
    ("ms", 10**11, 10**14),
    ("us", 10**14, 10**17),
    ("ns", 10**17, 2**63 - 1),
)
_PER_MS = {"ms": 1, "us": 1_000, "ns": 1_000_000}
# 202602020005 and 20260202000500: as milliseconds they would lie in 1976 and in 2612
_CALENDAR: tuple[tuple[str, int, int], ...] = (
    ("%Y%m%d%H%M", 200_001_010_000, 210_001_010_000),
    ("%Y%m%d%H%M%S", 20_000_101_000_000, 21_000_101_000_000),
)
_FIRST_MS, _END_MS = 1_230_940_800_000, 4_102_444_800_000  # 2009-01-03 .. 2100

_ZONE = r"(Z|[+-]\d\d(:?\d\d)?|UTC|GMT)$"
# what people's files hold beside ISO-8601: (pattern, what is put in its place), unambiguous ones
_SPELLINGS: tuple[tuple[str, str], ...] = (
    (r"\s+(UTC|GMT)$", ""),
    (r"\s+Z$", "Z"),
    (r"^(\d{4})[/.](\d{1,2})[/.](\d{1,2})", r"\1-\2-\3"),
    (r"^(\d{1,2})\.(\d{1,2})\.(\d{4})", r"\3-\2-\1"),
    (r"-(\d)([-T ])", r"-0\1\2"),
    (r"-(\d)([-T ])", r"-0\1\2"),
    (r"^(\d{8})[ T](\d{4}(\d\d)?)$", r"\1T\2"),
    (r"^(\d{4}-\d\d-\d\d)\s+", r"\1T"),
    (r"T(\d):", r"T0\1:"),
    (r"(:\d\d(\.\d+)?)\s+([+-]\d\d)", r"\1\3"),
    (r"(:\d\d),(\d+)", r"\1.\2"),
)
_HALF_DAY = r"^\d{4}-\d\d-\d\dT\d\d?(:\d\d){1,2}\s*[AaPp][Mm]$"


def unit_of(value: int) -> str:
    """``s``, ``ms``, ``us`` or ``ns`` by magnitude, ``?`` where no date fits."""
    return next((unit for unit, low, high in _UNITS if low <= value < high), "?")


def numbers_to_ms(values: _Ints, *, place: str, column: str) -> tuple[_Ints, str]:
    """Milliseconds and the unit that was recognised.

    Parameters
    ----------
    values : (n,) int64
        Time since 1970 in one unit throughout, or calendar digits (202602020005); n >= 1.

    Raises
    ------
    FormatError
        Values in two units, that are no date of a crypto market, or finer than a millisecond.
    """
    calendar = _of_calendar(values, place, column)
    if calendar is not None:
        return calendar
    unit = unit_of(int(values[0]))
    if unit == "?":
        raise FormatError(
            f"{place}: row 1: {column} = {values[0]} is no date in s, ms, us or ns since 1970; "
            "give the open time of each minute"
        )
    low, high = next((low, high) for name, low, high in _UNITS if name == unit)
    strange = (values < low) | (values >= high)
    if strange.any():
        row = int(np.argmax(strange))
        raise FormatError(
            f"{place}: row {row + 1}: {column} = {values[row]} is in {unit_of(int(values[row]))}, "
            f"the rows before are in {unit}; use one unit per file"
        )
    times = values * 1_000 if unit == "s" else _whole_ms(values, _PER_MS[unit], place, column)
    check_moments(times, values, place=place, column=column, unit=unit)
    return times, unit


def check_moments(times: _Ints, values: _Ints, *, place: str, column: str, unit: str) -> None:
    """Raises FormatError where ``times`` (ms) lie before or after every crypto market.

    ``values`` are the same moments as the file holds them, in ``unit``.
    """
    outside = (times < _FIRST_MS) | (times >= _END_MS)
    if outside.any():
        row = int(np.argmax(outside))
        day = np.datetime64(int(times[row]), "ms").astype("datetime64[D]")
        raise FormatError(
            f"{place}: row {row + 1}: {column} = {values[row]} read as {unit} is {day}, when no "
            "crypto market traded; give the open time in s, ms, us or ns since 1970, or ISO-8601"
        )


def _of_calendar(values: _Ints, place: str, column: str) -> tuple[_Ints, str] | None:
    for form, low, high in _CALENDAR:
        if not ((values >= low) & (values < high)).all():
            continue
        parsed = pd.to_datetime(pd.Series(values).astype(str), format=form, errors="coerce")
        broken = parsed.isna().to_numpy()
        if broken.any():
            row = int(np.argmax(broken))
            raise FormatError(
                f"{place}: row {row + 1}: {column} = {values[row]} is no date of the form "
                "YYYYMMDDhhmm; give ISO-8601 or milliseconds since 1970"
            )
        return np.asarray(parsed.dt.as_unit("ms").astype("int64")), "calendar digits"
    return None


def _whole_ms(values: _Ints, per_ms: int, place: str, column: str) -> _Ints:
    # close times end in 999 999 us: cutting them to 999 ms is what Binance's own ms files do
    rest = values % per_ms
    strange = (rest != 0) & (rest != per_ms - 1)
    if strange.any():
        row = int(np.argmax(strange))
        raise FormatError(
            f"{place}: row {row + 1}: {column} = {values[row]} is finer than a millisecond; "
            "give the open time of each minute"
        )
    return values // per_ms


def iso_to_ms(texts: Sequence[str], *, place: str, column: str) -> tuple[_Ints, bool]:
    """Milliseconds, and whether the texts named a time zone (UTC is assumed where not).

    Parameters
    ----------
    texts : sequence of n ISO-8601 texts, n >= 1
        Also with the zone as a word (UTC, GMT), slashes or dots after the year, day.month.year,
        hours of one digit, and 12-hour clocks with minutes. Slashes before the year are refused:
        day and month cannot be told apart.

    Raises
    ------
    FormatError
        A text that is no such date, or times with and without a zone, with the row.
    """
    cells = pa.array(list(texts), pa.string())
    parsed = _parsed(cells)
    broken = parsed.isna().to_numpy()
    if broken.any():
        parsed = _parsed(_spelled(cells))
        broken = parsed.isna().to_numpy()
    if broken.any():
        row = int(np.argmax(broken))
        raise FormatError(f"{place}: row {row + 1}: {column} = {texts[row]!r} {_why(texts[row])}")
    zoned = np.asarray(pc.match_substring_regex(pc.utf8_trim_whitespace(cells), _ZONE))
    zoned &= np.asarray(pc.match_substring_regex(cells, r"\d:\d|T\d|\d \d"))
    if zoned.any() and not zoned.all():
        row = int(np.argmax(zoned != zoned[0]))
        raise FormatError(
            f"{place}: row {row + 1}: {column} = {texts[row]!r} "
            f"{'names a zone' if zoned[row] else 'names no zone'}, the rows before "
            f"{'do not' if zoned[row] else 'do'}; write all times in one way, best in UTC with Z"
        )
    return np.asarray(parsed.dt.as_unit("ms").astype("int64")), bool(zoned[0])


def _parsed(cells: pa.Array) -> pd.Series:
    texts = pd.Series(cells.to_pylist(), dtype=object)
    return pd.to_datetime(texts, format="ISO8601", utc=True, errors="coerce")


def _spelled(cells: pa.Array) -> pa.Array:
    cells = pc.utf8_trim_whitespace(cells)
    for pattern, written in _SPELLINGS:
        cells = pc.replace_substring_regex(cells, pattern, written)
    is_half = pc.match_substring_regex(cells, _HALF_DAY)
    if not pc.any(is_half).as_py():
        return cells
    halves = pd.Series(cells.to_pylist(), dtype=object).str.replace(
        r"\s*([AaPp])", r" \1", regex=True
    )
    read = [pd.to_datetime(halves, format=f"%Y-%m-%dT{clock} %p", errors="coerce")
            for clock in ("%I:%M:%S", "%I:%M")]  # fmt: skip
    whole = read[0].fillna(read[1]).dt.strftime("%Y-%m-%dT%H:%M:%S")
    return pc.if_else(is_half, pa.array(whole.to_list(), pa.string(), from_pandas=True), cells)


def _why(text: str) -> str:
    """What is wrong with a text that is no date, and its cure."""
    cure = "write 2026-01-02T11:05:00Z or milliseconds since 1970"
    if re.match(r"\s*\d{1,2}/\d{1,2}/\d{2,4}", text):
        return f"does not say which number is the month, which the day; {cure}"
    if re.search(r"\d[- ]*[AaPp][Mm]\s*$", text) and ":" not in text:
        return f"names the hour only; give the open time of each minute: {cure}"
    if re.match(r"\s*\d+[.,]?\d*[eE][+]?\d+\s*$", text):
        return (
            "was rounded by a spreadsheet, its minutes are lost; take the file as the exchange "
            "gave it"
        )
    return f"is no ISO-8601 date; {cure}"

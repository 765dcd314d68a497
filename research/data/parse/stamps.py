"""Time stamps as exchanges and spreadsheets write them -> milliseconds since 1970 UTC."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from research.errors import FormatError

__all__ = ["iso_to_ms", "numbers_to_ms", "unit_of"]

_Ints = NDArray[np.int64]

# one unit per magnitude: every moment of 1973..5138 is told apart by the size of its number
_UNITS: tuple[tuple[str, int, int], ...] = (
    ("s", 10**8, 10**11),
    ("ms", 10**11, 10**14),
    ("us", 10**14, 10**17),
    ("ns", 10**17, 2**63 - 1),
)
_PER_MS = {"ms": 1, "us": 1_000, "ns": 1_000_000}


def unit_of(value: int) -> str:
    """``s``, ``ms``, ``us`` or ``ns`` by magnitude, ``?`` where no date fits."""
    return next((unit for unit, low, high in _UNITS if low <= value < high), "?")


def numbers_to_ms(values: _Ints, *, place: str, column: str) -> tuple[_Ints, str]:
    """Milliseconds and the unit that was recognised.

    Parameters
    ----------
    values : (n,) int64
        Time since 1970 in one unit throughout; n >= 1.

    Raises
    ------
    FormatError
        Values in two units, that are no date, or finer than a millisecond.
    """
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
    if unit == "s":
        return values * 1_000, unit
    return _whole_ms(values, _PER_MS[unit], place, column), unit


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

    Raises
    ------
    FormatError
        A text that is no ISO-8601 date, with its row.
    """
    zoned = _names_zone(texts[0])
    parsed = pd.to_datetime(pd.Series(list(texts)), format="ISO8601", utc=True, errors="coerce")
    broken = parsed.isna().to_numpy()
    if broken.any():
        row = int(np.argmax(broken))
        raise FormatError(
            f"{place}: row {row + 1}: {column} = {texts[row]!r} is no ISO-8601 date; "
            "write 2026-01-02T11:05:00Z or milliseconds since 1970"
        )
    return np.asarray(parsed.dt.as_unit("ms").astype("int64")), zoned


def _names_zone(text: str) -> bool:
    clock = text.strip()[10:]
    return clock.endswith("Z") or "+" in clock or "-" in clock

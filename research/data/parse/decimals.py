"""Decimal text -> float64, correctly rounded: exactly what Python's ``float`` returns."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from research.errors import FormatError

__all__ = ["column_to_floats", "column_to_ints", "values_to_floats"]

_UNKNOWN = pa.array(["", "null", "none", "nan", "na", "n/a", "-"])
_NUMBERS = (pa.types.is_floating, pa.types.is_integer, pa.types.is_decimal)


def values_to_floats(
    values: Sequence[object], *, place: str, column: str, may_miss: bool = False
) -> NDArray[np.float64]:
    """Numbers and decimal texts of a JSON body as (n,) float64.

    NaN stands for ``None`` where ``may_miss``; nothing else becomes NaN silently.

    Raises
    ------
    FormatError
        A value that is no number, with its row.
    """
    floats = np.empty(len(values), dtype=np.float64)
    for row, value in enumerate(values):
        floats[row] = _to_float(value, row, place, column, may_miss)
    return floats


def _to_float(value: object, row: int, place: str, column: str, may_miss: bool) -> float:
    if value is None and may_miss:
        return float("nan")
    # float() would also take True and "1_000", which no exchange writes
    if isinstance(value, (int, float, str)) and not isinstance(value, bool):
        try:
            if "_" not in str(value):
                return float(value)
        except ValueError:
            pass
    raise _no_number(value, row, place, column)


def column_to_floats(
    cells: pa.ChunkedArray, *, place: str, column: str, may_miss: bool = False
) -> NDArray[np.float64]:
    """A text or number column of a table as (n,) float64; empty cells are NaN if ``may_miss``.

    Raises
    ------
    FormatError
        A cell that is no number, with its row.
    """
    if any(is_number(cells.type) for is_number in _NUMBERS):
        return np.asarray(cells.cast(pa.float64(), safe=False).to_numpy(), dtype=np.float64)
    texts = _trimmed(cells, place, column)
    if may_miss:
        texts = pc.if_else(pc.is_in(pc.utf8_lower(texts), _UNKNOWN), None, texts)
    try:
        floats = texts.cast(pa.float64())
    except pa.ArrowInvalid:
        row = _first_refused(texts, pa.float64())
        raise _no_number(texts[row].as_py(), row, place, column) from None
    return np.asarray(floats.to_numpy(), dtype=np.float64)


def column_to_ints(cells: pa.ChunkedArray, *, place: str, column: str) -> NDArray[np.int64]:
    """A text or number column of whole numbers as (n,) int64; ``1769990400.0`` is whole.

    Raises
    ------
    FormatError
        A cell that is no whole number, or whose digits a spreadsheet took away, with its row.
    """
    is_number = any(is_number(cells.type) for is_number in _NUMBERS)
    texts = cells if is_number else _without_fraction(_trimmed(cells, place, column), place, column)
    try:
        whole = texts.cast(pa.int64())
    except pa.ArrowInvalid:
        row = _first_refused(texts, pa.int64())
        raise FormatError(
            f"{place}: row {row + 1}: {column} = {cells[row].as_py()!r} is no whole number; "
            "give the open time of each minute, as the exchange gave it"
        ) from None
    return np.asarray(whole.to_numpy(), dtype=np.int64)


_EXPONENT = r"^([+]?)(\d)[.,]?(\d*)[eE][+]?(\d+)$"


def _without_fraction(texts: pa.ChunkedArray, place: str, column: str) -> pa.ChunkedArray:
    """``1769990400.0`` as ``1769990400``; an exponent is written out where no digit is lost."""
    texts = pc.replace_substring_regex(texts, r"^(\d+)[.,]0*$", r"\1")
    has_exponent = np.asarray(pc.match_substring_regex(texts, _EXPONENT))
    if not has_exponent.any():
        return texts
    written = texts.to_pylist()
    for row in np.flatnonzero(has_exponent):
        _, first, digits, power = re.findall(_EXPONENT, written[row])[0]
        if len(digits) < int(power):
            raise FormatError(
                f"{place}: row {row + 1}: {column} = {written[row]!r} was rounded by a "
                "spreadsheet, its last digits are lost; take the file as the exchange gave it"
            )
        rest = digits[int(power) :]
        written[row] = first + digits[: int(power)] + (f".{rest}" if rest.strip("0") else "")
    return pa.chunked_array([pa.array(written, pa.string())])


def _trimmed(cells: pa.ChunkedArray, place: str, column: str) -> pa.ChunkedArray:
    if not pa.types.is_string(cells.type):
        raise FormatError(
            f"{place}: column {column} holds {cells.type}; write numbers or decimal text"
        )
    return pc.utf8_trim_whitespace(pc.fill_null(cells, ""))


def _first_refused(texts: pa.ChunkedArray, kind: Any) -> int:
    low, high = 0, len(texts)  # the first refused row is in [low, high)
    while high - low > 1:
        middle = (low + high) // 2
        try:
            texts.slice(low, middle - low).cast(kind)
            low = middle
        except pa.ArrowInvalid:
            high = middle
    return low


def _no_number(value: object, row: int, place: str, column: str) -> FormatError:
    return FormatError(
        f"{place}: row {row + 1}: {column} = {value!r} is no number; "
        "mend that row or fetch the file again"
    )

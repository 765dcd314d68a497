"""Holding an answer against the question: rows of another time than asked for are no answer."""

from typing import TypeVar

import pandas as pd

from research.data.tables.schema import iso_minute, minutes_ms
from research.data.tables.spans import Span
from research.errors import FormatError

__all__ = ["rows_inside"]

Rows = TypeVar("Rows", pd.DataFrame, pd.Series)


def rows_inside(
    rows: Rows, span: Span, *, place: str, whole: str, older_ok: bool = False
) -> Rows | None:
    """Rows of ``span``; None where there are none and older rows are a sound answer.

    Parameters
    ----------
    whole : str
        Name of the query parameter that a venue must have ignored to answer otherwise.
    older_ok : bool
        Whether the question had no lower bound.

    Raises
    ------
    FormatError
        Rows, but none of the span: venues ignore parameters that they do not know.
    """
    minutes = minutes_ms(rows.index)
    inside = (minutes >= span.first_ms) & (minutes < span.end_ms)
    if inside.any():
        return rows[inside]
    if older_ok and bool((minutes < span.first_ms).all()):
        return None
    raise FormatError(
        f"{place}: asked for {iso_minute(span.first_ms)} up to {iso_minute(span.end_ms)}, got "
        f"{iso_minute(int(minutes[0]))} .. {iso_minute(int(minutes[-1]))}; the venue ignores "
        f"{whole}: look at the address, its interface may have changed"
    )

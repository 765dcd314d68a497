"""Columns of any Arrow type -> the few that are read: numbers, plain text, moments."""

import pyarrow as pa
import pyarrow.compute as pc

from research.errors import FormatError

__all__ = ["plain_columns", "with_whole_moments"]

_TEXT_VIEWS = (
    pa.types.is_large_string,
    pa.types.is_string_view,
    pa.types.is_binary,
    pa.types.is_large_binary,
)


def plain_columns(table: pa.Table, *, place: str) -> pa.Table:
    """``table`` with text of every kind as ``string`` and dictionaries written out.

    pandas 3 writes ``large_string``, polars ``string_view``, and both write categories.

    Raises
    ------
    FormatError
        Binary cells that are no UTF-8 text.
    """
    for at, name in enumerate(table.column_names):
        column = table.column(at)
        try:
            plain = _plain(column)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            raise FormatError(
                f"{place}: column {name} holds {column.type} that is no text; "
                "write numbers or decimal text"
            ) from None
        if plain is not column:
            table = table.set_column(at, name, plain)
    return table


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type):
        column = pc.cast(column, column.type.value_type)
    if pa.types.is_null(column.type) or any(is_text(column.type) for is_text in _TEXT_VIEWS):
        return column.cast(pa.string())
    if pa.types.is_date64(column.type):
        return column.cast(pa.timestamp("ms"))
    return column


def with_whole_moments(table: pa.Table) -> pa.Table:
    """``table`` with a day in one column and its clock in another joined into one column."""
    named = {name.strip().strip("<>").lower(): name for name in table.column_names}
    if "date" not in named or "time" not in named:
        return table
    day, clock = table[named["date"]], table[named["time"]]
    if not (pa.types.is_string(day.type) and pa.types.is_string(clock.type)):
        return table
    is_clock = pc.match_substring_regex(clock, r"^\s*\d{1,2}:\d\d")
    is_day = pc.match_substring_regex(day, r"^[\s\d./-]+$")
    if not (pc.all(is_clock).as_py() and pc.all(is_day).as_py()):
        return table
    both = pc.binary_join_element_wise(
        pc.utf8_trim_whitespace(day), pc.utf8_trim_whitespace(clock), " "
    )
    kept = table.drop_columns([named["date"], named["time"]])
    return kept.append_column("date and time", both)

"""CSV text -> candles or funding, every cell kept as text until it is read as what it is."""

import io
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from research.data.files.csvtext import CsvText, read_lines
from research.data.parse.binance import BULK_COLUMNS
from research.data.parse.columns import RawCandles, read_table
from research.data.parse.funding_table import RawFunding, is_funding, read_funding
from research.data.parse.names import known_name, known_names
from research.data.tables.schema import MINUTE_MS, Venue, iso_minute, minutes_ms
from research.errors import FormatError

__all__ = ["read_csv", "read_csv_source"]

_DAY_MS = 1440 * MINUTE_MS
_FEWEST_ALIKE = 10  # rows with one number of decimals that show how many a whole cell has


def read_csv(data: bytes, venue: Venue, *, place: str, is_whole: bool = False) -> RawCandles:
    """Candles of a CSV text, in its own order.

    Lines that begin with ``#`` are comments. Without a header the columns are those of Binance
    bulk files, told by their number. Cells are parted by commas, semicolons, tabs or bars; where
    it is not a comma, decimals may have one.

    A last line without a line break may be cut off in the middle of its last number: it is kept
    where it is seen to be whole (the number has as many decimals as all others, the minute is the
    last of a day, nobody reads that number), and else left out and noted.

    Parameters
    ----------
    is_whole : bool
        A checksum vouches for the bytes: the last line counts as it stands.

    Raises
    ------
    FormatError
        Text that is not UTF-8, torn lines, columns that are not known, a single row cut off.
    """
    raw = read_csv_source(data, venue, place=place, is_whole=is_whole)
    if not isinstance(raw, RawCandles):
        raise FormatError(f"{place}: funding rates; expected candles")
    return raw


def read_csv_source(
    data: bytes, venue: Venue, *, place: str, is_whole: bool = False
) -> RawCandles | RawFunding:
    """As :func:`read_csv`, but a table of dYdX funding is read as well."""
    text = read_lines(data, venue, place=place)
    table = _parse(text, place)
    if text.separator != ",":
        table = _with_points(table, place)
    if is_funding(text.names):
        return read_funding(table, venue, place=place)
    told = "with header" if text.has_header else "without header"
    layout = f"{_kind(text, venue)}, {len(text.names)} columns {told}"
    raw = read_table(table, venue, place=place, layout=layout)
    raw = replace(raw, notes=(*text.notes, *raw.notes))
    is_read = text.names[-1] in known_names(text.names)[0].values()
    if is_whole or not text.has_open_end or not is_read:
        return raw
    return raw if _is_last_whole(table, raw) else _without_last(raw, place)


def _is_last_whole(table: pa.Table, raw: RawCandles) -> bool:
    minutes = minutes_ms(raw.table.index)
    if len(minutes) > 1 and int(minutes[-1]) % _DAY_MS in (0, _DAY_MS - MINUTE_MS):
        return True  # files are cut by days, accidents are not
    decimals = pc.utf8_length(pc.replace_substring_regex(table.column(-1), r"^[^.]*[.]?", ""))
    *others, last = decimals.to_pylist()
    return len(others) >= _FEWEST_ALIKE and last > 0 and set(others) == {last}


def _without_last(raw: RawCandles, place: str) -> RawCandles:
    last = iso_minute(int(minutes_ms(raw.table.index)[-1]))
    if len(raw.table) == 1:
        raise FormatError(
            f"{place}: ends within its only row, {last}, without a line break: it may be cut off; "
            "fetch the file again, or end it with a line break"
        )
    note = f"ends without a line break: the last row, {last}, may be cut off and was left out"
    return replace(raw, table=raw.table[:-1], notes=(*raw.notes, note))


def _parse(text: CsvText, place: str) -> pa.Table:
    torn: list[tuple[int, int]] = []

    def note(row: pacsv.InvalidRow) -> str:
        torn.append((row.number, row.actual_columns))
        return "skip"

    if not text.rows:
        raise FormatError(f"{place}: no rows; fetch the file again")
    try:
        table = pacsv.read_csv(
            io.BytesIO(text.data),
            # threads would lose the row numbers that a message needs
            read_options=pacsv.ReadOptions(use_threads=False, column_names=text.names),
            parse_options=pacsv.ParseOptions(delimiter=text.separator, invalid_row_handler=note),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(text.names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        raise FormatError(f"{place}: not CSV ({error}); fetch the file again") from None
    if torn:
        row, count = torn[0]
        raise FormatError(
            f"{place}: row {row} has {count} cells, the others have {len(text.names)}; "
            "the file is torn: fetch it again"
        )
    return table


def _with_points(table: pa.Table, place: str) -> pa.Table:
    """Decimal commas as points; a table that holds both kinds of number is refused."""
    has_comma = [_holds(table.column(at), _DECIMAL_COMMA) for at in range(table.num_columns)]
    if not any(has_comma):
        return table
    for at, name in enumerate(table.column_names):
        if known_name(name) != "minute":
            _check_no_points(table.column(at), name, has_comma[at], place)
        written = pc.replace_substring_regex(table.column(at), _DECIMAL_COMMA, r"\1.\2")
        table = table.set_column(at, name, written)
    return table


_DECIMAL_COMMA = r"^(\s*[+-]?\d+),(\d+(?:[eE][+-]?\d+)?\s*)$"
_THOUSANDS = r"^\s*\d{1,3}([.]\d{3})+\s*$"  # where decimals have a comma, 70.123 is 70 thousand


def _holds(cells: pa.ChunkedArray, pattern: str) -> bool:
    return bool(pc.any(pc.match_substring_regex(cells, pattern)).as_py())


def _check_no_points(cells: pa.ChunkedArray, name: str, has_comma: bool, place: str) -> None:
    pattern = r"\d[.]\d" if has_comma else _THOUSANDS
    pointed = pc.match_substring_regex(cells, pattern)
    if pc.any(pointed).as_py():
        row = pointed.to_pylist().index(True)
        raise FormatError(
            f"{place}: row {row + 1}: {name} = {cells[row].as_py()!r} has a point, other cells a "
            "decimal comma; is it a thousand? save the file without thousands separators"
        )


def _kind(text: CsvText, venue: Venue) -> str:
    is_bulk = not text.has_header or tuple(map(known_name, text.names)) in _BULK_NAMES
    if is_bulk and venue == "binance":
        return "Binance bulk CSV"
    return f"{'Binance' if venue == 'binance' else 'dYdX'} CSV"


_BULK_NAMES = frozenset(tuple(map(known_name, columns)) for columns in BULK_COLUMNS.values())

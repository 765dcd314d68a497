"""CSV text -> candles: comment lines, with or without header, every cell kept as text."""

import io
from dataclasses import replace

import pyarrow as pa
import pyarrow.csv as pacsv

from research.data.parse.binance import BULK_COLUMNS
from research.data.parse.columns import RawCandles, has_known_names, known_name, read_table
from research.data.tables.schema import Venue, iso_minute, minutes_ms
from research.errors import FormatError

__all__ = ["read_csv"]


def read_csv(data: bytes, venue: Venue, *, place: str, is_whole: bool = False) -> RawCandles:
    """Candles of a CSV text, in its own order.

    Lines that begin with ``#`` are comments. Without a header the columns are those of Binance
    bulk files, told by their number.

    A last line without a line break may be cut off in the middle of its last number, and nothing
    in it would tell: it is left out and noted, unless that number is one that nobody reads.

    Parameters
    ----------
    is_whole : bool
        A checksum vouches for the bytes: the last line counts as it stands.

    Raises
    ------
    FormatError
        Text that is not UTF-8, torn lines, columns that are not known, a single row cut off.
    """
    text, has_open_end = _without_comments(data, place)
    first = text.split(b"\n", 1)[0].decode().strip()
    cells = [cell.strip().strip('"') for cell in first.split(",")]
    header = has_known_names(cells)
    if not header:
        _check_headerless(cells, first, venue, place)
    names = cells if header else list(BULK_COLUMNS[len(cells)])
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise FormatError(f"{place}: column {twice[0]} stands twice; keep one")
    table = _parse(text, names, 1 if header else 0, place)
    kind = _kind(names, header, venue)
    told = "with header" if header else "without header"
    raw = read_table(table, venue, place=place, layout=f"{kind}, {len(names)} columns {told}")
    if is_whole or not has_open_end or known_name(names[-1]) is None:
        return raw
    return _without_last(raw, place)


def _without_last(raw: RawCandles, place: str) -> RawCandles:
    last = iso_minute(int(minutes_ms(raw.table.index)[-1]))
    if len(raw.table) == 1:
        raise FormatError(
            f"{place}: ends within its only row, {last}, without a line break: it may be cut off; "
            "fetch the file again, or end it with a line break"
        )
    note = f"ends without a line break: the last row, {last}, may be cut off and was left out"
    return replace(raw, table=raw.table[:-1], notes=(*raw.notes, note))


def _without_comments(data: bytes, place: str) -> tuple[bytes, bool]:
    """Lines that hold something, and whether the last of them ends without a line break."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(
            f"{place}: byte {error.start} is not UTF-8 text; save the file as CSV in UTF-8"
        ) from None
    every = text.splitlines(keepends=True)
    lines = [line for line in every if line.strip() and not line.startswith("#")]
    if not lines:
        raise FormatError(f"{place}: comments only, no rows; fetch the file again")
    has_open_end = not lines[-1].endswith(("\n", "\r"))
    return ("\n".join(line.rstrip("\r\n") for line in lines) + "\n").encode(), has_open_end


def _check_headerless(cells: list[str], first: str, venue: Venue, place: str) -> None:
    counts = ", ".join(map(str, sorted(BULK_COLUMNS)))
    if len(cells) not in BULK_COLUMNS or not cells[0].isdigit():
        raise FormatError(
            f"{place}: the first line, {first[:60]!r}, is neither a header with open time, open, "
            f"high, low, close, volume nor a Binance row of {counts} numbers; "
            "is this a file of 1-minute candles?"
        )
    if venue != "binance":
        raise FormatError(
            f"{place}: a CSV without header in Binance's layout; import with --venue binance"
        )


def _parse(text: bytes, names: list[str], skip: int, place: str) -> pa.Table:
    torn: list[tuple[int, int]] = []

    def note(row: pacsv.InvalidRow) -> str:
        torn.append((row.number - skip, row.actual_columns))
        return "skip"

    try:
        table = pacsv.read_csv(
            io.BytesIO(text),
            # threads would lose the row numbers that a message needs
            read_options=pacsv.ReadOptions(use_threads=False, column_names=names, skip_rows=skip),
            parse_options=pacsv.ParseOptions(invalid_row_handler=note),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        raise FormatError(f"{place}: not CSV ({error}); fetch the file again") from None
    if torn:
        row, count = torn[0]
        raise FormatError(
            f"{place}: row {row} has {count} cells, the others have {len(names)}; "
            "the file is torn: fetch it again"
        )
    return table


def _kind(names: list[str], header: bool, venue: Venue) -> str:
    if not header or tuple(map(known_name, names)) in _BULK_NAMES:
        return "Binance bulk CSV"
    return f"{'Binance' if venue == 'binance' else 'dYdX'} CSV"


_BULK_NAMES = frozenset(tuple(map(known_name, columns)) for columns in BULK_COLUMNS.values())

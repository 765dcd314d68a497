"""CSV text -> candles: comment lines, with or without header, every cell kept as text."""

import io

import pyarrow as pa
import pyarrow.csv as pacsv

from research.data.binance import BULK_COLUMNS
from research.data.columns import RawCandles, has_known_names, known_name, read_table
from research.data.schema import Venue
from research.errors import FormatError

__all__ = ["read_csv"]


def read_csv(data: bytes, venue: Venue, *, place: str) -> RawCandles:
    """Candles of a CSV text, in its own order.

    Lines that begin with ``#`` are comments. Without a header the columns are those of Binance
    bulk files, told by their number.

    Raises
    ------
    FormatError
        Text that is not UTF-8, torn lines, columns that are not known.
    """
    text = _without_comments(data, place)
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
    return read_table(table, venue, place=place, layout=f"{kind}, {len(names)} columns {told}")


def _without_comments(data: bytes, place: str) -> bytes:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(
            f"{place}: byte {error.start} is not UTF-8 text; save the file as CSV in UTF-8"
        ) from None
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if not lines:
        raise FormatError(f"{place}: comments only, no rows; fetch the file again")
    return ("\n".join(lines) + "\n").encode()


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

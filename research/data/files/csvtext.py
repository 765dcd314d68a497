"""Bytes of a CSV -> its lines: encoding, separator, header, and what stands around the rows."""

import csv
from dataclasses import dataclass

from research.data.parse.binance import BULK_COLUMNS
from research.data.parse.names import has_known_names, known_name, known_names
from research.data.tables.schema import Venue
from research.errors import FormatError

__all__ = ["CsvText", "read_lines"]

_SEPARATORS = (",", ";", "\t", "|")
_PREAMBLE = 10  # lines before a header: an address, a title, Excel's sep=
_HEADER_NAMES = 4  # known names that make a line a header wherever it stands


@dataclass(frozen=True, slots=True)
class CsvText:
    """Rows of a CSV without header, comments and blank lines."""

    names: list[str]
    rows: list[str]
    separator: str
    has_header: bool
    has_open_end: bool  # the last row ends without a line break
    notes: tuple[str, ...] = ()

    @property
    def data(self) -> bytes:
        """The rows as UTF-8."""
        return ("\n".join(self.rows) + "\n").encode()


def read_lines(data: bytes, venue: Venue, *, place: str) -> CsvText:
    """The rows of a CSV and the names of their columns.

    Without a header the columns are those of Binance bulk files, told by their number.

    Raises
    ------
    FormatError
        No text, no rows, a first line that is neither header nor candle, or another header
        among the rows.
    """
    every = decoded(data, place).splitlines(keepends=True)
    lines = [line for line in every if line.strip() and not line.startswith("#")]
    if not lines:
        raise FormatError(f"{place}: comments only, no rows; fetch the file again")
    has_open_end = not lines[-1].endswith(("\n", "\r"))
    texts = [line.rstrip("\r\n") for line in lines]
    first = _first_line(texts)
    separator = _separator(texts[first])
    cells = _cells(texts[first], separator)
    has_header = has_known_names(cells)
    if not has_header:
        _check_headerless(cells, texts[first], venue, place)
    names = cells if has_header else list(BULK_COLUMNS[len(cells)])
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise FormatError(f"{place}: column {twice[0] or '(no name)'} stands twice; keep one")
    notes = [f"{_lines(first)} before the header left out"] if first else []
    rows = texts[first + has_header :]
    again = [at for at, row in enumerate(rows) if _may_be_header(row)]
    repeated = {at for at in again if _is_header(rows[at], names, separator, at, place)}
    if repeated:
        rows = [row for at, row in enumerate(rows) if at not in repeated]
        notes.append(f"the header stands again in {_lines(len(repeated))}: joined files")
    return CsvText(
        names=names,
        rows=rows,
        separator=separator,
        has_header=has_header,
        has_open_end=has_open_end,
        notes=tuple(notes),
    )


def decoded(data: bytes, place: str) -> str:
    """Text in UTF-8, or in UTF-16 with its mark; marks of joined files are taken out."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", errors="replace")
        if text[:200].isascii():
            return text
    try:
        return data.decode("utf-8").replace("\ufeff", "")
    except UnicodeDecodeError as error:
        raise FormatError(
            f"{place}: byte {error.start} is not UTF-8 text; save the file as CSV in UTF-8"
        ) from None


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count:,} lines"


def _first_line(texts: list[str]) -> int:
    """Place of the header, or of the first row where there is none."""
    for at, text in enumerate(texts[:_PREAMBLE]):
        cells = _cells(text, _separator(text))
        if _known(cells) >= _HEADER_NAMES or (cells[0].isdigit() and len(cells) in BULK_COLUMNS):
            return at
    return 0


def _known(cells: list[str]) -> int:
    return len(known_names(cells)[0])


def _separator(line: str) -> str:
    # a decimal comma never makes more cells of a header than the separator does
    if has_known_names(_cells(line, ",")) and _known(_cells(line, ",")) >= _HEADER_NAMES:
        return ","
    return max(
        _SEPARATORS, key=lambda each: (_known(_cells(line, each)), _count(line, each), each == ",")
    )


def _count(line: str, separator: str) -> int:
    # "1769990400000;70000,0;..." holds as many commas as semicolons and more
    count = line.count(separator) + 1
    return count if count in BULK_COLUMNS else 0


def _cells(line: str, separator: str) -> list[str]:
    try:
        parts = next(csv.reader([line], delimiter=separator))
    except (csv.Error, StopIteration):
        parts = line.split(separator)
    return [cell.strip() for cell in parts] or [""]


def _may_be_header(row: str) -> bool:
    begin = row.lstrip().lstrip('"')[:1]
    return begin.isalpha() or begin in (",", ";", "_")


def _is_header(row: str, names: list[str], separator: str, at: int, place: str) -> bool:
    cells = _cells(row, separator)
    if cells == names or [known_name(cell) for cell in cells] == [known_name(n) for n in names]:
        return _known(cells) >= _HEADER_NAMES
    if _known(cells) >= _HEADER_NAMES:
        raise FormatError(
            f"{place}: row {at + 1} is another header, {row[:60]!r}: files of two layouts were "
            "joined; split them there"
        )
    return False


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

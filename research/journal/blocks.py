"""A file of any size in blocks of whole lines: bounded memory whatever the file holds."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from research.errors import StoreError

__all__ = ["MAX_LINE_BYTES", "Block", "log_files", "read_blocks"]

BLOCK_BYTES: Final = 4 << 20
MAX_LINE_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines, or the mark of one that was too long to load.

    ``data`` ends with a newline, except where the file does not. ``stops``: places of its
    newlines.
    """

    first_line: int  # counted from 1
    data: bytes
    stops: tuple[int, ...] = ()
    too_long_bytes: int = 0  # of a line that was passed over; then ``data`` is empty
    is_last: bool = False  # the file ends here, without a newline

    @classmethod
    def of(cls, first_line: int, data: bytes) -> "Block":
        """A block of lines that are in memory already."""
        return cls(first_line, data, _newlines(data), is_last=not data.endswith(b"\n"))

    @property
    def lines(self) -> list[bytes]:
        """The lines without their newlines."""
        return self.data.removesuffix(b"\n").split(b"\n") if self.data else []


def log_files(paths: Iterable[Path]) -> list[Path]:
    """Files to read: a folder stands for its ``journal-*.jsonl``, oldest day first.

    Raises
    ------
    StoreError
        A path that is not there, or a folder without a journal.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            days = sorted(path.glob("journal-*.jsonl"))
            if not days:
                raise StoreError(f"{path}: no journal-*.jsonl in this folder; name the log files")
            found += days
        elif path.exists():
            found.append(path)
        else:
            raise StoreError(f"{path}: no such file; name a journal or the folder of its days")
    return found


def read_blocks(
    path: Path, *, block_bytes: int = BLOCK_BYTES, max_line_bytes: int = MAX_LINE_BYTES
) -> Iterator[Block]:
    """Blocks of ``path`` in order; holds at most ``block_bytes + max_line_bytes`` of it.

    Raises
    ------
    StoreError
        The file cannot be read.
    """
    try:
        with path.open("rb") as file:
            yield from _split(file, block_bytes, max_line_bytes)
    except OSError as error:
        raise StoreError(
            f"{path}: cannot be read ({error.strerror or error}); check the path and its rights"
        ) from error


def _split(file: BinaryIO, block_bytes: int, max_line_bytes: int) -> Iterator[Block]:
    line, rest, passed = 1, b"", 0  # passed: bytes of a line that is too long, so far
    while chunk := file.read(block_bytes):
        if passed:
            head, newline, chunk = chunk.partition(b"\n")
            passed += len(head)
            if not newline:
                continue
            yield Block(line, b"", too_long_bytes=passed)
            line, passed = line + 1, 0
        cut = chunk.rfind(b"\n") + 1
        if cut:
            data = b"".join((rest, memoryview(chunk)[:cut]))
            stops = _newlines(data)
            yield from _bounded(line, data, stops, max_line_bytes)
            line += len(stops)
        rest = chunk[cut:] if cut else rest + chunk
        if len(rest) > max_line_bytes:
            passed, rest = len(rest), b""
    if passed:
        yield Block(line, b"", too_long_bytes=passed, is_last=True)
    elif rest:
        yield Block(line, rest, is_last=True)


def _newlines(data: bytes) -> tuple[int, ...]:
    # jumps from newline to newline: counting them byte by byte takes three times as long
    places, at = [], 0
    while at := data.find(b"\n", at) + 1:
        places.append(at - 1)
    return tuple(places)


def _bounded(
    line: int, data: bytes, stops: tuple[int, ...], max_line_bytes: int
) -> Iterator[Block]:
    half = max_line_bytes // 2  # a line that is too long fills one such window at least
    if all(data.find(b"\n", at, at + half) >= 0 for at in range(0, len(data) - half, half)):
        yield Block(line, data, stops)
        return
    for number, text in enumerate(data.split(b"\n")[:-1], start=line):
        if len(text) > max_line_bytes:
            yield Block(number, b"", too_long_bytes=len(text))
        else:
            yield Block(number, text + b"\n", (len(text),))

"""A file of any size in blocks of whole lines: bounded memory whatever the file holds."""

import lzma
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from research.errors import FormatError, StoreError
from research.journal.opened import documents, holds_documents, open_log

__all__ = ["MAX_LINE_BYTES", "Block", "read_blocks"]

BLOCK_BYTES: Final = 4 << 20
_HEAD_BYTES: Final = 1 << 12
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


def read_blocks(
    path: Path, *, block_bytes: int = BLOCK_BYTES, max_line_bytes: int = MAX_LINE_BYTES
) -> Iterator[Block]:
    """Blocks of ``path`` in order; holds at most ``block_bytes + max_line_bytes`` of it.

    A packed file is unpacked on the way. A file that is one JSON text (a list, or indented
    objects) is held whole, and each of its objects is a line.

    Raises
    ------
    StoreError
        The file cannot be read.
    FormatError
        A packed file that is torn.
    """
    try:
        with open_log(path) as file:
            head = file.read(_HEAD_BYTES)
        if holds_documents(head) and _begins_whole(path):
            with open_log(path) as file:
                yield from _of_documents(file, path)
            return
        with open_log(path) as file:
            yield from _split(file, block_bytes, max_line_bytes)
    except (EOFError, zlib.error, lzma.LZMAError) as error:
        raise _torn(path, error) from error
    except OSError as error:
        if error.errno is None:  # of an unpacker, not of the disk
            raise _torn(path, error) from error
        raise StoreError(
            f"{path}: cannot be read ({error.strerror or error}); check the path and its rights"
        ) from error


def _torn(path: Path, error: Exception) -> FormatError:
    return FormatError(
        f"{path.name}: torn archive ({error}); copy it again, or unpack what is whole of it first"
    )


def _begins_whole(path: Path) -> bool:
    """Whether the first object of a file can be read: else it is a log that begins with a scrap."""
    with open_log(path) as file:
        first = next(documents(file, path), None)
    return first is not None and first[2]


def _of_documents(file: IO[bytes], path: Path) -> Iterator[Block]:
    for line, text, is_whole in documents(file, path):
        yield Block.of(line, text + b"\n") if is_whole else Block(line, text, is_last=True)


def _split(file: IO[bytes], block_bytes: int, max_line_bytes: int) -> Iterator[Block]:
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

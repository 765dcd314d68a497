"""A log file opened for reading: plain, packed by whoever rotated it, in UTF-16, or one JSON text.

What is packed is told by its first bytes. Standard library only; :mod:`research.journal.scan`
teaches it Zstandard.
"""

import bz2
import codecs
import gzip
import json
import lzma
import re
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import IO, Any, Final, cast

from research.errors import FormatError

__all__ = ["PACKED", "documents", "holds_documents", "open_log"]

_RECORD: Final = re.compile(r'\{\s*"schema"')
Opener = Callable[[Path], IO[bytes]]

_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_MOST_BYTES: Final = 512 << 20  # of a file that is one JSON text and is read whole


def _zstd_unknown(path: Path) -> IO[bytes]:
    raise FormatError(f"{path.name}: Zstandard; unpack it first (zstd -d)")


def _gzip(path: Path) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(path, "rb"))


def _bzip2(path: Path) -> IO[bytes]:
    return bz2.open(path, "rb")


def _xz(path: Path) -> IO[bytes]:
    return lzma.open(path, "rb")


PACKED: dict[bytes, Opener] = {
    b"\x1f\x8b": _gzip,
    b"BZh": _bzip2,
    b"\xfd7zXZ\x00": _xz,
    _ZSTD: _zstd_unknown,
}


def open_log(path: Path) -> IO[bytes]:
    """``path`` as bytes of UTF-8 lines, unpacked on the way. Raises OSError, FormatError."""
    with path.open("rb") as file:
        head = file.read(16)
    opener = next((opener for magic, opener in PACKED.items() if head.startswith(magic)), None)
    if opener is not None:
        return opener(path)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and _is_spaced(head):
        return _from_utf16(path)
    return path.open("rb")


def _is_spaced(head: bytes) -> bool:
    """Whether Latin letters stand in every second byte behind the mark."""
    letters, zeros = head[2::2], head[3::2]
    if head.startswith(codecs.BOM_UTF16_BE):
        letters, zeros = zeros, letters
    return bool(zeros) and not any(zeros) and all(letters)


def _from_utf16(path: Path) -> IO[bytes]:
    raw = path.read_bytes()
    try:
        return BytesIO(raw.decode("utf-16").encode())
    except UnicodeDecodeError:
        return BytesIO(raw)  # no text at all: its lines are counted as such


def holds_documents(head: bytes) -> bool:
    """Whether a file that begins so is one JSON text of many lines: a list, or indented objects."""
    begin = head.removeprefix(codecs.BOM_UTF8).lstrip(b" \t\r\n")
    if begin.startswith(b"["):
        return begin[1:].lstrip(b" \t\r\n")[:1] == b"{"
    return begin.startswith(b"{") and begin[1:].lstrip(b" \t\r")[:1] == b"\n"


def documents(file: IO[bytes], path: Path) -> Iterator[tuple[int, bytes, bool]]:
    """(line it begins on, its text in one line, whether it is whole) of every object of a list."""
    raw = file.read(_MOST_BYTES + 1)
    if len(raw) > _MOST_BYTES:
        raise FormatError(
            f"{path.name}: one JSON text of more than {_MOST_BYTES >> 20} MiB; write one object a "
            "line (jq -c '.[]')"
        )
    text = raw.decode("utf-8-sig", errors="replace")
    decoder, at, line, seen = json.JSONDecoder(object_pairs_hook=_nothing), 0, 1, 0
    while True:
        while at < len(text) and text[at] in " \t\r\n,[]":
            at += 1
        if at >= len(text):
            return
        line += text.count("\n", seen, at)
        seen = at
        try:
            _, end = decoder.raw_decode(text, at)
            is_whole = True
        except (ValueError, RecursionError):
            following = _RECORD.search(text, at + 1)  # a damaged object costs itself only
            end, is_whole = (following.start() if following else len(text)), False
        yield line, _one_line(text[at:end]), is_whole
        at = end


def _nothing(pairs: list[tuple[str, Any]]) -> None:
    return None  # the text is read again, line by line


def _one_line(text: str) -> bytes:
    return " ".join(part.strip() for part in text.splitlines()).encode()

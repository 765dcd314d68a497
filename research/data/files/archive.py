"""Bytes of a file on disk: bounded, checked against the digest beside it."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from research.errors import ChecksumError, FormatError

__all__ = ["CHECKSUM_SUFFIX", "Blob", "read_blob"]

CHECKSUM_SUFFIX = ".CHECKSUM"
_DIGEST = re.compile(r"^\s*([0-9a-fA-F]{64})\b")


@dataclass(frozen=True, slots=True)
class Blob:
    """A file's bytes and what vouches for them."""

    data: bytes
    sha256: str
    is_verified: bool  # a digest stood beside the file and agrees


def read_blob(path: Path, *, most_bytes: int) -> Blob:
    """Bytes of ``path``, verified if a ``.CHECKSUM`` file is beside it.

    Raises
    ------
    FormatError
        The file is missing, unreadable, empty or larger than ``most_bytes``.
    ChecksumError
        The digest beside the file is broken or another one.
    """
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise FormatError(f"{path}: is a folder; name the files in it")
        if size > most_bytes:
            raise FormatError(
                f"{path}: {size:,} bytes are more than the {most_bytes:,} that one file may have; "
                "split it by month"
            )
        data = path.read_bytes()
    except OSError as error:
        raise FormatError(
            f"{path}: cannot be read ({error.strerror or error}); check the name and the rights"
        ) from None
    if not data.strip(b" \t\r\n\0"):
        raise FormatError(f"{path}: empty; fetch the file again")
    digest = hashlib.sha256(data).hexdigest()
    return Blob(data=data, sha256=digest, is_verified=_agrees(path, digest))


def _agrees(path: Path, digest: str) -> bool:
    beside = path.with_name(path.name + CHECKSUM_SUFFIX)
    if not beside.exists():
        return False
    try:
        line = beside.read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise ChecksumError(
            f"{beside}: cannot be read ({error.strerror}); check the rights"
        ) from None
    found = _DIGEST.match(line)
    if found is None:
        raise ChecksumError(
            f"{beside}: begins with {line[:20]!r}, not with a sha256 of 64 hex digits; "
            "fetch it again, or take it away to import without the check"
        )
    if found.group(1).lower() != digest:
        raise ChecksumError(
            f"{path}: sha256 is {digest[:16]}..., {beside.name} says "
            f"{found.group(1).lower()[:16]}...; the download is damaged or was replaced: "
            "fetch both files again"
        )
    return True

"""Files appear whole or not at all: written beside their place, fsynced, renamed."""

import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from research.errors import StoreError

__all__ = ["atomic_path", "temporaries_of", "write_bytes", "write_json", "write_text"]


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _temporary_beside(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    # the ending stays the target's: writers choose formats by it (savefig, to_parquet)
    descriptor, name = tempfile.mkstemp(
        dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix
    )
    os.fchmod(descriptor, 0o644)
    os.close(descriptor)
    return Path(name)


def temporaries_of(path: Path) -> list[Path]:
    """What writers of ``path`` that were killed left beside it, if no other is at work."""
    name = re.compile(rf"\.{re.escape(path.stem)}-[a-z0-9_]{{8}}{re.escape(path.suffix)}")
    beside = path.parent.iterdir() if path.parent.is_dir() else ()
    return [file for file in beside if name.fullmatch(file.name)]


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yields a temporary file beside ``path`` that takes its place when the block succeeds.

    Raises
    ------
    StoreError
        The folder cannot be made or written. The old file, if any, is untouched.
    """
    temporary: Path | None = None
    try:
        temporary = _temporary_beside(path)
        yield temporary
        _fsync(temporary)
        temporary.replace(path)
        _fsync(path.parent)
    except OSError as error:
        raise StoreError(
            f"{path}: cannot be written ({error.strerror or error}); "
            "choose a folder that exists or can be made, with room and the right to write"
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def write_bytes(path: Path, data: bytes) -> None:
    """Writes ``data`` to ``path`` atomically. Raises :class:`StoreError`."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    """Writes ``text`` as UTF-8 to ``path`` atomically. Raises :class:`StoreError`."""
    write_bytes(path, text.encode())


def write_json(path: Path, value: object) -> None:
    """Writes ``value`` as strict, indented JSON (no NaN) to ``path`` atomically."""
    write_text(path, json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False) + "\n")

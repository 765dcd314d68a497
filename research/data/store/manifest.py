"""The book of one (market, venue) folder: which files belong to it, their digests, their origin.

A change is written in three steps, and a stop between any two leaves a folder that reads whole:

1. ``manifest.next.json``: the book as it will be;
2. the month files, each replaced atomically;
3. ``manifest.next.json`` becomes ``manifest.json``.

Whoever finds a next book settles it file by file: a file whose bytes are the announced ones is
new, any other is still the old one, and both states are sound sets of minutes.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from research.atomic import write_json
from research.data.tables.schema import Venue
from research.data.tables.source import Source
from research.errors import StoreError

__all__ = [
    "BOOK",
    "NEXT_BOOK",
    "FileEntry",
    "Manifest",
    "announce",
    "digest",
    "load",
    "settle_next",
]

BOOK = "manifest.json"
NEXT_BOOK = "manifest.next.json"
SCHEMA_VERSION = 1
_LOOKS = 3  # a first import may write its files between two looks of a reader


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One Parquet file: its size in rows, its span (ISO minutes) and the digest of its bytes."""

    rows: int
    first: str
    last: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """All files of one (market, venue) and the sources that they were made from."""

    schema_version: int = SCHEMA_VERSION
    market: str
    venue: Venue
    is_synthetic: bool
    files: Mapping[str, FileEntry] = field(default_factory=dict)
    sources: tuple[Source, ...] = ()

    def with_files(self, files: Mapping[str, FileEntry], source: Source) -> "Manifest":
        """The book after ``files`` were written from ``source``."""
        named = dict(sorted((dict(self.files) | dict(files)).items()))
        return replace(self, files=named, sources=_with_source(self.sources, source))


def _with_source(sources: tuple[Source, ...], new: Source) -> tuple[Source, ...]:
    if new.sha256 is not None:
        return sources if new in sources else (*sources, new)
    # a stream of pages is one source: its entry grows, the book does not
    for at, old in enumerate(sources):
        if old.sha256 is None and (old.name, old.layout) == (new.name, new.layout):
            grown = replace(new, rows=old.rows + new.rows)
            return (*sources[:at], grown, *sources[at + 1 :])
    return (*sources, new)


_CHECKED = TypeAdapter(Manifest)


def load(folder: Path) -> Manifest | None:
    """The book in force, None if the folder has none; reads only, also after a stop half-way.

    Raises
    ------
    StoreError
        A book that cannot be read, or Parquet files without any book.
    """
    strays: list[str] = []
    for _ in range(_LOOKS):
        # the next book first: it can become the book between the two looks, never the reverse
        coming, book = _read(folder / NEXT_BOOK), _read(folder / BOOK)
        if coming is not None:
            return _settled(folder, book, coming)
        strays = _strays(folder)
        if book is not None or not strays:
            return book
    raise StoreError(
        f"{folder}: {len(strays)} Parquet files ({strays[0]} ...) without {BOOK}; "
        "move them out of the store and import them as files"
    )


def settle_next(folder: Path) -> Manifest | None:
    """As :func:`load`, and writes the outcome down where an earlier change was cut short."""
    manifest = load(folder)
    if (folder / NEXT_BOOK).exists():
        if manifest is not None:
            write_json(folder / BOOK, asdict(manifest))
        (folder / NEXT_BOOK).unlink()
    return manifest


def announce(folder: Path, coming: Manifest) -> None:
    """Step 1 of a change: writes the book as it will be."""
    write_json(folder / NEXT_BOOK, asdict(coming))


def digest(path: Path) -> str | None:
    """sha256 of a file's bytes, None if it is not there."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return None


def _settled(folder: Path, book: Manifest | None, coming: Manifest) -> Manifest | None:
    files = dict(book.files) if book else {}
    arrived = False
    for name, entry in coming.files.items():
        if files.get(name) != entry and digest(folder / name) == entry.sha256:
            files[name] = entry
            arrived = True
    if not arrived:
        return book
    return replace(coming, files=dict(sorted(files.items())))


def _read(path: Path) -> Manifest | None:
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        version = raw.get("schema_version")
        if version == SCHEMA_VERSION:
            return _CHECKED.validate_python(raw)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, AttributeError, ValidationError) as error:
        reason = str(error).splitlines()[0]
        raise StoreError(
            f"{path}: cannot be read ({reason}); take the folder away and import its files again"
        ) from None
    raise StoreError(
        f"{path}: schema version {version}, this program writes {SCHEMA_VERSION}; "
        "use the program that wrote it, or import the files again into another store"
    )


def _strays(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("[!.]*.parquet"))

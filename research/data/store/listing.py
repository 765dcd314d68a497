"""What a store holds, as a table."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import pandas as pd

from research.data.store.folder import FUNDING
from research.data.store.manifest import FileEntry, Manifest

__all__ = ["list_books"]

COLUMNS = (
    "market", "venue", "kind", "rows", "first", "last", "missing_minutes", "files", "bytes",
    "is_synthetic", "sources",
)  # fmt: skip


def list_books(root: Path, books: Sequence[Manifest]) -> pd.DataFrame:
    """One row per book and kind of file, see ``Store.listing``."""
    rows = []
    for book in books:
        funding = {name: entry for name, entry in book.files.items() if name == FUNDING}
        months = {name: entry for name, entry in book.files.items() if name != FUNDING}
        rows += [
            _row(root, book, kind, files)
            for kind, files in (("candles", months), ("funding", funding))
            if files
        ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(
    root: Path, book: Manifest, kind: str, files: Mapping[str, FileEntry]
) -> dict[str, object]:
    first = min(entry.first for entry in files.values())
    last = max(entry.last for entry in files.values())
    rows = sum(entry.rows for entry in files.values())
    paths = [root / book.market / book.venue / name for name in files]
    return {
        "market": book.market,
        "venue": book.venue,
        "kind": kind,
        "rows": rows,
        "first": first,
        "last": last,
        "missing_minutes": _span_minutes(first, last) - rows if kind == "candles" else 0,
        "files": len(files),
        "bytes": sum(path.stat().st_size for path in paths if path.exists()),
        "is_synthetic": book.is_synthetic,
        "sources": len(book.sources),
    }


def _span_minutes(first: str, last: str) -> int:
    span = datetime.fromisoformat(last) - datetime.fromisoformat(first)
    return int(span.total_seconds()) // 60 + 1

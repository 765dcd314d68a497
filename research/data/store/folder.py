"""One (market, venue) folder of the store: verified reading, and changes that arrive whole."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from research.atomic import write_bytes
from research.data.store.manifest import (
    BOOK,
    NEXT_BOOK,
    FileEntry,
    Manifest,
    announce,
    load,
    settle_next,
)
from research.data.store.monthfile import (
    candles_from_bytes,
    candles_to_bytes,
    funding_from_bytes,
    funding_to_bytes,
)
from research.data.tables.schema import Venue, iso_minute, minutes_ms
from research.data.tables.source import Source
from research.errors import StoreError

__all__ = ["FUNDING", "MARKET_NAME", "MONTH_FILE", "VenueFolder", "check_market", "month_file"]

FUNDING = "funding.parquet"
MARKET_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
MONTH_FILE = "%Y-%m.parquet"
"""Names of month files, as a format of dates."""
_LOOKS = 3  # a writer may replace a file between the look at its book and the look at its bytes


def check_market(market: str) -> None:
    """Raises StoreError where ``market`` is no name of a folder."""
    if not MARKET_NAME.fullmatch(market):
        raise StoreError(
            f"market {market!r}: a name has letters, digits, '.', '_' and '-' and begins with "
            "a letter or digit, such as BTC"
        )


def month_file(minute: pd.Timestamp) -> str:
    """Name of the file that holds ``minute``: ``2026-01.parquet``."""
    return minute.strftime(MONTH_FILE)


@dataclass(frozen=True, slots=True)
class VenueFolder:
    """Files of one venue of one market, and the book about them."""

    root: Path
    market: str
    venue: Venue

    @property
    def path(self) -> Path:
        """Where the files lie."""
        return self.root / self.market / self.venue

    def manifest(self) -> Manifest | None:
        """The book in force, None where nothing is stored. Raises StoreError."""
        return load(self.path)

    def months(self) -> list[str]:
        """Names of the month files, oldest first."""
        book = self.manifest()
        return [name for name in book.files if name != FUNDING] if book else []

    def candles(self, name: str) -> pd.DataFrame | None:
        """Candle table of one month file, None where there is none. Raises StoreError."""
        data = self._verified(name)
        return None if data is None else candles_from_bytes(data)

    def funding(self) -> pd.Series | None:
        """Stored funding series, None where there is none. Raises StoreError."""
        data = self._verified(FUNDING)
        return None if data is None else funding_from_bytes(data)

    def commit(self, tables: Mapping[str, pd.DataFrame | pd.Series], source: Source) -> Manifest:
        """Replaces the named files and the book so that a stop at any moment leaves both sound.

        Raises
        ------
        StoreError
            The folder cannot be written, or holds files that its book does not know.
        """
        book = settle_next(self.path) or Manifest(
            market=self.market, venue=self.venue, is_synthetic=source.is_synthetic
        )
        contents = {name: self._bytes(table, source) for name, table in tables.items()}
        entries = {name: _entry(tables[name], data) for name, data in contents.items()}
        coming = book.with_files(entries, source)
        announce(self.path, coming)
        for name, data in contents.items():
            write_bytes(self.path / name, data)
        try:
            (self.path / NEXT_BOOK).replace(self.path / BOOK)
        except OSError as error:
            raise StoreError(
                f"{self.path / BOOK}: cannot be written ({error.strerror}); check the rights"
            ) from None
        return coming

    def _bytes(self, table: pd.DataFrame | pd.Series, source: Source) -> bytes:
        if isinstance(table, pd.Series):
            return funding_to_bytes(table, is_synthetic=source.is_synthetic)
        return candles_to_bytes(table, self.venue, is_synthetic=source.is_synthetic)

    def _verified(self, name: str) -> bytes | None:
        problem = ""
        for _ in range(_LOOKS):
            book = self.manifest()
            if book is None or name not in book.files:
                return None
            try:
                data = (self.path / name).read_bytes()
            except OSError as error:
                problem = f"cannot be read ({error.strerror})"
                continue
            if hashlib.sha256(data).hexdigest() == book.files[name].sha256:
                return data
            problem = f"its bytes differ from the digest in {BOOK}"
        raise StoreError(
            f"{self.path / name}: {problem}; take the folder {self.path} away and import its "
            "files again"
        )


def _entry(table: pd.DataFrame | pd.Series, data: bytes) -> FileEntry:
    minutes = minutes_ms(table.index)
    return FileEntry(
        rows=len(table),
        first=iso_minute(int(minutes[0])),
        last=iso_minute(int(minutes[-1])),
        sha256=hashlib.sha256(data).hexdigest(),
    )

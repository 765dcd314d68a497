"""The store: recorded minutes as Parquet, one file per market, venue and month.

::

    <root>/<market>/<venue>/2026-01.parquet     candles of one UTC month
    <root>/<market>/<venue>/funding.parquet     funding, by payment
    <root>/<market>/<venue>/manifest.json       rows, spans, digests, sources

Readers may run beside one writer; writers hold :func:`research.data.store.lock.market_lock`.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from research.data.store.adding import AddReport, by_month, commit, mixture
from research.data.store.folder import FUNDING, MARKET_NAME, VenueFolder, check_market, month_file
from research.data.store.listing import list_books
from research.data.store.manifest import Manifest
from research.data.synthetic.market import SyntheticPair
from research.data.tables.funding import validate_funding
from research.data.tables.merge import Merge, OnConflict, merge
from research.data.tables.schema import (
    COLUMNS,
    REQUIRED,
    VENUES,
    Venue,
    candle_table,
    validate_candles,
)
from research.data.tables.source import Source
from research.errors import StoreError

__all__ = ["AddReport", "Store"]


@dataclass(frozen=True, slots=True)
class Store:
    """Minutes of all markets under one folder."""

    root: Path

    def add(
        self,
        market: str,
        venue: Venue,
        candles: pd.DataFrame,
        *,
        source: Source,
        on_conflict: OnConflict = "refuse",
    ) -> AddReport:
        """Adds minutes; only the files of the months that change are written.

        Minutes that are stored already change nothing, and a source that adds nothing leaves no
        trace. A value that was unknown (NaN) is completed. Columns that the venue does not have
        are left out.

        Parameters
        ----------
        candles : DataFrame
            Candle table, see :mod:`research.data.tables.schema`.
        on_conflict : {"refuse", "keep", "replace"}
            What to do where a stored minute contradicts: raise, keep the old row, take the new.

        Raises
        ------
        PriceError, OrderError, FormatError
            ``candles`` is no sound candle table.
        ConflictError
            Contradicting minutes and ``on_conflict="refuse"``; nothing is written.
        StoreError
            Synthetic minutes for a recorded market or the reverse, a damaged store, no room.
        """
        validate_candles(candles, place=f"{market} {venue} from {source.name}")
        folder = self._folder(market, venue)
        self._refuse_mixture(market, source)
        known = candles[[name for name in COLUMNS[venue] if name in candles.columns]]
        merges: dict[str, Merge] = {}
        for name, part in by_month(known):
            old = folder.candles(name)
            merges[name] = merge(part[:0] if old is None else old, part, on_conflict)
        return commit(folder, merges, source, on_conflict)

    def add_funding(
        self,
        market: str,
        rates: pd.Series,
        *,
        source: Source,
        venue: Venue = "dydx",
        on_conflict: OnConflict = "refuse",
    ) -> AddReport:
        """Adds rates by payment (dYdX: hourly), as :meth:`add` adds minutes; raises as it does."""
        validate_funding(rates, place=f"{market} {venue} funding from {source.name}")
        folder = self._folder(market, venue)
        self._refuse_mixture(market, source)
        old = folder.funding()
        merged = merge(
            (rates[:0] if old is None else old).to_frame("rate"),
            rates.to_frame("rate"),
            on_conflict,
        )
        return commit(folder, {FUNDING: merged}, source, on_conflict)

    def candles(
        self,
        market: str,
        venue: Venue,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> pd.DataFrame:
        """Candle table of the minutes in ``[start, end)``; without rows where nothing is stored.

        Optional columns appear where the span has a value. A file's digest is checked when it
        is read.

        Raises
        ------
        StoreError
            A file is missing or its bytes differ from the manifest's digest.
        """
        folder = self._folder(market, venue)
        first, last = _month_or_none(start), _month_or_none(end)
        names = [
            name
            for name in folder.months()
            if (first is None or name >= first) and (last is None or name <= last)
        ]
        parts = [part for part in map(folder.candles, names) if part is not None]
        if not parts:
            return _nothing()
        table = pd.concat(parts) if len(parts) > 1 else parts[0]
        table = table[_inside(table.index, start, end)]
        ordered = [name for name in COLUMNS[venue] if name in table.columns]
        told = [name for name in ordered if name in REQUIRED or table[name].notna().any()]
        return table[told]

    def funding(self, market: str, venue: Venue = "dydx") -> pd.Series | None:
        """Funding series of ``market``, None where none is stored. Raises StoreError."""
        return self._folder(market, venue).funding()

    def markets(self) -> list[str]:
        """Names of the markets that hold anything."""
        if not self.root.is_dir():
            return []
        named = (path.name for path in self.root.iterdir() if MARKET_NAME.fullmatch(path.name))
        return sorted(name for name in named if any(self._manifests(name)))

    def is_synthetic(self, market: str) -> bool:
        """Whether the minutes of ``market`` were made by the generator."""
        return any(book.is_synthetic for book in self._manifests(market))

    def label(self, market: str) -> str:
        """Name of the market for titles; says so where it is synthetic."""
        return f"{market} [SYNTHETIC]" if self.is_synthetic(market) else market

    def sources(self, market: str) -> tuple[str, ...]:
        """What the minutes of ``market`` were made from: ``venue name sha256``, without repeats."""
        lines = (
            f"{book.venue} {source.name} {source.sha256 or 'stream'}"
            for book in self._manifests(market)
            for source in book.sources
        )
        return tuple(dict.fromkeys(lines))

    def listing(self) -> pd.DataFrame:
        """One row per market, venue and kind (candles, funding); for `leadfollow data ls`.

        Columns: market, venue, kind, rows, first, last (ISO minutes), missing_minutes (within
        the span; 0 for funding), files, bytes, is_synthetic, sources. Raises StoreError.
        """
        return list_books(
            self.root, [book for name in self.markets() for book in self._manifests(name)]
        )

    def manifest(self, market: str, venue: Venue) -> Manifest | None:
        """The book about one venue of a market, None where nothing is stored."""
        return self._folder(market, venue).manifest()

    def remove_synthetic(self, market: str) -> bool:
        """Takes a synthetic market away as a whole; False where there was none.

        Raises
        ------
        StoreError
            The market holds recorded minutes: those are never removed here.
        """
        books = list(self._manifests(market))
        if not books:
            return False
        if not all(book.is_synthetic for book in books):
            raise StoreError(mixture(market, self.root, stored_synthetic=False))
        # renamed first: a stop half-way leaves a hidden folder, never half a market
        trash = self.root / f".removed-{market}"
        shutil.rmtree(trash, ignore_errors=True)
        (self.root / market).rename(trash)
        shutil.rmtree(trash, ignore_errors=True)
        return True

    def put_synthetic(self, market: str, pair: SyntheticPair) -> bool:
        """Stores both venues and the funding of a synthetic pair in place of an earlier one.

        Returns whether there was an earlier one. Raises StoreError for a recorded market.
        """
        was_there = self.remove_synthetic(market)
        self.add(market, "binance", pair.binance, source=pair.source)
        self.add(market, "dydx", pair.dydx, source=pair.source)
        self.add_funding(market, pair.funding, source=pair.source)
        return was_there

    def _manifests(self, market: str) -> Iterator[Manifest]:
        for venue in VENUES:
            book = self._folder(market, venue).manifest()
            if book is not None:
                yield book

    def _folder(self, market: str, venue: Venue) -> VenueFolder:
        check_market(market)
        return VenueFolder(self.root, market, venue)

    def _refuse_mixture(self, market: str, source: Source) -> None:
        for book in self._manifests(market):
            if book.is_synthetic != source.is_synthetic:
                raise StoreError(mixture(market, self.root, stored_synthetic=book.is_synthetic))


def _inside(
    index: pd.Index, start: datetime | None, end: datetime | None
) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    inside = np.ones(len(index), dtype=np.bool_)
    if start is not None:
        inside &= np.asarray(index >= pd.Timestamp(start))
    if end is not None:
        inside &= np.asarray(index < pd.Timestamp(end))
    return inside


def _month_or_none(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    stamp = pd.Timestamp(moment)
    if stamp.tzinfo is None:
        raise StoreError(f"{moment}: a span needs a time zone; add tzinfo=UTC")
    return month_file(stamp.tz_convert("UTC"))


def _nothing() -> pd.DataFrame:
    empty = np.empty(0, dtype=np.float64)
    return candle_table(np.empty(0, dtype=np.int64), dict.fromkeys(REQUIRED, empty))

"""Bulk files that were issued again after we took them: noticed by digest, compared by minute."""

import re
from dataclasses import dataclass

import pandas as pd

from research.data.parse.stamps import iso_to_ms
from research.data.store.store import Store
from research.data.tables.merge import merge
from research.data.tables.source import Source
from research.data.tables.spans import HOUR_MS, Span
from research.data.venues.binance_bulk import BulkFile, BulkSite, whole_month

__all__ = ["Reissue", "find_reissues"]

_NAME = re.compile(r"^([A-Z0-9]+)-1m-(\d{4}-\d\d)(-\d\d)?\.zip$")


@dataclass(frozen=True, slots=True)
class Reissue:
    """A bulk file whose published digest is another one than when we took it."""

    name: str
    stored_sha256: str
    published_sha256: str | None  # None: the file is gone from the site
    new: int  # minutes that the store lacks
    changed: int  # minutes that contradict the store
    first_change: str | None  # ISO minute

    def sentence(self) -> str:
        """For people."""
        if self.published_sha256 is None:
            return f"{self.name}: gone from the site; the stored minutes stay"
        if not self.new and not self.changed:
            return f"{self.name}: issued again, with the same minutes"
        first = f", first {self.first_change}" if self.first_change else ""
        return (
            f"{self.name}: issued again, {self.new:,} new and {self.changed:,} changed minutes"
            f"{first}; nothing was written: download it and take the new values with "
            "`leadfollow data import --venue binance --on-conflict replace`"
        )


def find_reissues(store: Store, market: str, site: BulkSite) -> list[Reissue]:
    """Compares every bulk file in the book of ``market`` with the site. Writes nothing.

    Raises
    ------
    FetchError, DataError, StoreError
        As the site and the store do.
    """
    book = store.manifest(market, "binance")
    found: list[Reissue] = []
    for source in book.sources if book else ():
        file = _file(source)
        if file is None or source.sha256 is None:
            continue
        published = site.digest(file)
        if published != source.sha256:
            found.append(_compare(store, market, site, file, source.sha256))
    return found


def _compare(store: Store, market: str, site: BulkSite, file: BulkFile, stored: str) -> Reissue:
    loaded = site.load(file)
    if loaded is None or loaded.source.sha256 is None:
        return Reissue(file.name, stored, None, 0, 0, None)
    index = loaded.candles.index
    ours = store.candles(market, "binance", index[0], index[-1] + pd.Timedelta(minutes=1))
    # a fetch may have wanted a part of the file only
    beside = (index >= ours.index.min()) & (index <= ours.index.max())
    merged = merge(ours, loaded.candles[beside], "refuse")
    first = merged.first_conflict.minute if merged.first_conflict else None
    return Reissue(file.name, stored, loaded.source.sha256, merged.new, merged.conflicting, first)


def _file(source: Source) -> BulkFile | None:
    found = _NAME.match(source.name)
    if found is None:
        return None
    symbol, month, day = found.groups()
    if day is None:
        first, _ = iso_to_ms([f"{month}-01T00:00Z"], place=source.name, column="period")
        return BulkFile(symbol, whole_month(int(first[0])), is_month=True)
    first, _ = iso_to_ms([f"{month}{day}T00:00Z"], place=source.name, column="period")
    start = int(first[0])
    return BulkFile(symbol, Span(start, start + 24 * HOUR_MS), is_month=False)

"""Whole months and days from the bulk site, a few at once, kept in the order of time.

Files are asked for side by side within the site's pace, because the way to it takes longer than a
file; they are kept one after the other, oldest first, so that the store and its book do not
depend on which arrived first.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from research.data.fetch.lanes import in_lanes
from research.data.tables.schema import minutes_ms
from research.data.tables.source import Source
from research.data.tables.spans import Span
from research.data.venues.binance_bulk import BulkFile, BulkMonth, BulkSite, files_for

__all__ = ["Bulk", "load_bulk"]


@dataclass(frozen=True, slots=True)
class Bulk:
    """The bulk site for one symbol: asked before the pages."""

    site: BulkSite
    symbol: str


def load_bulk(
    bulk: Bulk,
    holes: list[Span],
    keep: Callable[[pd.DataFrame, Source], None],
    *,
    now_ms: int,
    lanes: int,
    stop: threading.Event,
) -> None:
    """Keeps what whole months, then days, have of ``holes``; the rest is left to the pages.

    Parameters
    ----------
    keep : (candles, source) -> None
        Called for one file at a time, each wave oldest first.
    lanes : int
        Files asked for at once.

    Raises
    ------
    ChecksumError, FormatError, FetchError
        The first failure; files before it are kept.
    """

    def keep_part(month: BulkMonth) -> None:
        minutes = minutes_ms(month.candles.index)
        chosen = np.zeros(len(minutes), dtype=np.bool_)
        for hole in holes:
            chosen |= (minutes >= hole.first_ms) & (minutes < hole.end_ms)
        if chosen.any():
            # in one piece: half a file would change what a later run finds worth downloading
            keep(month.candles[chosen], month.source)

    files = files_for(bulk.symbol, holes, now_ms)
    absent = _load_all(bulk.site, files, keep_part, lanes=lanes, stop=stop)
    days = [
        day
        for file in absent
        if file.is_month
        for day in file.days()
        if any(hole.cut(day.span) for hole in holes)
    ]
    _load_all(bulk.site, days, keep_part, lanes=lanes, stop=stop)


def _load_all(
    site: BulkSite,
    files: Sequence[BulkFile],
    keep: Callable[[BulkMonth], None],
    *,
    lanes: int,
    stop: threading.Event,
) -> list[BulkFile]:
    """Keeps every file that the site has, in their order; returns those that it lacks."""
    arrived: dict[int, BulkMonth] = {}
    absent: set[int] = set()
    lock = threading.Lock()
    following = 0

    def work(at: int, is_stopped: Callable[[], bool]) -> None:
        nonlocal following
        loaded = site.load(files[at])
        with lock:
            if loaded is None:
                absent.add(at)
            else:
                arrived[at] = loaded
            while following in arrived or following in absent:
                if following in arrived:
                    keep(arrived.pop(following))
                following += 1

    in_lanes(range(len(files)), work, lanes=lanes, stop=stop)
    return [files[at] for at in sorted(absent)]

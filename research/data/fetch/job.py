"""Both venues' minutes and funding into the store: what is missing, page by page, nothing twice.

The plan is made anew from the store each time, so a fetch that was stopped anywhere, also by
``kill -9``, simply goes on. What a venue does not have is remembered beside the minutes.

Long stretches are worked on in a few lanes (``fetch.pages_at_once``), because the way to a venue
takes longer than its limits: dYdX allows a page every 0.1 s, and answers in two or three times
that. Within a lane every page is in the store before the next is asked for, so a kill costs the
pages in flight and nothing else. All lanes of a venue share its budget, and write one at a time.
Bulk files are asked for in as many lanes.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from research.clock import Clock, Skew, measure_skew
from research.data.fetch.bulk import Bulk, load_bulk
from research.data.fetch.kinds import Stream
from research.data.fetch.lanes import in_lanes, parts
from research.data.fetch.paging import page_through
from research.data.fetch.wanted import StreamReport, Wanted, Watch
from research.data.store.gapbook import GapBook
from research.data.store.manifest import settle_next
from research.data.store.store import Store
from research.data.tables.schema import MINUTE_MS
from research.data.tables.source import Source
from research.data.tables.spans import Span, merged, missing_spans, without
from research.settings.fetch import FetchSettings

__all__ = ["Bulk", "StreamReport", "Wanted", "Watch", "fetch_stream"]


@dataclass(slots=True)
class _Task:
    """One stream at work, and the book of its gaps."""

    store: Store
    market: str
    stream: Stream[Any]
    settings: FetchSettings
    watch: Watch
    clock: Clock
    book: GapBook
    now_ms: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)  # one writer of a folder

    def plan(self, span: Span, *, ask_gaps_again: bool) -> list[Span]:
        """What to ask for, oldest first."""
        step = self.stream.pages.step_ms
        stored = self.stream.stored_ms(span)
        if not self.stream.knows_gaps:
            return _open_ends(stored, span, step)
        holes = missing_spans(stored, span, step)
        return holes if ask_gaps_again else without(holes, self.book.gaps())

    def page_through(self, holes: list[Span]) -> None:
        """Asks for ``holes``, a few stretches at once."""
        pages = self.stream.pages
        locked = replace(pages, keep=self._keep)
        ordered = holes[::-1] if pages.newest_first else holes
        stretches = [
            part
            for hole in ordered
            for part in parts(hole, pages.step_ms, newest_first=pages.newest_first)
        ]

        def work(span: Span, is_stopped: Callable[[], bool]) -> None:
            page_through(locked, span, on_page=self.on_page, is_stopped=is_stopped)

        in_lanes(stretches, work, lanes=self.settings.pages_at_once, stop=self.watch.stop)

    def _keep(self, rows: Any) -> None:
        with self.lock:
            self.stream.pages.keep(rows)

    def keep_file(self, candles: pd.DataFrame, source: Source) -> None:
        """Stores minutes of one bulk file."""
        with self.lock:
            self.store.add(self.market, self.stream.venue, candles, source=source)
        self.watch.on_rows(self.stream.name, len(candles))

    def on_page(self, settled: int, holes: list[Span]) -> None:
        """Remembers holes that are old enough, and tells the watch."""
        old_enough = Span(0, self.now_ms - self.settings.gap_age_min * MINUTE_MS)
        if holes and self.stream.knows_gaps:
            with self.lock:
                self.book.remember(hole.cut(old_enough) for hole in holes)
        self.watch.on_rows(self.stream.name, settled)


def fetch_stream(
    store: Store,
    market: str,
    stream: Stream[Any],
    wanted: Wanted,
    *,
    settings: FetchSettings,
    clock: Clock,
    watch: Watch,
    requests: Callable[[], tuple[int, int]],
    ask_gaps_again: bool = False,
    bulk: Bulk | None = None,
) -> StreamReport:
    """Fetches what ``store`` lacks of ``wanted`` and reports.

    Parameters
    ----------
    requests : () -> (requests, retries)
        The counters of the clients behind ``stream``.

    Raises
    ------
    FetchError, DataError, StoreError
        What came before is kept.
    """
    started, before = time.monotonic(), requests()
    skew = measure_skew(stream.server_time_ms, clock)
    book = GapBook(store.root, market, stream.venue, stream.kind)
    task = _Task(store, market, stream, settings, watch, clock, book)
    task.now_ms = skew.server_ms(clock)
    step = stream.pages.step_ms
    closed = task.now_ms - round(settings.settle_s * 1000)
    span = _on_grid(wanted.span(closed // MINUTE_MS * MINUTE_MS), step)
    settle_next(book.path.parent)  # what a killed fetch left half-way
    had = len(_within(stream.stored_ms(span), span))
    holes = task.plan(span, ask_gaps_again=ask_gaps_again)
    missing = sum(hole.count(step) for hole in holes)
    watch.on_plan(stream.name, missing)
    if bulk is not None and holes:
        load_bulk(bulk, holes, task.keep_file, now_ms=task.now_ms, lanes=settings.pages_at_once,
                  stop=watch.stop)  # fmt: skip
        holes = task.plan(span, ask_gaps_again=ask_gaps_again)
    task.page_through(holes)
    return _report(task, span, before=before, counts=requests(), had=had, missing=missing,
                   seconds=time.monotonic() - started, skew=skew)  # fmt: skip


def _report(
    task: _Task, span: Span, *, before: tuple[int, int], counts: tuple[int, int], had: int,
    missing: int, seconds: float, skew: Skew,
) -> StreamReport:  # fmt: skip
    step = task.stream.pages.step_ms
    stored = _within(task.stream.stored_ms(span), span)
    open_spans = missing_spans(stored, span, step) if task.stream.knows_gaps else []
    gaps = without(open_spans, without(open_spans, task.book.gaps()))
    if task.stream.knows_gaps:
        # gaps that were filled meanwhile, by a retry or an import, are none any more
        known = task.book.gaps()
        outside = without(known, [span])
        task.book.replace([*outside, *gaps])
    return StreamReport(
        name=task.stream.name,
        span=span,
        step_ms=step,
        had=had,
        missing=missing,
        new=len(stored) - had,
        requests=counts[0] - before[0],
        retries=counts[1] - before[1],
        seconds=seconds,
        gaps=tuple(merged(gaps)),
        pending=tuple(without(open_spans, gaps)),
        skew=skew,
    )


def _open_ends(stored: Any, span: Span, step: int) -> list[Span]:
    """Before the first and after the last stored row, where the rhythm of rows is not known."""
    inside = _within(stored, span)
    if not len(inside):
        return [span] if span else []
    ends = [Span(span.first_ms, int(inside[0])), Span(int(inside[-1]) + step, span.end_ms)]
    return [end for end in ends if end.count(step) >= 8]


def _within(times: Any, span: Span) -> Any:
    low, high = np.searchsorted(times, [span.first_ms, span.end_ms])
    return times[low:high]


def _on_grid(span: Span, step: int) -> Span:
    """The hours (or minutes) that begin in ``span``."""
    return Span(-(-span.first_ms // step) * step, -(-span.end_ms // step) * step)

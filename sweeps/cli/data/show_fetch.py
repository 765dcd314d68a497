"""How a fetch looks on the terminal: bars while it runs, a table and the gaps when it is done."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from research.data.fetch.job import StreamReport, Watch
from research.data.fetch.market import FetchReport
from research.data.tables.schema import MINUTE_MS, iso_minute
from sweeps.cli.terminal import console, say

__all__ = ["progress_watch", "show_failure", "show_minute", "show_report"]

_MOST_GAPS = 12


@contextmanager
def progress_watch() -> Iterator[Watch]:
    """A watch that draws one bar per stream: minutes done, minutes per second, time left."""
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
    bars: dict[str, int] = {}
    lock = threading.Lock()

    def on_plan(name: str, rows: int) -> None:
        with lock:
            # nothing to do is a full bar, not one that waits
            bars[name] = progress.add_task(name, total=max(rows, 1), rate="")
            if not rows:
                progress.update(bars[name], completed=1)  # type: ignore[arg-type]

    def on_rows(name: str, rows: int) -> None:
        with lock:
            at = bars[name]
            progress.advance(at, rows)  # type: ignore[arg-type]
            speed = progress.tasks[at].speed
            progress.update(at, rate=f"{speed:,.0f} {_unit(name)}/s" if speed else "")  # type: ignore[arg-type]

    with progress:
        yield Watch(on_plan=on_plan, on_rows=on_rows)


def _unit(name: str) -> str:
    return "minutes" if name.endswith("minutes") else "payments"


def show_report(report: FetchReport, *, skew_warn_ms: float) -> None:
    """Table of the streams, the gaps that a venue has itself, and clocks that are off."""
    table = Table("stream", "span (UTC)", title=f"{report.market}: fetched")
    for name in ("had", "new", "requests", "repeated", "rows/s", "gaps"):
        table.add_column(name, justify="right")
    for stream in report.streams:
        table.add_row(*_cells(stream))
    console.print(table)
    if report.took_over:
        say("an earlier fetch was killed; it was taken up where it ended")
    for stream in report.streams:
        _show_gaps(stream)
        if abs(stream.skew.offset_ms) > skew_warn_ms and stream.name.endswith("minutes"):
            say(f"{stream.name}: {stream.skew.sentence()}; the server's time was used")
    if report.was_stopped:
        say("stopped; run it again to go on")


def show_minute(report: FetchReport) -> None:
    """One line per minute of a follower."""
    told = ", ".join(f"{stream.name} +{stream.new}" for stream in report.streams if stream.new)
    last = iso_minute(report.streams[0].span.end_ms - MINUTE_MS)
    say(f"up to {last}: {told or 'nothing new'}")


def show_failure(error: Exception) -> None:
    """A minute that a follower could not fetch."""
    say(f"{type(error).__name__}: {error}; going on in a minute")


def _cells(stream: StreamReport) -> list[str]:
    gaps = sum(gap.count(stream.step_ms) for gap in stream.gaps)
    speed = stream.new / stream.seconds if stream.seconds > 0 else 0.0
    numbers = (stream.had, stream.new, stream.requests, stream.retries, speed, gaps)
    span = stream.span.sentence(stream.step_ms).rsplit(" (", 1)[0].replace("T", " ")
    return [stream.name, span, *(f"{number:,.0f}" for number in numbers)]


def _show_gaps(stream: StreamReport) -> None:
    if stream.gaps:
        say(f"{stream.name}: the venue itself has no rows for (remembered; --retry-gaps asks):")
        for gap in stream.gaps[:_MOST_GAPS]:
            say(f"  {gap.sentence(stream.step_ms)}")
        if len(stream.gaps) > _MOST_GAPS:
            say(f"  and {len(stream.gaps) - _MOST_GAPS:,} more, see gaps.json in the store")
    for late in stream.pending:
        say(f"{stream.name}: not there yet: {late.sentence(stream.step_ms)}")

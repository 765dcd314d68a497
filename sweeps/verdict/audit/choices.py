"""Whether a search looks beyond its rows: the sets that it takes when what follows is garbage.

A walk-forward searches on training rows and trades the rows after them. If a set that it takes
changes when those rows do, the walk has seen its own test.
"""

from collections.abc import Callable, Iterator

from research.features import panel as panels
from research.features.panel import Panel
from research.frame.frame import Frame
from sweeps.verdict.audit.findings import Finding, Leak
from sweeps.verdict.audit.futures import How, poisoned
from sweeps.verdict.audit.history import History
from sweeps.verdict.audit.subjects import train_spans
from sweeps.verdict.walk import Search

__all__ = ["judged_choices"]


def judged_choices(
    history: History,
    panel: Panel,
    search: Search,
    seed: int,
    on_search: Callable[[int], object] = lambda _: None,
) -> tuple[Finding, ...]:
    """One finding for each training span; edges are fitted on the same rows, as a walk does."""
    found = []
    for span in train_spans(len(panel)):
        whole = search.choose(panel.with_edges_of(span), span)
        last = int(span.stop) - 1
        leaks: list[How] = []
        for how, frame in _futures(history, last, seed):
            other = panels.features(frame, panel.settings, edges=panel.edges)
            if search.choose(other.with_edges_of(span), span) != whole:
                leaks.append(how)
        minute = int(panel.minute[last])
        leak = Leak(minute=minute, cut=minute, how=leaks[0], cuts=1) if leaks else None
        found.append(
            Finding(
                name=f"search of rows {span.start:,}..{last:,}",
                kind="choice",
                cuts=1,
                leak=leak,
                is_empty=not whole,
                note=f"{len(whole):,} sets taken",
            )
        )
        on_search(1)
    return tuple(found)


def _futures(history: History, last: int, seed: int) -> Iterator[tuple[How, Frame]]:
    short = history.until(last)
    if history.settled(last) == last and len(short) == last + 1:
        yield "truncated", short
    yield "poisoned", poisoned(history.whole, last, seed)

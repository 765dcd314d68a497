"""What ``study`` and ``export`` share: the session with training edges, and the studies meant."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from research.jit import is_cold
from sweeps.cli.groups import FilterOptions, Overrides, SearchOptions, Source
from sweeps.cli.options import SideMode
from sweeps.cli.session import Session
from sweeps.cli.terminal import console, say

if TYPE_CHECKING:
    from sweeps.study.spec import StudySpec

__all__ = ["chosen_studies", "progress_bar", "study_session", "warn_if_cold"]


def study_session(
    source: Source, search: SearchOptions, overrides: Overrides, filters: FilterOptions
) -> Session:
    """A session of searches: regime edges are fitted on the training rows."""
    changes = search.changes() | overrides.changes() | filters.changes()
    return Session.open(source, is_trained=True, changes=changes)


def chosen_studies(
    session: Session,
    strategy: str | None,
    mode: SideMode,
    segment: str | None,
    *,
    until: float | None = None,
) -> "list[StudySpec]":
    """The studies of the strategies, modes and segments asked for (default: all)."""
    from research.errors import SearchError
    from research.features.labels import segment_of
    from strategies.backtest.model import executable_model
    from strategies.registry import strategies
    from sweeps.study.search import plan_studies

    names = [
        name
        for each in strategies()
        if strategy in (None, each.name)
        for name in map(each.title, each.bases_of(mode.value))
    ]
    segments = None if segment is None else [segment_of(segment)]
    specs = plan_studies(
        session.panel,
        session.settings,
        executable_model(session.settings),
        names=names,
        segments=segments,
        until=until,
    )
    if not specs:
        raise SearchError(
            f"no study is left: the filters let no entry in {segment or 'any segment'} pass; "
            "change --sessions, --regimes or --segment"
        )
    return specs


@contextmanager
def progress_bar(title: str, total: int) -> Iterator[Any]:
    """A progress bar; yields a function to call with the steps done since the last call."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    bar = Progress(
        *columns,
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,  # a bar in a log is an empty line
    )
    with bar:
        task = bar.add_task(title, total=total)
        yield lambda steps=1: bar.advance(task, steps)


def warn_if_cold() -> None:
    """Says why the first run after an installation or a change takes longer."""
    if is_cold():
        say("compiling kernels (first run only) ...")

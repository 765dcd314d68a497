"""The one way to run grids: piece by piece, into memory or onto disk, stopped and resumed."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from research.errors import SearchError
from research.features.panel import Panel
from research.measures.costs import Costs
from strategies.law.execution import EXECUTABLE, Execution
from sweeps.axes import GridSpec
from sweeps.cluster.workers import Workers
from sweeps.engine.budget import SET_BYTES
from sweeps.grid.about import GridAbout, check_valid, describe_grid
from sweeps.grid.result import GridResult
from sweeps.grid.roads import Road, TallyRoad, checked_threads, road_of
from sweeps.grid.stored.disk import begun_at, check_disk, is_finished, only_here
from sweeps.grid.stored.file import read
from sweeps.grid.stored.identity import grid_digest
from sweeps.grid.stored.places import InMemory, OnDisk, Place
from sweeps.grid.stored.remote import PieceTask, make_remotely, split

__all__ = ["GridJob", "run_grid", "run_grids"]

_MOST_HELD = 9  # tallies at a time: one in the making, the others with a writer each


@dataclass(frozen=True, slots=True, kw_only=True)
class GridJob:
    """A grid that is asked for, and where its numbers go: to ``path``, or into memory."""

    about: GridAbout
    path: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Means:
    """What a run may use."""

    threads: int
    memory_mib: int
    resume: bool
    command: Sequence[str]
    progress: Callable[[int], None] | None
    work: TallyRoad | None
    cluster: Workers[PieceTask, int] | None
    min_events: int | None

    def report(self, sets: int) -> None:
        if self.progress is not None:
            self.progress(sets)


def run_grid(
    panel: Panel,
    spec: GridSpec,
    *,
    execution: Execution = EXECUTABLE,
    costs: Costs | None = None,
    rows: slice | None = None,
    path: Path | None = None,
    threads: int | None = None,
    memory_mib: int = 1024,
    progress: Callable[[int], None] | None = None,
    tally: TallyRoad | None = None,
) -> GridResult:
    """Scores every set of ``spec`` on ``panel``: :func:`run_grids` for one grid.

    Parameters
    ----------
    costs
        Left out, the default taker fees and slippage, and funding.
    rows
        Rows on which entries are allowed; the frame ends with the last of them.
    path
        Where the numbers go; left out, they stay in memory.
    """
    about = describe_grid(panel, spec, execution=execution, costs=costs, rows=rows)
    with run_grids(
        panel,
        [GridJob(about=about, path=path)],
        threads=threads,
        memory_mib=memory_mib,
        progress=progress,
        tally=tally,
    ) as results:
        return next(results)


@contextmanager
def run_grids(
    panel: Panel,
    jobs: Sequence[GridJob],
    *,
    threads: int | None = None,
    memory_mib: int = 1024,
    resume: bool = False,
    command: Sequence[str] = (),
    progress: Callable[[int], None] | None = None,
    tally: TallyRoad | None = None,
    cluster: Workers[PieceTask, int] | None = None,
    min_events: int | None = None,
) -> Iterator[Iterator[GridResult]]:
    """Yields the results of several grids over one panel, each made when it is asked for.

    The paths are this process's own while the block lasts. Everything that can be refused is
    refused before the first grid is begun. What goes to disk is one file where it fits into the
    memory as one piece, else a folder; its result reads from there.

    Parameters
    ----------
    threads
        Left out, one a core. The numbers do not depend on it.
    memory_mib
        What ladder and pieces may fill together, at each moment.
    resume
        Keep the pieces that an earlier run has finished.
    progress
        Called with the number of sets that were finished since the last call.
    tally
        Another road to the tallies than the engine, such as
        :func:`sweeps.law_tally.plain_tally`, its yardstick: in one piece.
    cluster
        Workers that make and write the pieces of grids with a path, in place of this process.
    min_events
        Sums folders up beside their pieces, for sets with so many trades: what is looked at with
        that number then costs next to nothing.

    Raises
    ------
    ClusterError
        Workers or their scheduler fail. Finished pieces stay readable.
    FrameError
        A grid's rows hold no minute.
    LockError
        Another process works at one of the paths.
    SearchError
        No set is valid, two grids have one path, not even the smallest piece fits into the
        memory, or ``threads`` is below 1.
    StoreError
        A path holds another grid or an unfinished one that is not to be resumed, there is too
        little room, or it cannot be written. Finished pieces stay readable.
    """
    means = _Means(
        threads=checked_threads(threads),
        memory_mib=memory_mib,
        resume=resume,
        command=command,
        progress=progress,
        work=tally,
        cluster=cluster,
        min_events=min_events,
    )
    asked = _by_path(jobs)
    with ExitStack() as locks:
        for path in sorted(asked):
            locks.enter_context(only_here(path))
        check_disk(asked, resume=resume)
        for job in jobs:
            if job.path is None and tally is None:
                _check_memory(job.about.spec, memory_mib)
            check_valid(job.about.spec)
        yield (_made(panel, job, means) for job in jobs)


def _by_path(jobs: Sequence[GridJob]) -> dict[Path, GridAbout]:
    asked: dict[Path, GridAbout] = {}
    for job in jobs:
        if job.path in asked:
            raise SearchError(f"{job.path}: asked for by two grids; give each a path of its own")
        if job.path is not None:
            asked[job.path] = job.about
    return asked


def _check_memory(spec: GridSpec, memory_mib: int) -> None:
    """Refuses what no ladder, however small, leaves room for: before the ladder's plan is made."""
    needed = -(-spec.size * SET_BYTES // 2**20)
    if needed > memory_mib:
        raise SearchError(
            f"memory = {memory_mib:,} MiB: a tally of {spec.size:,} sets needs {needed:,} MiB and "
            "more; raise the memory or write the grid to disk piece by piece"
        )


def _made(panel: Panel, job: GridJob, means: _Means) -> GridResult:
    about, path = job.about, job.path
    if path is not None and means.resume and is_finished(path):  # of this very grid: checked
        means.report(about.spec.size)
        return read(path)
    road = road_of(panel, about, means.threads, means.work)
    with _place(road, job, means) as place:
        missing = [span for span in place.pieces if not place.has(span[0])]
        means.report(about.spec.size - sum(stop - first for first, stop in missing))
        if means.cluster is not None and isinstance(place, OnDisk):
            _hand_out(means.cluster, panel, about, place, missing, means.report)
        else:
            for first, stop in missing:
                place.keep(first, road.tally(first, stop, means.progress))
        return GridResult.of(about, place.tally(), place.summary())


def _hand_out(
    cluster: Workers[PieceTask, int],
    panel: Panel,
    about: GridAbout,
    place: OnDisk,
    missing: Sequence[tuple[int, int]],
    report: Callable[[int], None],
) -> None:
    digest = grid_digest(about)
    tasks = [
        PieceTask(
            grid=digest,
            about=about,
            first=first,
            stop=stop,
            file=place.file(first).absolute(),
            metadata=place.metadata,
        )
        for first, stop in missing
    ]
    make_remotely(cluster, panel, tasks, report)


def _place(road: Road, job: GridJob, means: _Means) -> Place:
    about, path, memory_mib = job.about, job.path, means.memory_mib
    if path is None:
        return InMemory(road.whole(memory_mib))
    begun = begun_at(path) if means.resume else None
    least = road.least if begun is None else max(stop - first for first, stop in begun.pieces)
    held = max(1, min(road.room(memory_mib) // least, means.threads + 1, _MOST_HELD))
    fitting = road.pieces(memory_mib, SET_BYTES * held)
    if means.cluster is not None:
        fitting = split(fitting, road.least, means.cluster.count)
    if begun is not None and least > road.room(memory_mib):
        raise SearchError(
            f"{path}: was begun with pieces of {least:,} sets, of which "
            f"{road.room(memory_mib):,} fit into memory = {memory_mib:,} MiB; raise the memory, "
            "or begin anew elsewhere"
        )
    return OnDisk(
        about,
        path,
        fitting if begun is None else begun.pieces,
        is_begun=begun is not None,
        held=held,
        command=means.command,
        min_events=means.min_events,
    )

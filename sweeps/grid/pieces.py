"""Grids of any size: tallied and written piece by piece, stopped and resumed."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from research.errors import SearchError, StoreError
from research.features.labels import SEGMENTS
from research.features.panel import Panel
from research.measures.costs import Costs
from strategies.law.execution import EXECUTABLE, Execution
from sweeps.axes import GridSpec
from sweeps.engine import Sweep
from sweeps.grid.file import (
    about_grid,
    grid_digest,
    part_path,
    read_about,
    read_grid,
    write_about,
    write_grid,
)
from sweeps.grid.parts import ROW_BYTES, write_part
from sweeps.grid.result import GridResult, checked_threads, describe_grid

__all__ = ["Job", "stream_grid", "stream_grids"]

Pieces = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One grid and where it goes."""

    spec: GridSpec
    path: Path
    costs: Costs | None = None  # left out, the default taker costs


def stream_grids(
    panel: Panel,
    jobs: Sequence[Job],
    *,
    execution: Execution = EXECUTABLE,
    rows: slice | None = None,
    threads: int | None = None,
    memory_mib: int = 1024,
    resume: bool = False,
    command: Sequence[str] = (),
    progress: Callable[[int], None] | None = None,
) -> Iterator[GridResult]:
    """Scores several grids over one panel, such as both modes, one after the other.

    Everything that can be refused is refused before the first is begun.

    Parameters
    ----------
    rows
        Rows on which entries are allowed; the frame ends with the last of them.
    memory_mib
        What ladder and piece may fill together, at each moment.
    resume
        Keep the pieces that an earlier run has finished.
    progress
        Called with the number of sets that were finished since the last call.

    Raises
    ------
    FrameError
        ``rows`` hold no minute.
    SearchError
        No set is valid, not even the smallest piece fits into the memory, ``threads`` below 1.
    StoreError
        A path holds another grid or an unfinished one that is not to be resumed, there is too
        little room, or it cannot be written. Finished pieces stay readable.
    """
    workers = checked_threads(threads)
    abouts = [
        describe_grid(panel, job.spec, execution=execution, costs=job.costs, rows=rows)
        for job in jobs
    ]
    for job, about in zip(jobs, abouts, strict=True):
        _check_path(job.path, about, resume=resume)
    _check_room(jobs)
    for job, about in zip(jobs, abouts, strict=True):
        sweep = Sweep(
            panel,
            job.spec,
            execution=execution,
            costs=about.costs,
            rows=about.rows,
            threads=workers,
        )
        yield stream_grid(
            sweep,
            about,
            job.path,
            memory_mib=memory_mib,
            resume=resume,
            command=command,
            progress=progress,
        )


def stream_grid(
    sweep: Sweep,
    about: GridResult,
    path: Path,
    *,
    memory_mib: int,
    resume: bool,
    command: Sequence[str],
    progress: Callable[[int], None] | None,
) -> GridResult:
    """One grid of :func:`stream_grids`; a single piece becomes a file, several a folder."""
    if resume and _is_finished(path):  # of this very grid: checked before
        if progress is not None:
            progress(about.spec.size)
        return read_grid(path)
    pieces = _pieces(sweep, path, memory_mib, resume=resume)
    if len(pieces) == 1 and not path.is_dir():
        result = replace(about, tally=sweep.tally(0, sweep.spec.size, progress))
        write_grid(result, path, command)
        return result
    if not (resume and path.is_dir()):
        _clear(path)
        write_about(path, about, pieces, command)
    for left in path.glob(".part-*"):  # by a run that was killed
        left.unlink()
    text = about_grid(about, command)
    for first, stop in pieces:
        file = part_path(path, first)
        if not file.exists():
            write_part(file, sweep.spec, sweep.tally(first, stop, progress), first, text)
        elif progress is not None:
            progress(stop - first)
    return read_grid(path)


def _pieces(sweep: Sweep, path: Path, memory_mib: int, *, resume: bool) -> Pieces:
    """Those that fit into the memory; a run goes on with the pieces that it began with."""
    fitting = sweep.pieces(memory_mib)
    if not (resume and path.is_dir()):
        return fitting
    begun: Pieces = read_about(path)["pieces"]
    largest = max(stop - first for first, stop in fitting)
    if any(stop - first > largest for first, stop in begun[:-1]):
        wanted = max(stop - first for first, stop in begun)
        raise SearchError(
            f"{path}: was begun with pieces of {wanted:,} sets, of which {largest:,} fit into "
            f"memory = {memory_mib:,} MiB; raise the memory, or begin anew elsewhere"
        )
    return begun


def _is_finished(path: Path) -> bool:
    return path.is_file() or (path.is_dir() and not _missing(path))


def _missing(folder: Path) -> list[int]:
    """First sets of the pieces that are not there yet."""
    pieces = read_about(folder)["pieces"]
    return [first for first, _ in pieces if not part_path(folder, first).exists()]


def _check_path(path: Path, about: GridResult, *, resume: bool) -> None:
    """Refuses to lose finished pieces, and to go on with another grid's."""
    if resume and path.exists() and _digest_at(path) != grid_digest(about):
        raise StoreError(
            f"{path}: holds another grid (other data, rows, axes, model or costs); "
            "give another folder with --out, or leave out --resume"
        )
    if not path.is_dir():
        return
    stored, missing = read_about(path), _missing(path)
    if missing and not resume:
        done = len(stored["pieces"]) - len(missing)
        raise StoreError(
            f"{path}: an unfinished grid, {done:,} of {len(stored['pieces']):,} pieces are there; "
            "go on with --resume, or remove the folder"
        )


def _digest_at(path: Path) -> str:
    """Which grid a file or a folder, finished or not, holds. Raises :class:`StoreError`."""
    if path.is_dir():
        return str(read_about(path).get("digest"))
    return grid_digest(read_grid(path))


def _check_room(jobs: Sequence[Job]) -> None:
    """Refuses what the disk cannot hold, as far as that is known before."""
    for job in jobs:
        needed = job.spec.size * len(SEGMENTS) * ROW_BYTES
        there = next(path for path in job.path.absolute().parents if path.exists())
        free = shutil.disk_usage(there).free
        if needed > free:
            raise StoreError(
                f"{job.path}: {job.spec.size:,} sets need about {needed / 2**30:,.1f} GiB, "
                f"{free / 2**30:,.1f} GiB are free; make room, give another folder with --out, "
                "or take fewer levels"
            )


def _clear(path: Path) -> None:
    """Removes a finished grid that is made anew, its description first."""
    if path.is_file():
        path.unlink()
    if path.is_dir():
        (path / "_about.json").unlink(missing_ok=True)
        for file in path.glob("part-*.parquet"):
            file.unlink()

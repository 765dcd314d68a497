"""The disk before a grid is begun: one process a path, whose it is, whether there is room."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from research.atomic import temporaries_of
from research.clock import Clock
from research.errors import StoreError
from research.features.labels import SEGMENTS
from research.lock import file_lock
from sweeps.grid.about import GridAbout
from sweeps.grid.stored.file import read
from sweeps.grid.stored.folder import Begun, is_deserted
from sweeps.grid.stored.identity import grid_digest
from sweeps.grid.stored.piece_file import ROW_BYTES

__all__ = ["begun_at", "check_disk", "is_finished", "only_here"]

_PATIENCE_S = 3.0


@contextmanager
def only_here(path: Path) -> Iterator[None]:
    """Keeps ``path`` for this process while the block lasts; clears what a killed one left of it.

    Raises
    ------
    LockError
        Another process works there.
    StoreError
        The folder cannot be made or written.
    """
    busy = (
        "another grid is being made there: wait for it, stop it, or give another folder with --out"
    )
    lock = path.with_name(f".lock-{path.name}")
    with file_lock(lock, busy=busy, clock=Clock(), patience_s=_PATIENCE_S):
        for file in temporaries_of(path):  # by a run that was killed
            file.unlink()
        yield


def check_disk(asked: Mapping[Path, GridAbout], *, resume: bool) -> None:
    """Refuses to lose finished pieces, to go on with another grid's, and what finds no room.

    Raises
    ------
    StoreError
        A path holds something else, or an unfinished grid that is not to be resumed; the missing
        pieces of all grids together do not fit.
    """
    for path, about in asked.items():
        _check_path(path, about, resume=resume)
    _check_room(asked, resume=resume)


def begun_at(path: Path) -> Begun | None:
    """The folder that was begun there; None for a file, nothing, or what a killed run left."""
    return Begun.read(path) if path.is_dir() and not is_deserted(path) else None


def is_finished(path: Path) -> bool:
    """Whether a whole grid is there."""
    begun = begun_at(path)
    return path.is_file() or (begun is not None and not begun.missing)


def _check_path(path: Path, about: GridAbout, *, resume: bool) -> None:
    begun = begun_at(path)
    if resume and (begun is not None or path.is_file()):
        digest = grid_digest(read(path)) if begun is None else begun.digest
        if digest != grid_digest(about):
            raise StoreError(
                f"{path}: holds another grid (other data, rows, axes, model or costs); "
                "give another folder with --out, or leave out --resume"
            )
    if begun is not None and begun.missing and not resume:
        done = len(begun.pieces) - len(begun.missing)
        raise StoreError(
            f"{path}: an unfinished grid, {done:,} of {len(begun.pieces):,} pieces are there; "
            "go on with --resume, or remove the folder"
        )


def _check_room(asked: Mapping[Path, GridAbout], *, resume: bool) -> None:
    """Refuses what the disks cannot hold, as far as that is known before."""
    wanted: dict[int, tuple[Path, int]] = {}
    for path, about in asked.items():
        there = next(folder for folder in path.absolute().parents if folder.exists())
        disk = there.stat().st_dev
        first, sets = wanted.get(disk, (path, 0))
        wanted[disk] = (first, sets + _missing_sets(path, about, resume=resume))
    for path, sets in wanted.values():
        needed = sets * len(SEGMENTS) * ROW_BYTES
        there = next(folder for folder in path.absolute().parents if folder.exists())
        free = shutil.disk_usage(there).free
        if needed > free:
            raise StoreError(
                f"{path}: {sets:,} sets need about {needed / 2**30:,.1f} GiB, "
                f"{free / 2**30:,.1f} GiB are free; make room, give another folder with --out, "
                "or take fewer levels"
            )


def _missing_sets(path: Path, about: GridAbout, *, resume: bool) -> int:
    if not resume:
        return about.spec.size
    if is_finished(path):
        return 0
    begun = begun_at(path)
    return about.spec.size if begun is None else sum(b - a for a, b in begun.missing)

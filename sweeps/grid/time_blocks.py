"""Sums per set and block of time on disk: the matrix that statistics of overfitting start from.

A folder holds ``about.json`` (where it came from, blocks, pieces) and for every piece of the grid
``events``, ``net`` and ``net_squared`` as NumPy files of shape (blocks, sets): memory-mapped, so
that a matrix larger than the memory can be read a slice at a time. Pieces appear whole or not at
all; a run that was stopped goes on with the next.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from research.arrays import Floats, Ints
from research.atomic import atomic_path, write_json
from research.errors import SearchError, StoreError
from research.features.panel import Panel
from sweeps.engine import AnySweep, PartSums, sums_by_part

__all__ = ["DAY_MIN", "TimeBlocks", "block_starts", "read_time_blocks", "write_time_blocks"]

DAY_MIN = 1440
_SCHEMA = "leadfollow.time-blocks/1"
_DTYPES = {"events": np.int32, "net": np.float64, "net_squared": np.float64}
_PART_BYTES = 2 * (4 * 8)  # of one set and block: what the engine adds up, and its answer


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeBlocks:
    """A matrix on disk.

    Attributes
    ----------
    minutes
        Epoch minute at which each block begins, UTC, shape (blocks,).
    pieces
        Spans of sets that are there, in the order of the grid.
    is_whole
        Whether they cover it.
    """

    folder: Path
    minutes: Ints
    pieces: tuple[tuple[int, int], ...]
    is_whole: bool
    about: dict[str, Any]

    def matrix(
        self, name: Literal["events", "net", "net_squared"], first: int, stop: int
    ) -> Floats | Ints:
        """One sum of sets ``first .. stop`` in every block, shape (blocks, sets), percent.

        Raises
        ------
        SearchError
            Some of these sets are not there.
        StoreError
            A file of theirs is gone or damaged.
        """
        wanted = [span for span in self.pieces if span[0] < stop and first < span[1]]
        if sum(min(stop, end) - max(first, begin) for begin, end in wanted) != stop - first:
            raise SearchError(
                f"{self.folder}: sets {first:,} .. {stop:,} are not all there; resume the run"
            )
        parts = [
            _load(self.folder, name, span)[:, max(first - span[0], 0) : stop - span[0]]
            for span in wanted
        ]
        return np.concatenate(parts, axis=1)


def block_starts(panel: Panel, rows: slice, block_min: int) -> Ints:
    """Rows at which a block of ``block_min`` UTC minutes begins, the first of ``rows`` included.

    Raises
    ------
    SearchError
        ``block_min`` is below 1.
    """
    if block_min < 1:
        raise SearchError(f"time blocks must be at least 1 minute long, were {block_min}")
    start, stop, _ = rows.indices(len(panel))
    block = panel.minute[start:stop] // block_min
    return start + np.flatnonzero(np.diff(block, prepend=block[:1] - 1))


def write_time_blocks(
    sweep: AnySweep,
    folder: Path,
    *,
    rows: slice,
    about: Mapping[str, Any],
    block_min: int = DAY_MIN,
    memory_mib: int = 1024,
    progress: Callable[[int], None] | None = None,
) -> TimeBlocks:
    """Writes the matrix of ``sweep`` piece by piece; pieces that are there already are kept.

    Parameters
    ----------
    rows
        Rows on which entries are allowed: those of the sweep.
    about
        Where the grid came from; its ``data`` and ``parameters`` must be those of the pieces.
    progress
        Called with the number of sets that were finished since the last call.

    Raises
    ------
    SearchError
        Not even the smallest piece fits into the memory; ``block_min`` is below 1.
    StoreError
        The folder cannot be written, or holds the matrix of another grid.
    """
    starts = block_starts(sweep.panel, rows, block_min)
    spans = _spans_of(folder, sweep, starts, about, memory_mib)
    for first, stop in spans:
        if not _is_there(folder, (first, stop)):
            _write_piece(folder, (first, stop), sums_by_part(sweep, first, stop, starts))
        if progress is not None:
            progress(stop - first)
    return read_time_blocks(folder)


def read_time_blocks(folder: Path) -> TimeBlocks:
    """What :func:`write_time_blocks` wrote, finished or not. Raises :class:`StoreError`."""
    stored = _about(folder)
    spans = [(int(first), int(stop)) for first, stop in stored["pieces"]]
    there = tuple(span for span in spans if _is_there(folder, span))
    return TimeBlocks(
        folder=folder,
        minutes=np.array(stored["block_minutes"], dtype=np.int64),
        pieces=there,
        is_whole=len(there) == len(spans),
        about=stored,
    )


def _spans_of(
    folder: Path, sweep: AnySweep, starts: Ints, about: Mapping[str, Any], memory_mib: int
) -> list[tuple[int, int]]:
    """The pieces that the folder was begun with, or those that fit into the memory now."""
    minutes = sweep.panel.minute[starts].tolist()
    if (folder / "about.json").exists():
        stored = _about(folder)
        asked = json.loads(json.dumps({key: about[key] for key in ("data", "parameters")}))
        if stored["block_minutes"] != minutes or not asked.items() <= stored.items():
            raise StoreError(
                f"{folder}: holds the time blocks of another grid; "
                "give another folder, or remove it"
            )
        return [(int(first), int(stop)) for first, stop in stored["pieces"]]
    spans = list(sweep.pieces(memory_mib, _PART_BYTES * starts.size))
    body = {"schema": _SCHEMA, **about, "block_minutes": minutes, "pieces": spans}
    write_json(folder / "about.json", body)
    return spans


def _write_piece(folder: Path, span: tuple[int, int], sums: PartSums) -> None:
    for name, dtype in _DTYPES.items():
        with atomic_path(_file(folder, name, span)) as temporary:
            np.save(temporary, getattr(sums, name).astype(dtype, copy=False))


def _load(folder: Path, name: str, span: tuple[int, int]) -> Any:
    file = _file(folder, name, span)
    try:
        return np.load(file, mmap_mode="r")
    except (OSError, ValueError) as error:
        raise StoreError(
            f"{file}: cannot be read as time blocks ({error}); remove it and resume the run"
        ) from None


def _about(folder: Path) -> dict[str, Any]:
    file = folder / "about.json"
    try:
        stored: dict[str, Any] = json.loads(file.read_bytes())
        if stored["schema"] != _SCHEMA:
            raise ValueError(f"schema is {stored['schema']!r}, not {_SCHEMA!r}")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(
            f"{file}: no time blocks of a grid ({error}); "
            "make them with `leadfollow grid --time-blocks`"
        ) from None
    return stored


def _file(folder: Path, name: str, span: tuple[int, int]) -> Path:
    return folder / f"{name}-{span[0]:010d}.npy"


def _is_there(folder: Path, span: tuple[int, int]) -> bool:
    return all(_file(folder, name, span).exists() for name in _DTYPES)

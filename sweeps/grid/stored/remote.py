"""The pieces of a grid on a cluster: each made and written by a worker, under its own name.

A worker keeps its sweep from piece to piece, so the ladder is climbed once a worker. A piece that
two workers make (the first seemed dead) is the same bytes under the same name.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from research.errors import StoreError
from research.features.panel import Panel
from sweeps.cluster.workers import Workers
from sweeps.engine import AnySweep, sweep_of
from sweeps.grid.about import GridAbout
from sweeps.grid.stored.piece_file import Pieces, write_piece

__all__ = ["PieceTask", "make_piece", "make_remotely", "split"]

_PIECES_A_WORKER = 4  # the last piece of a span leaves the other workers idle for its time

_last: tuple[str, AnySweep] | None = None  # of this process


@dataclass(frozen=True, slots=True, kw_only=True)
class PieceTask:
    """A piece to be made, and where it goes."""

    grid: str  # digest: which sweep of a worker it belongs to
    about: GridAbout
    first: int
    stop: int
    file: Path  # absolute, in a folder that every machine sees under this name
    metadata: Mapping[str, Any]


def split(pieces: Pieces, least: int, workers: int) -> Pieces:
    """``pieces`` cut finer, in multiples of ``least``, until every worker has several."""
    size = pieces[-1][1]
    wanted = -(-size // (max(workers, 1) * _PIECES_A_WORKER))
    step = min(pieces[0][1] - pieces[0][0], max(-(-wanted // least), 1) * least)
    return tuple((first, min(first + step, size)) for first in range(0, size, step))


def make_piece(task: PieceTask, panel: Panel) -> int:
    """Makes and writes one piece; the number of its sets. Raises :class:`StoreError`."""
    global _last
    if _last is None or _last[0] != task.grid:
        about = task.about
        sweep = sweep_of(
            panel, about.spec, execution=about.execution, costs=about.costs, rows=about.rows
        )
        _last = (task.grid, sweep)
    tally = _last[1].tally(task.first, task.stop)
    write_piece(task.file, task.about.spec, tally, task.first, task.metadata)
    return task.stop - task.first


def make_remotely(
    workers: Workers[PieceTask, int],
    panel: Panel,
    tasks: Sequence[PieceTask],
    progress: Callable[[int], None],
) -> None:
    """Has ``tasks`` done; every file is there, or an error says which is not.

    Raises
    ------
    ClusterError
        As :meth:`sweeps.cluster.workers.Workers.run`.
    StoreError
        A worker cannot write, or writes where this machine does not see it.
    """
    named = {task.file.name: task for task in tasks}
    for name, sets in workers.run(make_piece, named, panel):
        if not named[name].file.exists():
            raise StoreError(
                f"{named[name].file}: written by a worker, and not to be seen here; --out must be "
                "a folder that every machine mounts under the same name"
            )
        progress(sets)

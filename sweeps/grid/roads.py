"""Ways from a grid to its tallies: the engine piece by piece, or any road that knows it whole."""

import os
from collections.abc import Callable
from typing import Protocol

from research.errors import SearchError
from research.features.panel import Panel
from research.measures.costs import Costs
from strategies.law.execution import Execution
from sweeps.axes import GridSpec
from sweeps.engine import sweep_of
from sweeps.engine.budget import SET_BYTES
from sweeps.grid.about import GridAbout
from sweeps.grid.stored.piece_file import Pieces
from sweeps.tally import Tally

__all__ = ["Road", "TallyRoad", "checked_threads", "road_of"]


class TallyRoad(Protocol):
    """A way from a panel and a grid to the tally of its sets; all give the same trades."""

    def __call__(  # noqa: D102 (the class says it)
        self,
        panel: Panel,
        spec: GridSpec,
        *,
        execution: Execution,
        costs: Costs,
        rows: slice | None,
        threads: int,
        progress: Callable[[int], None] | None,
    ) -> Tally: ...


class Road(Protocol):
    """A way to the tally of any piece of one grid: what :class:`sweeps.engine.Sweep` is."""

    @property
    def least(self) -> int:
        """Sets of the smallest piece."""
        ...

    def room(self, memory_mib: int) -> int:
        """How many sets' tallies the memory holds."""
        ...

    def whole(self, memory_mib: int) -> Pieces:
        """The grid as one piece. Raises SearchError where the memory cannot hold its tally."""
        ...

    def pieces(self, memory_mib: int, set_bytes: int = SET_BYTES) -> Pieces:
        """Pieces that fit into the memory. Raises SearchError where not even the least does."""
        ...

    def tally(self, first: int, stop: int, progress: Callable[[int], None] | None = None) -> Tally:
        """The tally of one piece."""
        ...


class _WholeGrids:
    """A road that knows whole grids only, and sees to its own memory: one piece, wherever to."""

    def __init__(self, panel: Panel, about: GridAbout, threads: int, work: TallyRoad) -> None:
        self._panel, self._about, self._threads, self._work = panel, about, threads, work
        self.least = about.spec.size

    def room(self, memory_mib: int) -> int:
        del memory_mib
        return self.least

    def whole(self, memory_mib: int) -> Pieces:
        del memory_mib
        return ((0, self.least),)

    def pieces(self, memory_mib: int, set_bytes: int = SET_BYTES) -> Pieces:
        del set_bytes
        return self.whole(memory_mib)

    def tally(self, first: int, stop: int, progress: Callable[[int], None] | None = None) -> Tally:
        del first, stop
        about = self._about
        return self._work(
            self._panel,
            about.spec,
            execution=about.execution,
            costs=about.costs,
            rows=about.rows,
            threads=self._threads,
            progress=progress,
        )


def road_of(panel: Panel, about: GridAbout, threads: int, work: TallyRoad | None) -> Road:
    """The engine, or the road that ``work`` is. Raises FrameError where there is no minute."""
    if work is not None:
        return _WholeGrids(panel, about, threads, work)
    return sweep_of(
        panel,
        about.spec,
        execution=about.execution,
        costs=about.costs,
        rows=about.rows,
        threads=threads,
    )


def checked_threads(threads: int | None) -> int:
    """``threads``, or one a core. Raises :class:`SearchError` below 1."""
    workers = threads if threads is not None else os.cpu_count() or 1
    if workers < 1:
        raise SearchError(f"threads must be at least 1, was {workers}")
    return workers

"""The law's own road for any strategy: set by set, with the same doors as the engine's sweep.

Slower by some hundred times, and the same trades by definition: the road of strategies that the
engine knows no plan for.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from research.arrays import Bools, Floats, Ints, Records
from research.errors import FrameError, SearchError
from research.features.labels import SEGMENTS
from research.features.panel import Panel
from research.measures.costs import Costs
from strategies.law.execution import Execution
from sweeps.axes import GridSpec
from sweeps.law_tally.kernels import book
from sweeps.law_tally.tally import empty_part, segments_at, write_part
from sweeps.tally import COUNTS, SUMS, Tally

__all__ = ["LawSweep"]

_MIB = 2**20
_SET_BYTES = len(SEGMENTS) * 8 * (len(COUNTS) + len(SUMS) + 1)
_MOST_SETS = 4096  # of a piece: progress and Ctrl-C come between pieces
_CHUNK = 16


class LawSweep:
    """Any sets of one grid on one panel, each run through its law.

    Parameters
    ----------
    rows
        Rows on which entries are allowed; the frame ends with the last of them.

    Raises
    ------
    FrameError
        ``rows`` hold no minute.
    """

    least = 1
    """Sets of the smallest piece."""

    def __init__(
        self,
        panel: Panel,
        spec: GridSpec,
        *,
        execution: Execution,
        costs: Costs,
        rows: slice | None = None,
        threads: int = 1,
    ) -> None:
        start, stop, _ = (rows or slice(None)).indices(len(panel))
        if start >= stop:
            raise FrameError(
                f"{panel.frame.label}: rows {start}..{stop} hold no minute; widen them"
            )
        self.panel, self.spec, self.threads = panel, spec, threads
        self._execution, self._costs, self._rows = execution, costs, slice(start, stop)
        self._segments = segments_at(panel)

    def is_valid(self, first: int, stop: int) -> Bools:
        """Which of sets ``first .. stop`` the strategy accepts, shape (sets,)."""
        return self.spec.is_valid_at(np.arange(first, stop))

    def trades(self, cell: int) -> Records:
        """The law's trades of one set, in the order of their entries."""
        params = self.spec.params_at(cell)
        return self.spec.strategy.trades(
            self.panel, params, self._execution, self._costs, self._rows
        )

    def room(self, memory_mib: int) -> int:
        """How many sets' tallies the memory holds."""
        return memory_mib * _MIB // _SET_BYTES

    def whole(self, memory_mib: int) -> tuple[tuple[int, int], ...]:
        """The grid as one piece. Raises SearchError where the memory cannot hold its tally."""
        if self.spec.size > self.room(memory_mib):
            raise SearchError(
                f"memory = {memory_mib:,} MiB: a tally of {self.spec.size:,} sets needs "
                f"{-(-self.spec.size * _SET_BYTES // _MIB):,} MiB; raise the memory or write the "
                "grid to disk piece by piece"
            )
        return ((0, self.spec.size),)

    def pieces(self, memory_mib: int, set_bytes: int = _SET_BYTES) -> tuple[tuple[int, int], ...]:
        """Spans of sets that cover the grid and fit into the memory. Raises SearchError."""
        step = min(memory_mib * _MIB // set_bytes, _MOST_SETS)
        if step < 1:
            raise SearchError(f"memory = {memory_mib:,} MiB: not one set fits; raise the memory")
        size = self.spec.size
        return tuple((first, min(first + step, size)) for first in range(0, size, step))

    def tally(self, first: int, stop: int, progress: Callable[[int], None] | None = None) -> Tally:
        """The tally of sets ``first .. stop``.

        Parameters
        ----------
        progress
            Called with the number of sets that were finished since the last call.
        """
        tally, report = Tally.empty(stop - first), progress or (lambda _: None)
        cells = np.flatnonzero(self.is_valid(first, stop))
        report(stop - first - cells.size)

        def work(chunk: Ints) -> None:
            part = empty_part(chunk.size)
            for i, cell in enumerate(chunk.tolist()):
                trades = self.trades(first + cell)
                book(trades, self._segments, part.counts[i], part.sums[i], part.worst[i])
            write_part(tally, chunk, part)

        chunks = [cells[at : at + _CHUNK] for at in range(0, cells.size, _CHUNK)]
        for chunk in self._in_threads(work, chunks):
            report(chunk.size)
        return tally

    def sums_by_part(self, first: int, stop: int, starts: Ints) -> list[tuple[Ints, Floats]]:
        """For each set: trades of each part, and sums of net, net squared and gross by part.

        Shapes (parts,) and (parts, 3); a trade belongs to the part of its entry.
        """
        found = []
        for cell, is_valid in enumerate(self.is_valid(first, stop).tolist(), start=first):
            events, sums = np.zeros(starts.size, np.int64), np.zeros((starts.size, 3))
            if is_valid:
                trades = self.trades(cell)
                part = np.maximum(np.searchsorted(starts, trades["entry"], side="right") - 1, 0)
                net, gross = trades["net_pct"], trades["gross_pct"]
                np.add.at(events, part, 1)
                np.add.at(sums, part, np.column_stack([net, net * net, gross]))
            found.append((events, sums))
        return found

    def net_of(self, first: int, stop: int, is_counted: Bools) -> Iterator[Floats]:
        """For each set: net pnl of the trades that enter in rows ``is_counted``, percent."""
        for cell, is_valid in enumerate(self.is_valid(first, stop).tolist(), start=first):
            if not is_valid:
                yield np.zeros(0)
                continue
            trades = self.trades(cell)
            yield trades["net_pct"][is_counted[trades["entry"]]]

    def _in_threads(self, work: Callable[[Ints], None], chunks: list[Ints]) -> Iterator[Ints]:
        with ThreadPoolExecutor(max_workers=self.threads) as pool:
            try:
                for chunk, _ in zip(chunks, pool.map(work, chunks), strict=True):
                    yield chunk
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

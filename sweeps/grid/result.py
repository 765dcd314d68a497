"""A grid with its numbers: every parameter set tallied per segment, looked at column by column."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from research.arrays import Bools, Floats, Ints
from research.features.labels import SEGMENTS, segment_of
from sweeps.axes import axis_bounds
from sweeps.grid.about import GridAbout
from sweeps.grid.piece_file import StoredTally
from sweeps.tally import Tally

__all__ = ["GridResult"]


@dataclass(frozen=True, kw_only=True, eq=False)
class GridResult(GridAbout):
    """A grid that was run: what it is about, and the tally of every set in every segment.

    Attributes
    ----------
    tally
        In memory, or on disk and read when it is used.
    """

    tally: Tally | StoredTally

    @classmethod
    def of(cls, about: GridAbout, tally: Tally | StoredTally) -> "GridResult":
        """What was asked for, answered."""
        told = {field.name: getattr(about, field.name) for field in fields(GridAbout)}
        return cls(**told, tally=tally)

    @property
    def is_valid(self) -> Bools:
        """Which cells are parameter sets that the strategy accepts, shape (sets,)."""
        return self.spec.is_valid

    def parameters(self, cells: Ints | None = None) -> pd.DataFrame:
        """Level of every axis in every set (or in ``cells``), one row a set; minutes are whole."""
        known = axis_bounds(self.spec.base)
        shown = np.arange(self.spec.size) if cells is None else cells
        return pd.DataFrame(
            {
                axis.name: self.spec.values_at(axis.name, shown).astype(
                    np.int64 if known[axis.name].is_integer else np.float64
                )
                for axis in self.spec.axes
            },
            index=pd.Index(shown, name="set"),
        )

    def table(
        self,
        segment: str = "all",
        columns: Sequence[str] | None = None,
        cells: Ints | None = None,
    ) -> pd.DataFrame:
        """One row a set: its parameters, then report columns of one segment.

        Parameters
        ----------
        segment
            ``all``, ``asia``, ``wild``, ``asia/wild``, ...
        columns
            Report columns (default: :attr:`columns`). NaN without trades, and in sets that are
            no valid parameters.
        cells
            Sets to show (default: all of them).

        Raises
        ------
        ParamError
            No such segment.
        SearchError
            No such column.
        """
        shown = slice(None) if cells is None else cells
        reports = {name: self.column(name, segment)[shown] for name in columns or self.columns}
        return self.parameters(cells).assign(**reports)

    def best(
        self,
        segment: str = "all",
        by: str = "lcb_pnl",
        min_events: int = 30,
        top: int = 10,
        *,
        is_distinct: bool = False,
        columns: Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """The rows of :meth:`table` with the largest ``by``, largest first.

        Only sets with at least ``min_events`` trades count; equals keep the order of the grid.
        With ``is_distinct`` only the first of the sets that made the same trades is shown.
        The best of many sets looks better than it is: picked and judged on the same minutes.
        """
        value = self.column(by, segment)
        cells = np.flatnonzero((self.column("events", segment) >= min_events) & ~np.isnan(value))
        cells = cells[self.spec.is_valid_at(cells)]
        wanted = top
        while True:
            order = _largest(value, cells, wanted)
            if is_distinct:
                _, first = np.unique(self._traces(segment)[order], return_index=True)
                order = order[np.sort(first)]
            if len(order) >= top or wanted >= len(cells):
                return self.table(segment, columns, order[:top])
            wanted *= 8

    def distinct_count(self, segment: str = "all") -> int:
        """How many valid sets made different trades, as far as their sums tell."""
        return len(np.unique(self._traces(segment)[self.is_valid]))

    def cube(self, column: str, segment: str = "all") -> Floats | Ints:
        """A report column of one segment with one dimension for each axis of the grid."""
        return self.column(column, segment).reshape(self.spec.shape)

    def column(self, name: str, segment: str = "all") -> Floats | Ints:
        """A report column of one segment, shape (sets,). Raises ParamError, SearchError."""
        pieces = [tally.column(name) for tally in self._pieces(segment)]
        found: Any = pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
        values: Floats | Ints = found
        return values

    def _traces(self, segment: str) -> npt.NDArray[np.uint64]:
        return np.concatenate([_traces(tally) for tally in self._pieces(segment)])

    def _pieces(self, segment: str) -> Iterator[Tally]:
        return self.tally.in_pieces(SEGMENTS.index(segment_of(segment)))


def _largest(value: Floats | Ints, cells: Ints, top: int) -> Ints:
    """The ``top`` of ``cells`` with the largest value, largest first; equals in their order."""
    if top < len(cells):
        least = np.partition(value[cells], len(cells) - top)[len(cells) - top]
        cells = cells[value[cells] >= least]
    found: Ints = cells[np.argsort(-value[cells], kind="stable")][:top]
    return found


def _traces(tally: Tally) -> npt.NDArray[np.uint64]:
    """A number that sets with the same trades have in common, uint64, shape (sets,).

    Two sets with other trades share one with a chance of 2**-64.
    """
    columns = [tally.events, tally.counts["hold"], tally.sums["net"], tally.sums["gross"]]
    trace = np.zeros(len(columns[0]), dtype=np.uint64)
    for column in (*columns, np.nan_to_num(tally.worst)):
        bits = (column.astype(np.float64) + 0.0).view(np.uint64)  # -0.0 is 0.0
        trace = (trace ^ bits) * np.uint64(0x9E3779B97F4A7C15)
        trace ^= trace >> np.uint64(29)
    return trace

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
from sweeps.grid.stored.piece_file import StoredTally
from sweeps.grid.stored.summary import BY, KEPT, Summary
from sweeps.grid.traces import distinct_largest, largest, traces_of
from sweeps.tally import Tally

__all__ = ["GridResult"]


@dataclass(frozen=True, kw_only=True, eq=False)
class GridResult(GridAbout):
    """A grid that was run: what it is about, and the tally of every set in every segment.

    Attributes
    ----------
    tally
        In memory, or on disk and read when it is used.
    summary
        What was worked out as the grid was made; whatever it knows is not read again.
    """

    tally: Tally | StoredTally
    summary: Summary | None = None

    @classmethod
    def of(
        cls, about: GridAbout, tally: Tally | StoredTally, summary: Summary | None = None
    ) -> "GridResult":
        """What was asked for, answered."""
        told = {field.name: getattr(about, field.name) for field in fields(GridAbout)}
        return cls(**told, tally=tally, summary=summary)

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
        names = columns or self.columns
        if cells is None:
            reports = {name: self.column(name, segment) for name in names}
        else:
            known = super().columns  # a grid that is looked at has others beside them
            some = self.tally.of_sets(SEGMENTS.index(segment_of(segment)), cells)
            reports = {
                name: some.column(name) if name in known else self.column(name, segment)[cells]
                for name in names
            }
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
        if (kept := self._kept(segment, by, min_events, top, is_distinct)) is not None:
            return self.table(segment, columns, kept)
        value = self.column(by, segment)
        cells = np.flatnonzero((self.column("events", segment) >= min_events) & ~np.isnan(value))
        cells = cells[self.spec.is_valid_at(cells)]
        if not is_distinct:
            return self.table(segment, columns, largest(value, cells, top))
        traces = self._traces(segment)
        found = distinct_largest(value, cells, top, lambda some: traces[some])
        return self.table(segment, columns, found)

    def counts(self, segment: str, min_events: int) -> tuple[int, int, int]:
        """Sets with ``min_events`` trades, those of them with a bound above 0, the most trades."""
        if self.summary is not None and self.summary.min_events == min_events:
            at = SEGMENTS.index(segment_of(segment))
            known = self.summary.counts
            return int(known["enough"][at]), int(known["positive"][at]), int(known["most"][at])
        events = self.column("events", segment)
        is_enough = events >= min_events
        positive = (self.column("lcb_pnl", segment)[is_enough] > 0).sum()
        return int(is_enough.sum()), int(positive), int(events.max(initial=0))

    def distinct_count(self, segment: str = "all") -> int:
        """How many valid sets made different trades, as far as their sums tell."""
        if self.summary is not None and segment == "all":
            return self.summary.distinct
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

    def _kept(
        self, segment: str, by: str, min_events: int, top: int, is_distinct: bool
    ) -> Ints | None:
        """The best sets as far as the summary knows them: without doubles, or the first one."""
        known = self.summary
        if known is None or (by, min_events) != (BY, known.min_events):
            return None
        if top > (KEPT if is_distinct else 1):
            return None
        return known.top[SEGMENTS.index(segment_of(segment))][:top]

    def _traces(self, segment: str) -> npt.NDArray[np.uint64]:
        return np.concatenate([traces_of(tally) for tally in self._pieces(segment)])

    def _pieces(self, segment: str) -> Iterator[Tally]:
        return self.tally.in_pieces(SEGMENTS.index(segment_of(segment)))

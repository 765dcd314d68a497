"""An exhaustive grid: every combination of levels scored, kept, looked at."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from research.arrays import Bools, Floats, Ints
from research.errors import SearchError
from research.features.labels import SEGMENTS, RegimeEdges, segment_of
from research.features.panel import Panel
from research.measures.costs import Costs, taker_costs
from research.provenance import Origin
from research.settings.costs import CostSettings
from strategies.backtest.model import Model
from strategies.law.bounds import bounds
from strategies.law.execution import EXECUTABLE, Execution
from sweeps.axes import GridSpec
from sweeps.engine import engine_tally
from sweeps.grid.parts import StoredTally
from sweeps.tally import ADDITIVE_COLUMNS, Tally

__all__ = [
    "GridResult",
    "TallyRoad",
    "checked_threads",
    "describe_grid",
    "grid_columns",
    "read_grid",
    "run_grid",
]


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


@dataclass(frozen=True, kw_only=True, eq=False)
class GridResult:
    """Every parameter set of a grid, tallied per segment, and what it came from.

    Attributes
    ----------
    label
        Market and span of the minutes that were traded; says so where they are synthetic.
    edges
        Regime edges that the segments rest on.
    feature_settings
        Lookbacks, session cuts and regime quantiles in force.
    has_funding
        Whether the frame knew funding rates: without them ``costs.funding`` charges nothing.
    rows
        Rows of the frame on which entries were allowed.
    """

    spec: GridSpec
    market: str
    label: str
    origin: Origin
    edges: RegimeEdges
    feature_settings: dict[str, Any]
    execution: Execution
    costs: Costs
    has_funding: bool
    rows: slice
    tally: Tally | StoredTally

    @property
    def name(self) -> str:
        """``lead-short``, ``lead-long`` or ``reversion``."""
        mode = self.spec.mode
        return self.spec.strategy.name + ("" if mode == "both" else f"-{mode}")

    @property
    def is_valid(self) -> Bools:
        """Which cells are parameter sets that the strategy accepts, shape (sets,)."""
        return self.spec.is_valid

    @property
    def columns(self) -> tuple[str, ...]:
        """The report columns of the grid's strategy that add up over trades."""
        return grid_columns(self.spec)

    @property
    def model(self) -> str:
        """Execution, spread reference, age filter and costs in one line."""
        base, costs = self.spec.base, self.costs
        described = Model(
            name="grid",
            execution=self.execution,
            reference=base.reference,
            filters=base.filters,
            fees_bps=costs.fees_bps,
        ).describe()
        funding = "funding on" if costs.funding else "no funding"
        if costs.funding and not self.has_funding:
            funding = "no funding (the frame has none)"
        return f"{described} + {costs.slippage_bps:g} bps slippage a fill, {funding}"

    def parameters(self, cells: Ints | None = None) -> pd.DataFrame:
        """Level of every axis in every set (or in ``cells``), one row a set; minutes are whole."""
        known = bounds(self.spec.base)
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
        parts = [tally.column(name) for tally in self._parts(segment)]
        found: Any = parts[0] if len(parts) == 1 else np.concatenate(parts)
        values: Floats | Ints = found
        return values

    def write(self, path: Path, command: Sequence[str] = ()) -> None:
        """Writes it as one Parquet file, atomically: :func:`sweeps.grid.file.write_grid`."""
        from sweeps.grid.file import write_grid

        write_grid(self, path, command)

    def _traces(self, segment: str) -> npt.NDArray[np.uint64]:
        return np.concatenate([_traces(tally) for tally in self._parts(segment)])

    def _parts(self, segment: str) -> Iterator[Tally]:
        return self.tally.in_parts(SEGMENTS.index(segment_of(segment)))


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


def grid_columns(spec: GridSpec) -> tuple[str, ...]:
    """The report columns of the grid's strategy that add up over trades."""
    own = spec.strategy.report_columns
    return tuple(name for name in ADDITIVE_COLUMNS if name in own)


def run_grid(
    panel: Panel,
    spec: GridSpec,
    *,
    execution: Execution = EXECUTABLE,
    costs: Costs | None = None,
    rows: slice | None = None,
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
    tally: TallyRoad = engine_tally,
) -> GridResult:
    """Scores every set of ``spec`` on ``panel``.

    Parameters
    ----------
    costs
        Left out, the default taker fees and slippage, and funding.
    rows
        Rows on which entries are allowed; the frame ends with the last of them.
    threads
        Left out, one a core. The numbers do not depend on it.
    progress
        Called with the number of sets that were finished since the last call.
    tally
        The road to the tally: the engine, or :func:`sweeps.law_tally.plain_tally`, its yardstick.

    Raises
    ------
    FrameError
        ``rows`` hold no minute.
    SearchError
        No set is valid, there are too many, or ``threads`` is below 1.
    """
    workers = checked_threads(threads)
    about = describe_grid(panel, spec, execution=execution, costs=costs, rows=rows)
    found = tally(
        panel,
        spec,
        execution=execution,
        costs=about.costs,
        rows=about.rows,
        threads=workers,
        progress=progress,
    )
    return replace(about, tally=found)


def describe_grid(
    panel: Panel,
    spec: GridSpec,
    *,
    execution: Execution,
    costs: Costs | None = None,
    rows: slice | None = None,
) -> GridResult:
    """The grid as it will be, without a tally yet.

    Raises
    ------
    SearchError
        No set is valid.
    """
    if not spec.is_valid.any():
        raise SearchError(
            f"grid of {spec.size:,} {spec.strategy.name} sets: none is valid "
            "(exit must be below entry); lower the exit levels or raise those of entry"
        )
    start, stop, _ = (rows or slice(None)).indices(len(panel))
    return GridResult(
        spec=spec,
        market=panel.frame.market,
        label=_label(panel, start, stop) if start < stop else panel.frame.label,
        origin=panel.frame.origin,
        edges=panel.edges,
        feature_settings=panel.settings.model_dump(mode="json"),
        execution=execution,
        costs=costs or taker_costs(CostSettings(), spec.strategy.legs),
        has_funding=panel.has_funding,
        rows=slice(start, stop),
        tally=Tally.empty(0),
    )


def checked_threads(threads: int | None) -> int:
    """``threads``, or one a core. Raises :class:`SearchError` below 1."""
    workers = threads if threads is not None else os.cpu_count() or 1
    if workers < 1:
        raise SearchError(f"threads must be at least 1, was {workers}")
    return workers


def read_grid(path: Path) -> GridResult:
    """The grid that :meth:`GridResult.write` wrote. Raises :class:`StoreError`."""
    from sweeps.grid import file

    return file.read_grid(path)


def _label(panel: Panel, start: int, stop: int) -> str:
    frame = panel.frame
    if stop - start == len(panel):
        return frame.label
    kind = " [SYNTHETIC]" if frame.is_synthetic else ""
    first, last = frame.table.index[start], frame.table.index[stop - 1]
    return f"{frame.market}{kind} {first:%Y-%m-%dT%H:%MZ} .. {last:%Y-%m-%dT%H:%MZ}"

"""An exhaustive grid: every combination of levels scored, kept, looked at."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd

from research.arrays import Bools, Floats, Ints
from research.costs import Costs, taker_costs
from research.errors import SearchError
from research.features.labels import SEGMENTS, RegimeEdges, segment_of
from research.features.panel import Panel
from research.provenance import Origin
from strategies.bounds import bounds
from strategies.execution import EXECUTABLE, Execution
from strategies.model import Model
from sweeps.axes import GridSpec
from sweeps.engine import engine_tally
from sweeps.tally import ADDITIVE_COLUMNS, Tally

__all__ = ["GridResult", "TallyRoad", "grid_columns", "read_grid", "run_grid"]


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
    tally: Tally

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
            max_age_min=base.filters.max_age_min,
            fees_bps=costs.fees_bps,
        ).describe()
        funding = "funding on" if costs.funding else "no funding"
        if costs.funding and not self.has_funding:
            funding = "no funding (the frame has none)"
        return f"{described} + {costs.slippage_bps:g} bps slippage a fill, {funding}"

    def parameters(self) -> pd.DataFrame:
        """Level of every axis in every set, one row a set; minutes are whole numbers."""
        known = bounds(self.spec.base)
        return pd.DataFrame(
            {
                axis.name: self.spec.values(axis.name).astype(
                    np.int64 if known[axis.name].is_integer else np.float64
                )
                for axis in self.spec.axes
            },
            index=pd.RangeIndex(self.spec.size, name="set"),
        )

    def table(self, segment: str = "all", columns: Sequence[str] | None = None) -> pd.DataFrame:
        """One row a set: its parameters, then report columns of one segment.

        Parameters
        ----------
        segment
            ``all``, ``asia``, ``wild``, ``asia/wild``, ...
        columns
            Report columns (default: :attr:`columns`). NaN without trades, and in sets that are
            no valid parameters.

        Raises
        ------
        ParamError
            No such segment.
        SearchError
            No such column.
        """
        tally = self._segment(segment)
        reports = {name: tally.column(name) for name in columns or self.columns}
        return self.parameters().assign(**reports)

    def best(
        self,
        segment: str = "all",
        by: str = "lcb_pnl",
        min_events: int = 30,
        top: int = 10,
        *,
        is_distinct: bool = False,
    ) -> pd.DataFrame:
        """The rows of :meth:`table` with the largest ``by``, largest first.

        Only sets with at least ``min_events`` trades count; equals keep the order of the grid.
        With ``is_distinct`` only the first of the sets that made the same trades is shown.
        The best of many sets looks better than it is: picked and judged on the same minutes.
        """
        table = self.table(segment)
        value = self._segment(segment).column(by)
        cells = np.flatnonzero(
            (table["events"].to_numpy() >= min_events) & self.is_valid & ~np.isnan(value)
        )
        order = cells[np.argsort(-value[cells], kind="stable")]
        if is_distinct:
            _, first = np.unique(self._traces(segment)[order], axis=0, return_index=True)
            order = order[np.sort(first)]
        return table.iloc[order[:top]]

    def distinct_count(self, segment: str = "all") -> int:
        """How many valid sets made different trades, as far as their sums tell."""
        return len(np.unique(self._traces(segment)[self.is_valid], axis=0))

    def cube(self, column: str, segment: str = "all") -> Floats | Ints:
        """A report column of one segment with one dimension for each axis of the grid."""
        return self._segment(segment).column(column).reshape(self.spec.shape)

    def write(self, path: Path, command: Sequence[str] = ()) -> None:
        """Writes all segments as Parquet, atomically: :func:`sweeps.grid_file.write_grid`."""
        from sweeps.grid_file import write_grid

        write_grid(self, path, command)

    def _traces(self, segment: str) -> Floats:
        """What sets with the same trades have in common, shape (sets, 5)."""
        tally = self._segment(segment)
        counts = [tally.counts[name].astype(np.float64) for name in ("events", "hold")]
        worst = np.nan_to_num(tally.worst)
        return np.column_stack([*counts, tally.sums["net"], tally.sums["gross"], worst])

    def _segment(self, name: str) -> Tally:
        return self.tally.of_segment(SEGMENTS.index(segment_of(name)))


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
        Left out, the taker costs of the panel's settings.
    rows
        Rows on which entries are allowed; the frame ends with the last of them.
    threads
        Left out, one a core. The numbers do not depend on it.
    progress
        Called with the number of sets that were finished since the last call.
    tally
        The road to the tally: the engine, or :func:`sweeps.plain.plain_tally`, its yardstick.

    Raises
    ------
    FrameError
        ``rows`` hold no minute.
    SearchError
        No set is valid, there are too many, or ``threads`` is below 1.
    """
    if not spec.is_valid.any():
        raise SearchError(
            f"grid of {spec.size:,} {spec.strategy.name} sets: none is valid "
            "(exit must be below entry); lower the exit levels or raise those of entry"
        )
    workers = threads if threads is not None else os.cpu_count() or 1
    if workers < 1:
        raise SearchError(f"threads must be at least 1, was {workers}")
    start, stop, _ = (rows or slice(None)).indices(len(panel))
    used = costs or taker_costs(panel.settings.costs, spec.strategy.legs)
    found = tally(
        panel,
        spec,
        execution=execution,
        costs=used,
        rows=slice(start, stop),
        threads=workers,
        progress=progress,
    )
    return GridResult(
        spec=spec,
        market=panel.frame.market,
        label=_label(panel, start, stop),
        origin=panel.frame.origin,
        edges=panel.edges,
        feature_settings=panel.settings.model_dump(
            mode="json", include={"features", "sessions", "regime"}
        ),
        execution=execution,
        costs=used,
        has_funding=panel.has_funding,
        rows=slice(start, stop),
        tally=found,
    )


def read_grid(path: Path) -> GridResult:
    """The grid that :meth:`GridResult.write` wrote. Raises :class:`StoreError`."""
    from sweeps import grid_file

    return grid_file.read_grid(path)


def _label(panel: Panel, start: int, stop: int) -> str:
    frame = panel.frame
    if stop - start == len(panel):
        return frame.label
    kind = " [SYNTHETIC]" if frame.is_synthetic else ""
    first, last = frame.table.index[start], frame.table.index[stop - 1]
    return f"{frame.market}{kind} {first:%Y-%m-%dT%H:%MZ} .. {last:%Y-%m-%dT%H:%MZ}"

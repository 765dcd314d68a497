"""The second pass: every report column of chosen sets, exactly, by the law itself.

Medians, quantiles, streaks and drawdowns do not add up, so the engine does not know them. The few
sets that are looked at are run through the law, and what the engine does know of them must agree:
a standing proof, on the user's own data, that it counts the trades that the law makes.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from research.errors import SearchError, TallyError
from research.features.labels import SEGMENTS, Segment, segment_of
from research.features.panel import Panel
from research.measures.report import Report
from research.statistics.bounds import quantiles
from strategies.backtest.backtest import BacktestResult, backtest
from sweeps.engine.pool import in_threads, pieces
from sweeps.grid.about import grid_columns
from sweeps.grid.result import GridResult
from sweeps.grid.roads import checked_threads

__all__ = ["exact_reports", "top_sets"]

_CLOSE = 1e-9
_CLOSE_SQUARES = 1e-11  # of the mean square: a variance from sums that are right to 1e-12


def top_sets(
    result: GridResult, top: int, *, by: str = "lcb_pnl", min_events: int = 30
) -> dict[str, list[int]]:
    """The best sets of every segment, best first; those with the same trades once.

    Raises
    ------
    SearchError
        No such column.
    """
    return {
        segment.name: result.best(
            segment.name, by, min_events, top, is_distinct=True, columns=["events"]
        ).index.tolist()
        for segment in SEGMENTS
    }


def exact_reports(
    panel: Panel,
    result: GridResult,
    wanted: Mapping[str, Sequence[int]],
    *,
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> pd.DataFrame:
    """Every report column of chosen sets, one row for each segment and set.

    Parameters
    ----------
    panel
        The one that the grid was made on.
    wanted
        Sets by name of the segment; a set is run once, whatever the number of its segments.
    progress
        Called with the number of sets that were run since the last call.

    Returns
    -------
    DataFrame
        Index ``segment, set``; the parameters, then the report columns of the strategy, NaN
        without trades, ``profit_factor`` infinite without a loss.

    Raises
    ------
    ParamError
        No such segment, or a set that is no valid parameters.
    SearchError
        The panel is not the one of the grid, a set is outside of it, or ``threads`` is below 1.
    TallyError
        The law makes other trades than the grid counted.
    """
    _check_panel(panel, result)
    rows = [(name, int(cell)) for name, some in wanted.items() for cell in some]
    segments = {name: segment_of(name) for name in wanted}
    names = _names_by_set(result, rows)
    cells = sorted(names)
    reports: dict[tuple[str, int], Report] = {}

    def work(first: int, stop: int) -> None:
        for cell in cells[first:stop]:
            found = _run(panel, result, cell)
            for name in names[cell]:
                reports[name, cell] = _of_segment(found, segments[name])

    workers = checked_threads(threads)
    for count in in_threads(work, pieces(len(cells), max(len(cells), 1)), workers):
        if progress is not None:
            progress(count)
    for name, some in wanted.items():
        _prove(result, name, [int(cell) for cell in some], reports)
    return _table(result, rows, reports)


def _check_panel(panel: Panel, result: GridResult) -> None:
    settings = panel.settings.model_dump(mode="json", include=set(result.feature_settings))
    is_same = {
        "minutes": panel.frame.origin.content_sha256 == result.origin.content_sha256,
        "regime edges": panel.edges == result.edges,
        "feature settings": settings == result.feature_settings,
    }
    others = [name for name, same in is_same.items() if not same]
    if others:
        raise SearchError(
            f"{panel.frame.label}: not the {' and '.join(others)} that the grid {result.name} "
            f"was made on ({result.label}); load those, or make the grid again"
        )


def _names_by_set(result: GridResult, rows: Sequence[tuple[str, int]]) -> dict[int, set[str]]:
    names: dict[int, set[str]] = {}
    size = result.spec.size
    for name, cell in rows:
        if not 0 <= cell < size:
            raise SearchError(
                f"set {cell}: not in the grid {result.name} of {size:,} sets; "
                f"take one of 0 .. {size - 1}"
            )
        names.setdefault(cell, set()).add(name)
    return names


def _run(panel: Panel, result: GridResult, cell: int) -> BacktestResult:
    return backtest(
        panel,
        result.spec.params_at(cell),
        execution=result.execution,
        costs=result.costs,
        rows=result.rows,
    )


def _of_segment(found: BacktestResult, segment: Segment) -> Report:
    entry, panel = found.positions["entry"], found.panel
    inside = segment.mask(panel.session[entry], panel.regime[entry])
    return replace(found, positions=found.positions[inside]).report()


def _prove(
    result: GridResult,
    segment: str,
    cells: Sequence[int],
    reports: Mapping[tuple[str, int], Report],
) -> None:
    """Compares what the engine counted with what the law made."""
    columns = grid_columns(result.spec)
    counted = result.table(segment, columns, np.array(cells, dtype=np.int64))
    for name in columns:
        for cell, ours in zip(cells, counted[name].to_numpy(np.float64).tolist(), strict=True):
            report = reports[segment, cell]
            law = float(getattr(report, name))
            both_unknown = math.isnan(ours) and math.isnan(law)
            if not both_unknown and not abs(ours - law) <= _slack(name, report):
                raise TallyError(
                    f"{result.name}, set {cell}, {segment}: {name} is {ours:.12g} in the grid and "
                    f"{law:.12g} by the law; the grid is of other data or code: make it again, "
                    "and report it if it stays"
                )


def _slack(column: str, law: Report) -> float:
    """How far a tally may be from the law: its rounding, no trade.

    A tally takes the variance from a sum of squares. Where all trades earn the same, the root
    makes much of the rounding of that sum; elsewhere it adds nothing to ``_CLOSE``.
    """
    if column == "events":
        return 0.0
    close = _CLOSE * max(1.0, abs(float(getattr(law, column))))
    if column not in ("pnl_std", "lcb_pnl"):
        return close
    squares = _CLOSE_SQUARES * (law.avg_pnl**2 + law.pnl_std**2)
    q = float(quantiles(law.events))
    std = squares / max(law.pnl_std, math.sqrt(squares)) if squares > 0 else 0.0
    return close + std * (1.0 if column == "pnl_std" else q / math.sqrt(law.events))


def _table(
    result: GridResult,
    rows: Sequence[tuple[str, int]],
    reports: Mapping[tuple[str, int], Report],
) -> pd.DataFrame:
    columns = result.spec.strategy.report_columns
    index = pd.MultiIndex.from_tuples(rows, names=["segment", "set"])
    parameters = result.parameters(np.array([cell for _, cell in rows], dtype=np.int64))
    values: dict[str, Any] = {
        name: [getattr(reports[row], name) for row in rows] for name in columns
    }
    return parameters.set_axis(index, axis=0).assign(**values)

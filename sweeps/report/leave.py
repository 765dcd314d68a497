"""What a run leaves beside its findings so that they can be looked at: the page and its data."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from research.features.panel import Panel
from sweeps.grid.looks.find import AFTER
from sweeps.grid.looks.views import bests_of
from sweeps.grid.result import GridResult
from sweeps.grid.run import run_grid
from sweeps.report.lead import write_lead
from sweeps.report.seen import shown_sets, write_minutes, write_trades
from sweeps.verdict.verdict import Stage

__all__ = ["leave_market", "leave_trades"]


def leave_market(
    panel: Panel, folder: Path, *, about: dict[str, Any], stage: Stage, cost_bps: float
) -> None:
    """Keeps minutes for the page, and who leads whom in them: no search is in it.

    Parameters
    ----------
    cost_bps
        A round trip on dYdX, without funding: what an event study must beat.

    Raises
    ------
    StoreError
        ``folder`` cannot be written.
    """
    with stage("minutes, and who leads in them", 2) as advance:
        write_minutes(panel, folder, about)
        advance(1)
        write_lead(panel, folder, about, cost_bps)
        advance(1)


def leave_trades(
    panel: Panel,
    grids: Sequence[GridResult],
    folder: Path,
    *,
    min_events: int,
    about: dict[str, Any],
    stage: Stage,
    memory_mib: int,
) -> None:
    """Scores the grids on the minutes after theirs and keeps the trades behind cells.

    Only after the verdict: it decides on minutes that nothing had looked at.

    Raises
    ------
    StoreError
        ``folder`` cannot be written.
    """
    with stage("minutes after the grids, trades behind the cells", len(grids)) as advance:
        for grid in grids:
            after = _after(panel, grid)
            if after is not None:
                run_grid(
                    panel,
                    grid.spec,
                    execution=grid.execution,
                    costs=grid.costs,
                    rows=after,
                    path=folder / "grids" / f"{grid.name}{AFTER}",
                    memory_mib=memory_mib,
                )
            if grid.is_valid.any():
                sets = shown_sets(bests_of(grid, min_events=min_events))
                write_trades(panel, grid, after, sets, folder, about, lambda _: None)
            advance(1)


def _after(panel: Panel, grid: GridResult) -> slice | None:
    """The minutes after those of the grid, where there are any."""
    stop = grid.rows.stop
    return slice(stop, len(panel)) if stop < len(panel) else None

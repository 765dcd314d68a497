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
from sweeps.report.page.page import write_page
from sweeps.report.seen import shown_sets, write_minutes, write_trades
from sweeps.verdict.verdict import Stage

__all__ = ["leave_page"]


def leave_page(
    panel: Panel,
    grids: Sequence[GridResult],
    folder: Path,
    *,
    min_events: int,
    about: dict[str, Any],
    stage: Stage,
    memory_mib: int,
    cost_bps: float,
) -> Path:
    """Scores the grids on the minutes after theirs, keeps trades and minutes, writes the page.

    Only after the verdict: it decides on minutes that nothing had looked at.

    Parameters
    ----------
    cost_bps
        A round trip on dYdX, without funding: what an event study must beat.

    Raises
    ------
    StoreError
        ``folder`` cannot be written.
    """
    with stage("the page: minutes after, trades behind the cells", len(grids) + 2) as advance:
        write_minutes(panel, folder, about)
        write_lead(panel, folder, about, cost_bps)
        advance(1)
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
        path = write_page(folder)
        advance(1)
    return path


def _after(panel: Panel, grid: GridResult) -> slice | None:
    """The minutes after those of the grid, where there are any."""
    stop = grid.rows.stop
    return slice(stop, len(panel)) if stop < len(panel) else None

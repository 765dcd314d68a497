"""The heatmap of a grid, as the command asks for it."""

import sys
from dataclasses import dataclass
from pathlib import Path

from research.features.labels import SEGMENTS
from research.features.panel import Panel
from research.plots import heatmap
from research.plots.figure import save_figure
from sweeps.axes import GridSpec
from sweeps.cli.study.searches import progress_bar
from sweeps.cli.terminal import say
from sweeps.grid.heatmaps import check_view, heatmap_info
from sweeps.grid.projection import How
from sweeps.grid.result import GridResult
from sweeps.grid.stored.identity import grid_provenance

__all__ = ["View", "draw_grid", "view_of"]


@dataclass(frozen=True, slots=True)
class View:
    """What the heatmaps show."""

    x: str
    y: str
    value: str
    how: How
    min_events: int


def view_of(
    spec: GridSpec, *, x: str | None, y: str | None, value: str, how: How, min_events: int
) -> View:
    """The view that was asked for; axes not named are the strategy's usual ones.

    Raises
    ------
    SearchError
        It cannot be shown: no such axis or column, one axis twice.
    """
    usual = spec.strategy.heatmap_axes
    view = View(x or usual[0], y or usual[1], value, how, min_events)
    check_view(spec, view.x, view.y, value=value, how=how)
    return view


def draw_grid(
    panel: Panel, result: GridResult, view: View, table: Path, threads: int | None
) -> None:
    """Draws ``view`` of a grid beside its ``table``."""
    with progress_bar(f"{result.name}, heatmap", len(SEGMENTS)) as progress:
        info = heatmap_info(
            result,
            view.x,
            view.y,
            value=view.value,
            min_events=view.min_events,
            how=view.how,
            panel=panel,
            threads=threads,
            progress=progress,
        )
    image = table.parent / f"{result.name}.{view.value}.{view.y}-{view.x}.png"
    save_figure(heatmap.draw_heatmap(info), image, grid_provenance(result, sys.argv))
    say(f"wrote {table}: {result.spec.size:,} sets x {len(SEGMENTS)} segments")
    say(f"wrote {image}")

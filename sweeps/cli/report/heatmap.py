"""``leadfollow heatmap``: any two axes of a grid that was made, any column."""

from pathlib import Path
from typing import Annotated

import typer

from sweeps.cli.grid.options import (
    AxisOption,
    MinEventsOption,
    ModelOption,
    ModeOption,
    Others,
    OthersOption,
    ThreadsOption,
    ValueOption,
    XOption,
    YOption,
)
from sweeps.cli.groups import FilterOptions, Overrides, Source, spelled_out
from sweeps.cli.options import FeesOption, HoursOption, ModelName, SideMode

__all__ = ["heatmap"]


@spelled_out
def heatmap(
    source: Source,
    overrides: Overrides,
    filters: FilterOptions,
    grid: Annotated[
        Path | None, typer.Argument(help="A grid's table, its folder, or a run", show_default=False)
    ] = None,
    strategy: Annotated[
        str | None, typer.Option("--strategy", help="Score the settings' grid of this strategy now")
    ] = None,
    x: XOption = None,
    y: YOption = None,
    pairs: Annotated[
        str | None, typer.Option("--pairs", help="all: every pair of axes with several levels")
    ] = None,
    value: ValueOption = "lcb_pnl",
    others: OthersOption = Others.BEST,
    fix: Annotated[
        list[str] | None, typer.Option("--fix", help="NAME=LEVEL of an axis not shown; repeatable")
    ] = None,
    segments: Annotated[
        str | None,
        typer.Option("--segments", help="Segments, such as all,us,us/wild [default: all 16]"),
    ] = None,
    min_events: MinEventsOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of the pictures [default: beside the grid]")
    ] = None,
    axis: AxisOption = None,
    mode: ModeOption = SideMode.BOTH,
    model: ModelOption = ModelName.EXECUTABLE,
    fees_bps: FeesOption = None,
    hours: HoursOption = None,
    threads: ThreadsOption = None,
) -> None:
    """Draws heatmaps of a grid as PNG and SVG: any two axes, any column, the others folded.

    Beside the report columns: plateau_lcb (mean lower bound of a set and its neighbours), and for
    the grids of a run after_avg_pnl and in_minus_after (out of sample). --others fixed takes the
    best set's levels, or those of --fix. With --strategy the grid is scored now, from the store.

    Example: leadfollow heatmap runs/20260101T000000Z-0a1b2c3d --x tp --y sl --value plateau_lcb
    """
    from research.errors import SettingsError
    from sweeps.cli.report.pictures import Asked, draw_all, levels_of, made_now
    from sweeps.grid.looks.find import grids_at

    if (grid is None) == (strategy is None):
        raise SettingsError("name a grid or run to draw, or a --strategy to score now; not both")
    if pairs not in (None, "all") or (pairs and (x or y)):
        raise SettingsError("--pairs must be all, and leaves out --x and --y")
    fixed = levels_of(fix or [])
    asked = Asked(
        x=x,
        y=y,
        every_pair=pairs is not None,
        value=value,
        how="fixed" if fixed else others.value,
        fixed=fixed,
        segments=None if segments is None else [part.strip() for part in segments.split(",")],
        min_events=min_events or 30,
        out=out,
    )
    if grid is not None:
        draw_all(grids_at(grid, min_events=asked.min_events), asked)
        return
    panel, found = made_now(
        source,
        str(strategy),
        mode,
        model=model,
        fees_bps=fees_bps,
        overrides=overrides,
        filters=filters,
        axes=axis or [],
        hours=hours,
        threads=threads,
        min_events=asked.min_events,
    )
    draw_all(found, asked, panel)

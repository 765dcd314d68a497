"""``leadfollow grid``: every combination of thresholds, as Parquet, heatmaps and tables."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sweeps.cli.groups import FilterOptions, Overrides, Source, spelled_out
from sweeps.cli.options import (
    FeesOption,
    HoursOption,
    LeadMode,
    ModelName,
    StrategyName,
)

if TYPE_CHECKING:
    from research.features.panel import Panel
    from strategies.backtest.model import Model
    from sweeps.axes import GridSpec
    from sweeps.cli.session import Session
    from sweeps.grid.pieces import Job
    from sweeps.grid.projection import How
    from sweeps.grid.result import GridResult

__all__ = ["grid"]


class Others(StrEnum):
    """What a heatmap makes of the axes that it does not show."""

    BEST = "best"
    MEDIAN = "median"
    FIXED = "fixed"


AxisOption = Annotated[
    list[str] | None,
    typer.Option("--axis", help="NAME=LOW:HIGH:STEP or NAME=A,B,C; repeatable [default: settings]"),
]
ModelOption = Annotated[ModelName, typer.Option("--model", help="Execution model")]
ModeOption = Annotated[LeadMode, typer.Option("--mode", help="Side of lead/follow")]
MinEventsOption = Annotated[
    int | None, typer.Option("--min-events", min=2, help="Trades a set needs to count")
]
XOption = Annotated[str | None, typer.Option("--x", help="Axis across the heatmaps")]
YOption = Annotated[str | None, typer.Option("--y", help="Axis up the heatmaps")]
ValueOption = Annotated[str, typer.Option("--value", help="Report column of the heatmaps")]
OthersOption = Annotated[
    Others, typer.Option("--others", help="What the heatmaps make of the other axes")
]
OutOption = Annotated[
    Path | None, typer.Option("--out", help="Folder to write [default: runs/grid-...]")
]
ResumeOption = Annotated[
    bool, typer.Option("--resume", help="Go on with the grid that an earlier run began")
]
MemoryOption = Annotated[
    str, typer.Option("--memory", help="What a piece of the grid may fill, such as 1GiB or 512MiB")
]
TopOption = Annotated[
    int,
    typer.Option("--top", min=0, help="Best sets of each segment to run through the law itself"),
]
TimeBlocksOption = Annotated[
    int | None,
    typer.Option(
        "--time-blocks",
        min=1,
        metavar="MIN",
        help="Also write sums per set and block of so many minutes, such as 1440",
    ),
]
QuantilesOption = Annotated[
    bool, typer.Option("--quantiles", help="Also write quantiles of net pnl of every set")
]
ThreadsOption = Annotated[
    int | None, typer.Option("--threads", min=1, help="Threads [default: one a core]")
]


@dataclass(frozen=True, slots=True)
class _Keep:
    """Where a grid goes, and what it may use."""

    out: Path | None
    threads: int | None
    memory_mib: int
    resume: bool
    time_blocks: int | None
    quantiles: bool
    top: int


@dataclass(frozen=True, slots=True)
class _View:
    """What the heatmaps show."""

    x: str
    y: str
    value: str
    how: "How"
    min_events: int


@spelled_out
def grid(
    strategy: Annotated[StrategyName, typer.Argument(help="lead or reversion")],
    source: Source,
    overrides: Overrides,
    filters: FilterOptions,
    axis: AxisOption = None,
    mode: ModeOption = LeadMode.BOTH,
    model: ModelOption = ModelName.EXECUTABLE,
    fees_bps: FeesOption = None,
    hours: HoursOption = None,
    min_events: MinEventsOption = None,
    x: XOption = None,
    y: YOption = None,
    value: ValueOption = "lcb_pnl",
    others: OthersOption = Others.BEST,
    out: OutOption = None,
    resume: ResumeOption = False,
    memory: MemoryOption = "1GiB",
    top: TopOption = 20,
    time_blocks: TimeBlocksOption = None,
    quantiles: QuantilesOption = False,
    threads: ThreadsOption = None,
) -> None:
    """Scores every combination of thresholds, per session and regime; draws heatmaps.

    A grid of any size fits: it is written piece by piece, and --resume goes on after Ctrl-C.

    Example: leadfollow grid lead --mode long --market BTC --axis spread_entry=0.02:0.12:0.02
    """
    from sweeps.cli.memory import memory_mib
    from sweeps.cli.session import Session, choose_models

    keep = _Keep(out, threads, memory_mib(memory), resume, time_blocks, quantiles, top)
    session = Session.open(source, hours=hours, changes=filters.changes())
    (chosen,) = choose_models(session.settings, name=model, fees_bps=fees_bps, overrides=overrides)
    specs = _specs(session, strategy, mode, chosen, axis or [])
    needed = min_events or session.settings.study.min_events
    view = _view(specs[0], x, y, value, others, needed)
    _check_folder(out or session.settings.store.runs)
    _run(session, specs, chosen, view, keep)


def _specs(
    session: "Session",
    strategy: StrategyName,
    mode: LeadMode,
    model: "Model",
    texts: list[str],
) -> "list[GridSpec]":
    """One grid for each mode: the axes of the settings, changed by those of the command line."""
    from strategies.lead_follow import LeadFollowParams
    from strategies.registry import Params
    from strategies.reversion import ReversionParams
    from sweeps.axes import grid_spec, parse_axis

    bases: list[Params] = [ReversionParams()]
    levels = dict(session.settings.axes.reversion)
    if strategy is StrategyName.LEAD:
        levels = dict(session.settings.axes.lead)
        both = (LeadFollowParams(mode="short"), LeadFollowParams(mode="long"))
        bases = [params for params in both if mode in (LeadMode.BOTH, params.mode)]
    levels |= dict(parse_axis(text) for text in texts)
    return [grid_spec(model.apply(base), levels) for base in bases]


def _view(
    spec: "GridSpec", x: str | None, y: str | None, value: str, others: Others, min_events: int
) -> _View:
    from sweeps.grid.heatmaps import DEFAULT_AXES, check_view

    usual = DEFAULT_AXES[spec.strategy.name]
    how: How = others.value
    view = _View(x or usual[0], y or usual[1], value, how, min_events)
    check_view(spec, view.x, view.y, value=value, how=how)
    return view


def _run(
    session: "Session",
    specs: "list[GridSpec]",
    model: "Model",
    view: _View,
    keep: _Keep,
) -> None:
    """Scores, writes, draws and prints one grid after the other; what is finished stays."""
    from sweeps.cli.grid.beside import write_beside, write_best
    from sweeps.cli.grid.show import show_grid
    from sweeps.cli.study.searches import progress_bar, warn_if_cold
    from sweeps.grid.pieces import stream_grids

    warn_if_cold()
    jobs = [_job(session, spec, model, keep.out) for spec in specs]
    total = sum(spec.size for spec in specs)
    names = " and ".join(job.path.stem for job in jobs)
    with progress_bar(f"{names}, sets", total) as progress, _telling_how_to_resume(jobs):
        results = list(
            stream_grids(
                session.panel,
                jobs,
                execution=model.execution,
                rows=session.rows,
                threads=keep.threads,
                memory_mib=keep.memory_mib,
                resume=keep.resume,
                command=sys.argv,
                progress=progress,
            )
        )
    for job, result in zip(jobs, results, strict=True):
        show_grid(result, session.panel, view.min_events)
        _draw(session.panel, result, view, job.path, keep.threads)
        if keep.top > 0:
            write_best(
                session.panel,
                result,
                job.path,
                top=keep.top,
                min_events=view.min_events,
                threads=keep.threads,
            )
        if keep.time_blocks is not None or keep.quantiles:
            write_beside(
                session.panel,
                result,
                job.path,
                time_blocks=keep.time_blocks,
                quantiles=keep.quantiles,
                memory_mib=keep.memory_mib,
                threads=keep.threads,
            )


def _job(session: "Session", spec: "GridSpec", model: "Model", out: Path | None) -> "Job":
    from sweeps.grid.file import grid_digest
    from sweeps.grid.pieces import Job
    from sweeps.grid.result import describe_grid

    costs = model.costs(spec.base)
    about = describe_grid(
        session.panel, spec, execution=model.execution, costs=costs, rows=session.rows
    )
    # the same data, axes, model and costs: the same folder
    usual = session.settings.store.runs / f"grid-{about.name}-{about.market}-{grid_digest(about)}"
    return Job(spec=spec, path=(out or usual) / f"{about.name}.parquet", costs=costs)


@contextmanager
def _telling_how_to_resume(jobs: "list[Job]") -> Iterator[None]:
    from sweeps.cli.terminal import say

    try:
        yield
    except KeyboardInterrupt:
        begun = [job.path for job in jobs if job.path.is_dir()]
        if begun:
            kept = len(list(begun[-1].glob("part-*.parquet")))
            say(f"stopped; {kept:,} pieces are kept in {begun[-1]}: go on with --resume")
        raise


def _check_folder(folder: Path) -> None:
    """Refuses a folder that cannot be made before the work, not after it."""
    from research.errors import StoreError

    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise StoreError(
            f"{folder}: {there} is no folder that can be written; give another with --out"
        )


def _draw(
    panel: "Panel", result: "GridResult", view: _View, table: Path, threads: int | None
) -> None:
    from research.features.labels import SEGMENTS
    from research.plots.figure import save_figure
    from research.plots.heatmap import draw_heatmap
    from sweeps.cli.study.searches import progress_bar
    from sweeps.cli.terminal import say
    from sweeps.grid.file import grid_provenance
    from sweeps.grid.heatmaps import heatmap_info

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
    save_figure(draw_heatmap(info), image, grid_provenance(result, sys.argv))
    say(f"wrote {table}: {result.spec.size:,} sets x {len(SEGMENTS)} segments")
    say(f"wrote {image}")

"""``leadfollow grid``: every combination of thresholds, as Parquet, heatmaps and tables."""

import os
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sweeps.cli.options import (
    ConfigOption,
    Fill,
    FillOption,
    FrameOption,
    HoursOption,
    LeadMode,
    MarketOption,
    MaxAgeOption,
    ModelName,
    OverlapOption,
    Reference,
    ReferenceOption,
    StoreOption,
    StrategyName,
    Touch,
    TouchOption,
)

if TYPE_CHECKING:
    from strategies.model import Model
    from sweeps.axes import GridSpec
    from sweeps.cli.session import Session
    from sweeps.grid import GridResult
    from sweeps.projection import How

__all__ = ["grid"]

_PLAIN_FEES_BPS = 8.0


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
FeesOption = Annotated[
    float | None,
    typer.Option("--fees-bps", help="Round trip, basis points [default: plain 8, else taker fees]"),
]
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
ThreadsOption = Annotated[
    int | None, typer.Option("--threads", min=1, help="Threads [default: one a core]")
]


@dataclass(frozen=True, slots=True)
class _View:
    """What the heatmaps show."""

    x: str
    y: str
    value: str
    how: "How"
    min_events: int


def grid(
    strategy: Annotated[StrategyName, typer.Argument(help="lead or reversion")],
    axis: AxisOption = None,
    mode: ModeOption = LeadMode.BOTH,
    model: ModelOption = ModelName.EXECUTABLE,
    fees_bps: FeesOption = None,
    fill: FillOption = None,
    touch: TouchOption = None,
    overlap: OverlapOption = None,
    max_age_min: MaxAgeOption = None,
    reference: ReferenceOption = None,
    hours: HoursOption = None,
    min_events: MinEventsOption = None,
    x: XOption = None,
    y: YOption = None,
    value: ValueOption = "lcb_pnl",
    others: OthersOption = Others.BEST,
    out: OutOption = None,
    threads: ThreadsOption = None,
    market: MarketOption = None,
    frame: FrameOption = None,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Scores every combination of thresholds, per session and regime; draws heatmaps.

    Example: leadfollow grid lead --mode long --market BTC --axis spread_entry=0.02:0.12:0.02
    """
    from sweeps.cli.session import Session

    session = Session.open(config=config, market=market, frame=frame, store=store, hours=hours)
    chosen = _model(session, model, fees_bps, (fill, touch, overlap, max_age_min, reference))
    specs = _specs(session, strategy, mode, chosen, axis or [])
    needed = min_events or session.settings.study.min_events
    view = _view(specs[0], x, y, value, others, needed)
    _check_folder(out or session.settings.store.runs)
    _run(session, specs, chosen, fees_bps, view, out, threads)


def _model(
    session: "Session",
    name: ModelName,
    fees_bps: float | None,
    overrides: tuple[Fill | None, Touch | None, bool | None, float | None, Reference | None],
) -> "Model":
    from sweeps.cli.session import choose_models

    names = ("fill", "touch", "overlap", "max_age_min", "reference")
    given = {key: getattr(each, "value", each) for key, each in zip(names, overrides, strict=True)}
    fees = _PLAIN_FEES_BPS if fees_bps is None else fees_bps
    return choose_models(session.settings, name=name, fees_bps=fees, overrides=given)[0]


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
    from sweeps.heatmaps import DEFAULT_AXES, check_view

    usual = DEFAULT_AXES[spec.strategy.name]
    how: How = others.value
    view = _View(x or usual[0], y or usual[1], value, how, min_events)
    check_view(spec, view.x, view.y, value=value, how=how)
    return view


def _run(
    session: "Session",
    specs: "list[GridSpec]",
    model: "Model",
    fees_bps: float | None,
    view: _View,
    out: Path | None,
    threads: int | None,
) -> None:
    """Scores, writes, draws and prints one grid after the other; what is finished stays."""
    from dataclasses import replace

    from sweeps.cli.searches import progress_bar, warn_if_cold
    from sweeps.cli.show_grid import show_grid
    from sweeps.grid import run_grid

    warn_if_cold()
    for spec in specs:
        costs = model.costs(spec.base)
        if fees_bps is not None:
            costs = replace(costs, fees_bps=fees_bps)
        with progress_bar(f"{spec.strategy.name} {spec.mode}", spec.size) as progress:
            result = run_grid(
                session.panel,
                spec,
                execution=model.execution,
                costs=costs,
                rows=session.rows,
                threads=threads,
                progress=progress,
            )
        show_grid(result, session.panel, view.min_events)
        _write(result, view, out or _folder(session, result))


def _check_folder(folder: Path) -> None:
    """Refuses a folder that cannot be made before the work, not after it."""
    from research.errors import StoreError

    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise StoreError(
            f"{folder}: {there} is no folder that can be written; give another with --out"
        )


def _folder(session: "Session", result: "GridResult") -> Path:
    """The same data, axes, model and costs: the same folder."""
    from sweeps.grid_file import grid_digest

    name = f"grid-{result.name}-{result.market}-{grid_digest(result)}"
    return session.settings.store.runs / name


def _write(result: "GridResult", view: _View, folder: Path) -> None:
    from research.plots.figure import save_figure
    from research.plots.heatmap import draw_heatmap
    from sweeps.cli.terminal import say
    from sweeps.grid_file import grid_provenance
    from sweeps.heatmaps import heatmap_info

    info = heatmap_info(
        result, view.x, view.y, value=view.value, min_events=view.min_events, how=view.how
    )
    table = folder / f"{result.name}.parquet"
    image = folder / f"{result.name}.{view.value}.{view.y}-{view.x}.png"
    result.write(table, sys.argv)
    save_figure(draw_heatmap(info), image, grid_provenance(result, sys.argv))
    say(f"wrote {table}: {result.spec.size:,} sets x {len(result.tally.events)} segments")
    say(f"wrote {image}")

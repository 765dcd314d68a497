"""Heatmaps as the command asks for them: which grids, which pairs, which files."""

import itertools
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from research.errors import SearchError
from research.features.panel import Panel
from research.plots.figure import save_figure
from research.plots.heatmap import draw_heatmap
from sweeps.axes import GridSpec
from sweeps.cli.grid.plan import check_folder, grids_asked, path_of
from sweeps.cli.groups import FilterOptions, Overrides, Source
from sweeps.cli.options import ModelName, SideMode
from sweeps.cli.session import Session, choose_models
from sweeps.cli.study.searches import progress_bar
from sweeps.cli.terminal import say
from sweeps.grid.heatmaps import check_view, heatmap_info
from sweeps.grid.looks.derived import derived_of, looked_at
from sweeps.grid.looks.find import FoundGrid
from sweeps.grid.projection import How
from sweeps.grid.run import run_grid
from sweeps.grid.stored.identity import grid_provenance

__all__ = ["Asked", "draw_all", "levels_of", "made_now"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the heatmaps show; axes not named are the strategy's usual ones."""

    x: str | None
    y: str | None
    every_pair: bool
    value: str
    how: How
    fixed: Mapping[str, float]
    segments: Sequence[str] | None
    min_events: int
    out: Path | None

    def pairs(self, spec: GridSpec) -> list[tuple[str, str]]:
        """Names of x and y of each picture. Raises SearchError."""
        if not self.every_pair:
            usual = spec.strategy.heatmap_axes
            return [(self.x or usual[0], self.y or usual[1])]
        varied = [axis.name for axis in spec.axes if len(axis) > 1]
        found = list(itertools.combinations(varied, 2))
        if not found:
            raise SearchError(
                f"{spec.name}: fewer than two axes have several levels, so there is no pair; "
                "name one with --x and --y"
            )
        return found


def levels_of(texts: Sequence[str]) -> dict[str, float]:
    """Levels by axis of ``NAME=LEVEL`` texts. Raises SearchError."""
    found = {}
    for text in texts:
        name, _, level = text.partition("=")
        try:
            found[name.strip()] = float(level)
        except ValueError:
            raise SearchError(f"--fix {text!r}: must read NAME=LEVEL, such as tp=0.4") from None
    return found


def made_now(
    source: Source,
    strategy: str,
    mode: SideMode,
    *,
    model: ModelName,
    fees_bps: float | None,
    overrides: Overrides,
    filters: FilterOptions,
    axes: Sequence[str],
    hours: float | None,
    threads: int | None,
    min_events: int,
) -> tuple[Panel, list[FoundGrid]]:
    """The settings' grids of a strategy, scored in memory, and the panel under them."""
    session = Session.open(source, hours=hours, changes=filters.changes())
    settings = session.settings
    (chosen,) = choose_models(settings, name=model, fees_bps=fees_bps, overrides=overrides)
    found = []
    for about in grids_asked(session, strategy, mode, model=chosen, axes=axes):
        with progress_bar(f"{about.name}, sets", about.spec.size) as progress:
            result = run_grid(
                session.panel,
                about.spec,
                execution=about.execution,
                costs=about.costs,
                rows=about.rows,
                threads=threads,
                progress=progress,
            )
        path = path_of(about, None, settings.store.runs)
        found.append(FoundGrid(looked_at(result, min_events=min_events), path))
    return session.panel, found


def draw_all(found: Sequence[FoundGrid], asked: Asked, panel: Panel | None = None) -> None:
    """Draws every picture that was asked for, PNG and SVG; refusals come before any work.

    Raises
    ------
    ParamError, SearchError
        What was asked for cannot be shown of any of the grids.
    StoreError
        A picture cannot be written.
    """
    shown = list(_shown(found, asked))
    check_folder(asked.out or shown[0][0].path.parent)
    for grid, pairs in shown:
        result = grid.result
        with progress_bar(f"{result.name}, heatmaps", len(pairs)) as progress:
            for x, y in pairs:
                info = heatmap_info(
                    result,
                    x,
                    y,
                    value=asked.value,
                    segments=asked.segments,
                    min_events=asked.min_events,
                    how=asked.how,
                    fixed=asked.fixed,
                    panel=panel,
                )
                figure = draw_heatmap(info)
                name = f"{result.name}.{asked.value}.{asked.how}.{y}-{x}"
                image = (asked.out or grid.path.parent) / name
                for ending in (".png", ".svg"):
                    file = image.with_name(image.name + ending)
                    save_figure(figure, file, grid_provenance(result, sys.argv))
                say(f"wrote {image}.png and .svg")
                progress(1)


def _shown(
    found: Sequence[FoundGrid], asked: Asked
) -> Iterator[tuple[FoundGrid, list[tuple[str, str]]]]:
    """The grids that can show it: of a run, those of strategies with such axes."""
    refusals = []
    any_shown = False
    for each in found:
        spec = each.result.spec
        try:
            pairs = asked.pairs(spec)
            for x, y in pairs:
                check_view(
                    spec, x, y, value=asked.value, how=asked.how, derived=derived_of(each.result)
                )
        except SearchError as error:
            refusals.append(error)
            continue
        any_shown = True
        yield each, pairs
    if not any_shown:
        raise refusals[0]
    for refusal in refusals:
        say(f"left out: {refusal}")

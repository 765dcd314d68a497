"""The main job: analyses, grids, searches, verdict, export, pictures, summary, in one folder."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from research.atomic import write_json, write_text
from research.features.panel import Panel
from research.plots.figure import save_figure
from research.plots.heatmap import draw_heatmap
from research.provenance import provenance
from strategies.backtest.model import Model, executable_model, plain_model
from strategies.bot.config import BotConfig
from strategies.registry import bases, strategy_of
from sweeps.axes import grid_spec
from sweeps.export.bot_config import bot_config, write_bot_config
from sweeps.grid.about import describe_grid
from sweeps.grid.heatmaps import heatmap_info
from sweeps.grid.result import GridResult
from sweeps.grid.run import GridJob, run_grids
from sweeps.ledger import Ledger
from sweeps.report.leave import leave_market, leave_trades
from sweeps.report.page.page import write_page
from sweeps.report.pictures import nearest, spread_picture, usual_picture, walked_picture
from sweeps.report.replays import begin_replays
from sweeps.report.run_json import run_json
from sweeps.report.summary import RunFindings, summary
from sweeps.report.week import Analysis, analyse, week_json
from sweeps.settings import Settings
from sweeps.study.beside import searching
from sweeps.study.crew import Crew
from sweeps.study.search import plan_studies, train_rows
from sweeps.verdict.choice import grid_search
from sweeps.verdict.table import trades_table, verdict_json, verdict_table
from sweeps.verdict.verdict import Stage, Verdict, reach_verdict

__all__ = ["Stage", "run_pipeline"]

_THREADS = 2


@dataclass(frozen=True, slots=True)
class _Run:
    panel: Panel
    settings: Settings
    folder: Path
    command: Sequence[str]
    stage: Stage
    memory_mib: int
    now: datetime
    ledger: Ledger | None
    doubts: tuple[str, ...]

    @property
    def executable(self) -> Model:
        return executable_model(self.settings)

    def about(self, **parameters: Any) -> dict[str, Any]:
        return provenance(
            origin=self.panel.frame.origin,
            parameters=parameters,
            command=self.command,
            seed=self.settings.study.seed,
        )


def run_pipeline(
    panel: Panel,
    settings: Settings,
    folder: Path,
    *,
    command: Sequence[str],
    fees_bps: float,
    stage: Stage,
    now: datetime,
    ledger: Ledger | None = None,
    memory_mib: int = 1024,
    doubts: Sequence[str] = (),
    ready: Crew | None = None,
) -> RunFindings:
    """Everything, in order, into ``folder``; what was found.

    Grids and studies that ``folder`` already holds are resumed, everything else is made anew;
    each file appears whole or not at all.

    Parameters
    ----------
    panel
        With regime edges fitted on the training rows.
    now
        When: for the ledger alone, no other file knows the clock.
    ledger
        Where searches are counted and the opened holdout is written down; None: nowhere.
    memory_mib
        What pieces of the grids may fill.
    doubts
        What quality says against these minutes, for the head of the summary.
    ready
        Processes that were started before, for the searches.

    Raises
    ------
    EvidenceError
        The span is too short for a walk-forward.
    SearchError
        A grid or study cannot be run over this data.
    ReplayError
        vectorbt accounts for an exported set differently.
    StoreError
        ``folder`` cannot be written.
    """
    run = _Run(panel, settings, folder, command, stage, memory_mib, now, ledger, tuple(doubts))
    models = [plain_model(fees_bps, settings.filters), run.executable]
    found = RunFindings(
        panel=panel,
        models=models,
        train_rows=train_rows(panel, settings),
        min_events=settings.study.min_events,
        doubts=run.doubts,
    )
    found.analyses = _analyses(run, models)
    found.grids = _grids(run, found.train_rows)
    cost_bps = 2 * (settings.costs.dydx_taker_fee_bps + settings.costs.slippage_bps)
    specs = plan_studies(panel, settings, run.executable)
    books, workers = folder / "studies", settings.study.workers
    with searching(
        panel, specs, books, workers=workers, stage=stage, ready=ready
    ) as searches:  # what it does not need is done meanwhile
        found.pictures += _heatmaps(run, found.grids, found.min_events)
        found.pictures += _first_pictures(run, found)
        leave_market(panel, folder, about=run.about(), stage=stage, cost_bps=cost_bps)
        found.studies = searches()
    found.verdict = _verdict(run, found.sets_beside)
    found.config = _config(run, found.verdict)
    replays = begin_replays(panel, found.verdict, stage, ready)
    found.pictures += _pictures(run, found)
    leave_trades(
        panel,
        found.grids,
        folder,
        min_events=found.min_events,
        about=run.about(),
        stage=stage,
        memory_mib=memory_mib,
    )
    found.replays = replays()
    about = run.about(settings=settings.model_dump(mode="json"))
    write_json(folder / "report.json", run_json(panel, found, about, run.doubts))
    write_text(folder / "summary.md", summary(found))
    with stage("the page", 1) as advance:
        write_page(folder)
        advance(1)
    return found


def _analyses(run: _Run, models: Sequence[Model]) -> list[Analysis]:
    everything = slice(0, len(run.panel))
    analyses = []
    every = bases()
    with run.stage("analyses, plain and executable", len(every)) as advance:
        for params in every.values():
            analysis = analyse(run.panel, params, models, everything)
            for name, result in analysis.results.items():
                _write_csv(run.folder / "trades" / f"{analysis.name}.{name}.csv", result.events())
            analyses.append(analysis)
            advance(1)
    week = week_json(run.panel, everything, analyses, run.command, run.doubts)
    write_json(run.folder / "week.json", week)
    return analyses


def _grids(run: _Run, rows: slice) -> list[GridResult]:
    settings, model = run.settings, run.executable
    used = [model.apply(params) for params in bases().values()]
    specs = [grid_spec(base, settings.axes.of(strategy_of(base).name)) for base in used]
    jobs = []
    for spec in specs:
        costs = model.costs(spec.base)
        about = describe_grid(run.panel, spec, execution=model.execution, costs=costs, rows=rows)
        jobs.append(GridJob(about=about, path=run.folder / "grids" / f"{about.name}.parquet"))
    with (
        run.stage("threshold grids", sum(spec.size for spec in specs)) as advance,
        run_grids(
            run.panel,
            jobs,
            memory_mib=run.memory_mib,
            resume=True,
            command=run.command,
            progress=advance,
        ) as results,
    ):
        return list(results)


def _heatmaps(run: _Run, grids: Sequence[GridResult], min_events: int) -> Iterator[Path]:
    with run.stage("heatmaps", len(grids)) as advance:
        for grid in grids:
            x, y = grid.spec.strategy.heatmap_axes
            info = heatmap_info(grid, x, y, min_events=min_events)
            yield _save(run, draw_heatmap(info), f"heatmaps/{grid.name}.{y}-{x}.png")
            advance(1)


def _verdict(run: _Run, sets_beside: int) -> Verdict:
    """Judges the search over the settings' grids, and writes what it found down."""
    settings = run.settings
    search = grid_search(settings, run.executable, threads=_THREADS, memory_mib=run.memory_mib)
    found = reach_verdict(
        run.panel,
        search,
        settings.verdict,
        seed=settings.study.seed,
        stage=run.stage,
        now=run.now,
        ledger=run.ledger,
        sets_beside=sets_beside,
    )
    for judged in found.judged:
        if judged.params is not None:
            path = run.folder / "trades" / f"{judged.name}.out-of-sample.csv"
            _write_csv(path, trades_table(found.walk, judged))
    about = run.about(settings=settings.verdict.model_dump(mode="json"))
    write_json(run.folder / "verdict.json", verdict_json(found, about))
    write_text(run.folder / "verdict.md", verdict_table(found))
    return found


def _config(run: _Run, verdict: Verdict) -> BotConfig:
    config = bot_config(
        verdict.walk.last.panel,
        run.settings,
        verdict.judged,
        command=run.command,
        verdict=verdict,
    )
    write_bot_config(config, run.folder / "bot_config.json")
    return config


def _first_pictures(run: _Run, found: RunFindings) -> Iterator[Path]:
    """The spread with its thresholds, and equity curves by the usual parameters."""
    with run.stage("pictures of the usual parameters", 1 + len(found.analyses)) as advance:
        yield _save(run, spread_picture(run.panel), "spread.png")
        advance(1)
        for analysis in found.analyses:
            picture = usual_picture(run.panel, analysis, found.models)
            yield _save(run, picture, f"equity/{analysis.name}.png")
            advance(1)


def _pictures(run: _Run, found: RunFindings) -> Iterator[Path]:
    """Equity curves of the searches: what is enabled, else what came nearest."""
    verdict = found.verdict
    shown = [] if verdict is None else (verdict.enabled or nearest(verdict))
    with run.stage("pictures", len(shown)) as advance:
        for each in shown:
            picture = walked_picture(run.panel, found, each)
            yield _save(run, picture, f"equity/{each.name}.png")
            advance(1)


def _save(run: _Run, figure: Figure, name: str) -> Path:
    save_figure(figure, run.folder / name, run.about(picture=name))
    return Path(name)


def _write_csv(path: Path, table: pd.DataFrame) -> None:
    write_text(path, table.to_csv(index=False, lineterminator="\n"))

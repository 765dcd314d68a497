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
from research.plots.distribution import draw_distribution, spread_distribution_info
from research.plots.equity import EquityInfo, draw_equity, equity_info
from research.plots.figure import save_figure
from research.plots.heatmap import draw_heatmap
from research.provenance import provenance
from strategies.backtest.model import Model, executable_model, plain_model
from strategies.backtest.portfolio import replay_in_vectorbt
from strategies.bot.config import BotConfig
from strategies.registry import bases, strategy_of
from sweeps.axes import grid_spec
from sweeps.export.bot_config import bot_config, write_bot_config
from sweeps.grid.about import describe_grid
from sweeps.grid.heatmaps import heatmap_info
from sweeps.grid.result import GridResult
from sweeps.grid.run import GridJob, run_grids
from sweeps.ledger import Ledger
from sweeps.report.leave import leave_page
from sweeps.report.run_json import run_json
from sweeps.report.summary import RunFindings, summary
from sweeps.report.week import Analysis, analyse, week_json
from sweeps.settings import Settings
from sweeps.study.search import Found, plan_studies, run_studies, train_rows
from sweeps.verdict.choice import grid_search
from sweeps.verdict.judgement import Judged
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
    found.pictures += _heatmaps(run, found.grids, found.min_events)
    found.studies = _search(run)
    found.verdict = _verdict(run, found.sets_beside)
    found.config = _config(run, found.verdict)
    found.replays = _replays(run, found.verdict)
    found.pictures += _pictures(run, found)
    about = run.about(settings=settings.model_dump(mode="json"))
    write_json(folder / "report.json", run_json(panel, found, about, run.doubts))
    write_text(folder / "summary.md", summary(found))
    leave_page(
        panel,
        found.grids,
        folder,
        min_events=found.min_events,
        about=run.about(),
        stage=stage,
        memory_mib=memory_mib,
        cost_bps=2 * (settings.costs.dydx_taker_fee_bps + settings.costs.slippage_bps),
    )
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


def _search(run: _Run) -> Found:
    settings = run.settings
    specs = plan_studies(run.panel, settings, run.executable)
    with run.stage(f"{len(specs)} searches, trials", sum(s.trials for s in specs)) as advance:
        return run_studies(
            run.panel,
            specs,
            run.folder / "studies",
            workers=settings.study.workers,
            on_trial=advance,
        )


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


def _replays(run: _Run, verdict: Verdict) -> dict[str, str]:
    """vectorbt's account of every exported set, in sample and on the holdout."""
    words: dict[str, str] = {}
    if verdict.walk.model.execution.overlap:  # vectorbt holds one position at a time
        return words
    exported = [each for each in verdict.judged if each.params is not None]
    with run.stage("vectorbt replay (its import takes a while)", len(exported)) as advance:
        for each in exported:
            if each.inside is not None and each.held_out is not None:
                inside, held_out = (
                    replay_in_vectorbt(each.inside),
                    replay_in_vectorbt(each.held_out),
                )
                words[each.name] = f"in sample {inside}; holdout {held_out}"
            advance(1)
    return words


def _pictures(run: _Run, found: RunFindings) -> Iterator[Path]:
    """The spread with its thresholds, and equity curves: usual parameters, then the searches'."""
    panel, table = run.panel, run.panel.frame.table
    span = (table.index[0], table.index[-1])
    verdict = found.verdict
    shown = [] if verdict is None else (verdict.enabled or _nearest(verdict))
    with run.stage("pictures", 1 + len(found.analyses) + len(shown)) as advance:
        spread = spread_distribution_info(
            {"raw": panel.spread_pct, "excess": panel.spread_excess_pct},
            _thresholds(),
            label=panel.frame.label,
        )
        yield _save(run, draw_distribution(spread), "spread.png")
        advance(1)
        for analysis in found.analyses:
            info = equity_info(
                {name: result.trades for name, result in analysis.results.items()},
                title=f"{analysis.name}, usual parameters: running sum of net pnl",
                label=panel.frame.label,
                span=span,
                notes=[f"{model.name}: {model.describe()}" for model in found.models],
            )
            yield _save(run, draw_equity(info), f"equity/{analysis.name}.png")
            advance(1)
        for each in shown:
            assert verdict is not None  # noqa: S101 (nothing is shown without)
            yield _save(run, draw_equity(_walked(run, found, each)), f"equity/{each.name}.png")
            advance(1)


def _walked(run: _Run, found: RunFindings, judged: Judged) -> EquityInfo:
    """The walk's trades of one claim, then the exported set's on the holdout."""
    verdict = found.verdict
    assert verdict is not None  # noqa: S101 (asked by the caller)
    index, walk = run.panel.frame.table.index, verdict.walk
    tables = [trades_table(walk, judged, is_text=False)]
    if judged.held_out is not None:
        tables.append(judged.held_out.trades)
    return equity_info(
        {found.models[-1].name: pd.concat([table for table in tables if len(table)] or tables)},
        title=f"{judged.name}, walked forward in {len(walk.steps)} steps, then the holdout",
        label=run.panel.frame.label,
        span=(index[walk.pooled_rows.start], index[-1]),
        split=index[walk.last.test.start],
        notes=[("enabled: " if judged.enabled else "refused: ") + judged.reason],
    )


def _nearest(verdict: Verdict) -> list[Judged]:
    """Where nothing survived: the sides that came nearest."""
    known = [each for each in verdict.sides if each.proof.test is not None]
    return sorted(known, key=lambda each: each.proof.p_adjusted)[:3]


def _thresholds() -> dict[str, float]:
    """The levels that open, by ``lead short`` and the like; those alike once."""
    found: dict[str, float] = {}
    for title, params in bases().items():
        level = strategy_of(params).threshold(params)
        if level not in found.values():
            found[title.replace("-", " ")] = level
    return found


def _save(run: _Run, figure: Figure, name: str) -> Path:
    save_figure(figure, run.folder / name, run.about(picture=name))
    return Path(name)


def _write_csv(path: Path, table: pd.DataFrame) -> None:
    write_text(path, table.to_csv(index=False, lineterminator="\n"))

"""The main job: analyses, grids, searches, trial, export, pictures, summary, in one folder."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from research.atomic import write_json, write_text
from research.features.panel import Panel
from research.measures.tables import report_json
from research.plots.distribution import draw_distribution, spread_distribution_info
from research.plots.equity import draw_equity, equity_info
from research.plots.figure import save_figure
from research.plots.heatmap import draw_heatmap
from research.provenance import provenance
from strategies.backtest.model import Model, executable_model, plain_model
from strategies.backtest.portfolio import replay
from strategies.lead_follow import LeadFollowParams
from strategies.registry import strategy_of
from strategies.reversion import ReversionParams
from sweeps.axes import grid_spec
from sweeps.export.bot_config import bot_config, write_bot_config
from sweeps.grid.about import describe_grid
from sweeps.grid.heatmaps import DEFAULT_AXES, heatmap_info
from sweeps.grid.result import GridResult
from sweeps.grid.run import GridJob, run_grids
from sweeps.report.summary import RunFindings, summary
from sweeps.report.week import Analysis, analyse, spread_distribution, week_json
from sweeps.settings import Settings
from sweeps.study.search import BASES, plan_studies, run_studies, train_rows
from sweeps.verdict.trial import Candidate, Verdict, trial_all

__all__ = ["Stage", "run_pipeline"]

Stage = Callable[[str, int], AbstractContextManager[Callable[[int], Any]]]
"""Opens a progress line: title and total in, a function that takes finished steps out."""


@dataclass(frozen=True, slots=True)
class _Run:
    panel: Panel
    settings: Settings
    folder: Path
    command: Sequence[str]
    stage: Stage
    memory_mib: int

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
    memory_mib: int = 1024,
) -> RunFindings:
    """Everything, in order, into ``folder``; what was found.

    Grids and studies that ``folder`` already holds are resumed, everything else is made anew;
    each file appears whole or not at all.

    Parameters
    ----------
    panel
        With regime edges fitted on the training rows.
    memory_mib
        What pieces of the grids may fill.

    Raises
    ------
    SearchError
        A grid or study cannot be run over this data.
    ReplayError
        vectorbt accounts for an exported set differently.
    StoreError
        ``folder`` cannot be written.
    """
    run = _Run(panel, settings, folder, command, stage, memory_mib)
    models = [plain_model(fees_bps, settings.filters), run.executable]
    found = RunFindings(
        panel=panel,
        models=models,
        train_rows=train_rows(panel, settings),
        min_events=settings.study.min_events,
    )
    found.analyses = _analyses(run, models)
    found.grids = _grids(run, found.train_rows)
    found.pictures += _heatmaps(run, found.grids, found.min_events)
    _search(run, found)
    found.replays = _replays(run, found)
    found.pictures += _pictures(run, found)
    write_json(folder / "report.json", _report(run, found))
    write_text(folder / "summary.md", summary(found))
    return found


def _analyses(run: _Run, models: Sequence[Model]) -> list[Analysis]:
    everything = slice(0, len(run.panel))
    analyses = []
    with run.stage("analyses, plain and executable", len(BASES)) as advance:
        for params in BASES.values():
            analysis = analyse(run.panel, params, models, everything)
            for name, result in analysis.results.items():
                _write_csv(run.folder / "trades" / f"{analysis.name}.{name}.csv", result.events())
            analyses.append(analysis)
            advance(1)
    week = week_json(run.panel, everything, analyses, run.command)
    write_json(run.folder / "week.json", week)
    return analyses


def _grids(run: _Run, rows: slice) -> list[GridResult]:
    settings, model = run.settings, run.executable
    axes = {"lead": settings.axes.lead, "reversion": settings.axes.reversion}
    bases = [model.apply(params) for params in BASES.values()]
    specs = [grid_spec(base, axes[strategy_of(base).name]) for base in bases]
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
            x, y = DEFAULT_AXES[grid.spec.strategy.name]
            info = heatmap_info(grid, x, y, min_events=min_events)
            yield _save(run, draw_heatmap(info), f"heatmaps/{grid.name}.{y}-{x}.png")
            advance(1)


def _search(run: _Run, found: RunFindings) -> None:
    settings = run.settings
    specs = plan_studies(run.panel, settings, run.executable)
    title = f"{len(specs)} searches x {settings.study.trials} trials"
    with run.stage(title, len(specs)) as advance:
        found.studies = run_studies(
            run.panel,
            specs,
            run.folder / "studies",
            workers=settings.study.workers,
            on_study=lambda _: advance(1),
        )
    found.judged = trial_all(run.panel, found.studies, settings.export.min_events_out)
    for candidate, _ in found.judged:
        path = run.folder / "trades" / f"{candidate.spec.name}.out-of-sample.csv"
        _write_csv(path, candidate.outside.events())
    config = bot_config(run.panel, settings, found.judged, command=run.command)
    write_bot_config(config, run.folder / "bot_config.json")
    found.config = config


def _replays(run: _Run, found: RunFindings) -> dict[str, str]:
    """vectorbt's account of every exported set, in and out of sample."""
    words = {}
    with run.stage("vectorbt replay (its import takes a while)", len(found.judged)) as advance:
        for candidate, _ in found.judged:
            if not candidate.spec.model.execution.overlap:
                inside, outside = replay(candidate.inside), replay(candidate.outside)
                words[candidate.spec.name] = f"in sample {inside}; out of sample {outside}"
            advance(1)
    return words


def _pictures(run: _Run, found: RunFindings) -> Iterator[Path]:
    """The spread with its thresholds, and equity curves: usual parameters, then the searches'."""
    panel, table = run.panel, run.panel.frame.table
    span, split = (table.index[0], table.index[-1]), table.index[found.train_rows.stop]
    shown = [each for each in found.judged if each[1].enabled] or _nearest(found)
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
        for candidate, verdict in shown:
            trades = pd.concat([candidate.inside.trades, candidate.outside.trades])
            info = equity_info(
                {found.models[-1].name: trades},
                title=f"{candidate.spec.name}, best of {candidate.best.sets_tried} sets",
                label=panel.frame.label,
                span=span,
                split=split,
                notes=[("enabled: " if verdict.enabled else "refused: ") + verdict.reason],
            )
            yield _save(run, draw_equity(info), f"equity/{candidate.spec.name}.png")
            advance(1)


def _nearest(found: RunFindings) -> list[tuple[Candidate, Verdict]]:
    """Where nothing survived: the three that came nearest."""
    known = [each for each in found.judged if each[1].lcb_pnl == each[1].lcb_pnl]
    return sorted(known, key=lambda each: -each[1].lcb_pnl)[:3]


def _thresholds() -> dict[str, float]:
    lead, reversion = LeadFollowParams(), ReversionParams()
    thresholds = {"lead short": lead.spread_entry, "lead long": -lead.spread_entry}
    if reversion.entry != lead.spread_entry:
        thresholds["reversion"] = reversion.entry
    return thresholds


def _save(run: _Run, figure: Figure, name: str) -> Path:
    save_figure(figure, run.folder / name, run.about(picture=name))
    return Path(name)


def _report(run: _Run, found: RunFindings) -> dict[str, Any]:
    everything = slice(0, len(run.panel))
    return {
        "schema": "leadfollow.run/1",
        "synthetic": run.panel.frame.is_synthetic,
        "provenance": run.about(settings=run.settings.model_dump(mode="json")),
        "train_rows": [found.train_rows.start, found.train_rows.stop],
        "spread": spread_distribution(run.panel, everything),
        "analyses": {
            analysis.name: {
                name: report_json(result.segments(), result.strategy.report_columns)
                for name, result in analysis.results.items()
            }
            for analysis in found.analyses
        },
        "searches": {
            spec.name: None if best is None else {"lcb_pnl": best.lcb_pnl, "events": best.events}
            for spec, best in found.studies
        },
        "trial": {
            candidate.spec.name: {
                "enabled": verdict.enabled,
                "reason": verdict.reason,
                "in_sample": candidate.inside.report().to_json(),
                "out_of_sample": candidate.outside.report().to_json(),
                "vectorbt": found.replays.get(candidate.spec.name),
            }
            for candidate, verdict in found.judged
        },
    }


def _write_csv(path: Path, table: pd.DataFrame) -> None:
    write_text(path, table.to_csv(index=False, lineterminator="\n"))

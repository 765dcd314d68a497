"""``summary.md`` of a run: what was found, what was refused and why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from research.data.quality.exclusions import exclusion_lines
from research.features.panel import Panel
from research.frame.presence import presence_sentence
from research.measures.report import Report
from strategies.backtest.model import Model
from strategies.bot.config import BotConfig
from strategies.registry import strategies
from sweeps.grid.result import GridResult
from sweeps.report.prints import bad_print_words
from sweeps.report.week import Analysis
from sweeps.study.search import Found, fallbacks_in
from sweeps.verdict.judgement import Judged
from sweeps.verdict.table import opened_words, side_rows
from sweeps.verdict.verdict import Verdict

__all__ = ["RunFindings", "summary"]


@dataclass(kw_only=True)
class RunFindings:
    """What the stages of a run leave for its summary."""

    panel: Panel
    models: Sequence[Model]
    train_rows: slice
    analyses: Sequence[Analysis] = ()
    grids: Sequence[GridResult] = ()
    studies: Found = field(default_factory=list)
    verdict: Verdict | None = None
    config: BotConfig | None = None
    replays: dict[str, str] = field(default_factory=dict)  # set id -> vectorbt's word
    pictures: list[Path] = field(default_factory=list)  # relative to the run's folder
    min_events: int = 30
    doubts: tuple[str, ...] = ()  # what quality says against these minutes

    @property
    def sets_beside(self) -> int:
        """Sets that the grids and optuna's searches looked at."""
        cells = sum(int(grid.is_valid.sum()) for grid in self.grids)
        return cells + sum(best.sets_tried for _, best in self.studies if best is not None)


def summary(found: RunFindings) -> str:
    """The Markdown text."""
    parts = [
        _head(found),
        _verdict(found),
        _models(found),
        _analyses(found),
        _grids(found),
        _studies(found),
        _pictures(found),
    ]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _head(found: RunFindings) -> Iterator[str]:
    panel, frame = found.panel, found.panel.frame
    index = frame.table.index
    yield f"# leadfollow: {frame.label}"
    if frame.is_synthetic:
        yield ""
        yield (
            "> **SYNTHETIC market.** The minutes were generated with a planted lead. Nothing "
            "here says anything about a real exchange, and nothing here may be traded."
        )
    for doubt in found.doubts:
        yield ""
        yield f"> **RED: {doubt}**"
    yield ""
    yield f"- {len(frame):,} minutes; {presence_sentence(frame)}"
    rule, *stretches = exclusion_lines(frame.origin.exclusion_rule, frame.origin.exclusions)
    yield f"- {rule}"
    yield from (f"  - {stretch.strip()}" for stretch in stretches)
    if panel.bad_prints:
        yield f"- {bad_print_words(panel, found.models)}"
    yield f"- funding: {_funding(panel)}"
    if found.verdict is not None:
        walk = found.verdict.walk
        first, held = walk.pooled_rows.start, walk.last.test.start
        yield (
            f"- walked forward in {len(walk.steps)} steps from {index[first]:%Y-%m-%d %H:%M} to "
            f"{index[held - 1]:%Y-%m-%d %H:%M}, each searched on what was before it; the "
            f"{len(panel) - held:,} minutes after it are the holdout"
        )
    edges = "in-sample" if panel.edges.is_in_sample else f"fitted on {panel.edges.fitted_on}"
    yield f"- regimes by ATR: calm < {panel.edges.low:.4f} % <= normal < {panel.edges.high:.4f} %"
    yield f"  <= wild; edges: {edges}"


def _funding(panel: Panel) -> str:
    missing = "not in the data: left out of costs"
    dydx = "known" if panel.has_funding else missing
    both = " and ".join(each.name for each in strategies() if each.legs == 2)  # that trade there
    binance = f"known, {both} is charged it too" if panel.has_binance_funding else missing
    return f"dYdX {dydx}; Binance {binance}"


def _verdict(found: RunFindings) -> Iterator[str]:
    yield "## Verdict"
    yield ""
    verdict = found.verdict
    if verdict is None:
        yield "None was reached."
        return
    enabled = verdict.enabled
    if enabled:
        yield f"**{len(enabled)} of {len(verdict.judged)} claims are proven and may trade:**"
    else:
        yield (
            f"**Nothing survived.** {len(verdict.judged)} claims, none of which is proven to earn "
            "its costs."
        )
    yield ""
    for each in enabled:
        yield f"- `{each.name}`: {each.reason}"
        yield f"  - {_params(each)}"
        yield f"  - vectorbt: {found.replays.get(each.name, 'not replayed')}"
    if enabled:
        yield ""
        yield (
            "Before any of it trades: `leadfollow preflight bot_config.json`, which writes "
            "preflight.md beside this page."
        )
        yield ""
    yield from side_rows(verdict)
    yield ""
    yield "All lines (stress, placebos, search bias): verdict.md; numbers: verdict.json."
    yield ""
    yield (
        f"- looked at: {found.sets_beside:,} sets in grids and optuna's searches, with the walk's "
        f"and all earlier searches of these minutes {verdict.sets_searched:,}. The best of many "
        "looks better than it is; only what was searched on the past and traded after it counts"
    )
    yield from (f"- {line}" for line in opened_words(verdict))


def _models(found: RunFindings) -> Iterator[str]:
    yield "## Models"
    yield ""
    for model in found.models:
        yield f"- **{model.name}**: {model.describe()}"
    yield ""
    yield "Searches, grids and the verdict use the last of them."


def _analyses(found: RunFindings) -> Iterator[str]:
    yield "## The usual parameters, in every model"
    yield ""
    names = [model.name for model in found.models]
    yield "| analysis | model | trades | win % | avg net % | lower bound % | break-even bps |"
    yield "|---|---|--:|--:|--:|--:|--:|"
    for analysis in found.analyses:
        for name in names:
            report = analysis.results[name].report()
            yield f"| {analysis.name} | {name} | {_row(report)} |"
    for analysis in found.analyses:
        for name, reason in analysis.silence().items():
            last = reason.splitlines()[-1]
            yield ""
            yield f"- {analysis.name}, {name}: nothing triggered; {last}"
    dropped = {
        f"{analysis.name}/{name}": result.dropped_by_age
        for analysis in found.analyses
        for name, result in analysis.results.items()
    }
    yield ""
    yield "Signals dropped because the dYdX price was old: " + ", ".join(
        f"{name} {count}" for name, count in dropped.items()
    )
    silent = {
        f"{analysis.name}/{name}": f"{result.silent_fills} of {result.fills}"
        for analysis in found.analyses
        for name, result in analysis.results.items()
        if result.execution.flat_is_price
    }
    if silent:
        yield ""
        yield "Fills in minutes without a trade: " + ", ".join(
            f"{name} {count}" for name, count in silent.items()
        )


def _grids(found: RunFindings) -> Iterator[str]:
    yield "## Grids (in sample: for looking at, not for choosing)"
    yield ""
    yield "| grid | sets | with enough trades | positive lower bound | best lower bound % |"
    yield "|---|--:|--:|--:|--:|"
    for grid in found.grids:
        enough = grid.column("lcb_pnl")[grid.column("events") >= found.min_events]
        positive = int((enough > 0).sum())
        best = f"{enough.max():+.4f}" if len(enough) else "-"
        valid = int(grid.is_valid.sum())
        yield f"| {grid.name} | {valid:,} | {len(enough):,} | {positive:,} | {best} |"


def _studies(found: RunFindings) -> Iterator[str]:
    yield "## Searches by optuna (in sample: for looking at, not for choosing)"
    yield ""
    yield "| search | trades | lower bound % | sets looked at |"
    yield "|---|--:|--:|--:|"
    takes = fallbacks_in(found.studies)
    for spec, best in found.studies:
        if best is None:
            parent = takes.get(spec.name)
            instead = "" if parent is None else f", falls back to {parent.name}"
            yield f"| {spec.name} | - | no set with {spec.min_events} trades{instead} | - |"
        else:
            yield f"| {spec.name} | {best.events} | {best.lcb_pnl:+.4f} | {best.sets_tried:,} |"


def _pictures(found: RunFindings) -> Iterator[str]:
    yield "## Pictures"
    yield ""
    for path in found.pictures:
        yield f"![{path.stem}]({path.as_posix()})"


def _params(judged: Judged) -> str:
    return ", ".join(f"{name}={getattr(judged.params, name):g}" for name in judged.strategy.axes)


def _row(report: Report) -> str:
    if report.events == 0:
        return "0 | - | - | - | -"
    return (
        f"{report.events} | {report.win_rate:.1f} | {report.avg_pnl:+.4f} | "
        f"{_pct(report.lcb_pnl)} | {report.breakeven_bps:+.1f}"
    )


def _pct(value: float) -> str:
    return "-" if value != value else f"{value:+.4f}"

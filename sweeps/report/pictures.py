"""Pictures of a run beside its heatmaps: the spread, and what equity made of it."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from research.features.panel import Panel
from research.plots.distribution import draw_distribution, spread_distribution_info
from research.plots.equity import draw_equity, equity_info
from strategies.backtest.model import Model
from strategies.registry import bases, strategy_of
from sweeps.report.summary import RunFindings
from sweeps.report.week import Analysis
from sweeps.verdict.judgement import Judged
from sweeps.verdict.table import trades_table
from sweeps.verdict.verdict import Verdict

__all__ = ["nearest", "spread_picture", "usual_picture", "walked_picture"]


def spread_picture(panel: Panel) -> Figure:
    """The spread, raw and excess, with the levels that open."""
    spread = spread_distribution_info(
        {"raw": panel.spread_pct, "excess": panel.spread_excess_pct},
        _thresholds(),
        label=panel.frame.label,
    )
    return draw_distribution(spread)


def usual_picture(panel: Panel, analysis: Analysis, models: Sequence[Model]) -> Figure:
    """Equity by the usual parameters, a line for each model."""
    index = panel.frame.table.index
    info = equity_info(
        {name: result.trades for name, result in analysis.results.items()},
        title=f"{analysis.name}, usual parameters: running sum of net pnl",
        label=panel.frame.label,
        span=(index[0], index[-1]),
        notes=[f"{model.name}: {model.describe()}" for model in models],
    )
    return draw_equity(info)


def walked_picture(panel: Panel, found: RunFindings, judged: Judged) -> Figure:
    """The walk's trades of one claim, then the exported set's on the holdout."""
    verdict = found.verdict
    assert verdict is not None  # noqa: S101 (asked by the caller)
    index, walk = panel.frame.table.index, verdict.walk
    tables = [trades_table(walk, judged, is_text=False)]
    if judged.held_out is not None:
        tables.append(judged.held_out.trades)
    info = equity_info(
        {found.models[-1].name: pd.concat([table for table in tables if len(table)] or tables)},
        title=f"{judged.name}, walked forward in {len(walk.steps)} steps, then the holdout",
        label=panel.frame.label,
        span=(index[walk.pooled_rows.start], index[-1]),
        split=index[walk.last.test.start],
        notes=[("enabled: " if judged.enabled else "refused: ") + judged.reason],
    )
    return draw_equity(info)


def nearest(verdict: Verdict) -> list[Judged]:
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

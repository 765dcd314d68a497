"""How analyses are printed: tables side by side, and what to say when nothing happened."""

import numpy as np
from rich.table import Table

from research.features.panel import Panel
from research.measures.tables import segment_table, side_by_side
from research.outcomes import END
from strategies.backtest.backtest import BacktestResult
from sweeps.cli.sketch import histogram, sparkline
from sweeps.cli.terminal import console, say
from sweeps.report.week import Analysis, spread_distribution

__all__ = ["show_analysis", "show_header", "show_spread"]


def show_header(panel: Panel, rows: slice) -> None:
    """What the tables below are about."""
    index = panel.frame.table.index
    minutes = rows.stop - rows.start
    say(f"{panel.frame.label}; {minutes:,} minutes from {index[rows.start]:%Y-%m-%dT%H:%MZ}")
    if panel.edges.is_in_sample:
        say("regimes: edges in-sample (fitted on the minutes reported)")


def show_analysis(analysis: Analysis, *, per_segment: bool = False) -> None:
    """One table with a column per model, then what a reader must know to believe it."""
    first = next(iter(analysis.results.values()))
    synthetic = " [SYNTHETIC]" if first.panel.frame.is_synthetic else ""
    reports = {name: result.report() for name, result in analysis.results.items()}
    title = f"{analysis.name}{synthetic}"
    if any(len(result) for result in analysis.results.values()):
        columns = first.strategy.report_columns
        console.print(side_by_side(reports, title=title, columns=columns))
    else:
        say(f"{title}: no trade in any model")
    for model in analysis.models:
        result = analysis.results[model.name]
        costs = result.costs
        say(
            f"  {model.name}: {model.describe()}\n"
            f"    round trip {costs.fees_bps:g} bps + {costs.slippage_bps:g} bps a fill, funding "
            f"{result.funding_note}; signals dropped by the age filter: {result.dropped_by_age}; "
            f"cut by the end of the data: {int((result.positions['reason'] == END).sum())}"
            f"{_silent_fills(result)}"
        )
    for name, reason in analysis.silence().items():
        say(f"  {name}: nothing triggered.\n    " + reason.replace("\n", "\n    "))
    if per_segment:
        for name, result in analysis.results.items():
            if len(result):
                segments = {key: r for key, r in result.segments().items() if r.events}
                note = "by segment (those with trades)"
                console.print(segment_table(segments, title=f"{title}, {name}, {note}"))


def _silent_fills(result: BacktestResult) -> str:
    if not result.execution.flat_is_price:
        return ""
    return f"; fills in minutes without a trade: {result.silent_fills} of {result.fills}"


def show_spread(panel: Panel, rows: slice) -> None:
    """The distribution of both spreads, as numbers, as bars, and over time."""
    found = spread_distribution(panel, rows)
    table = Table(
        "percent", *found, title="Spread (dYdX - Binance) / Binance", title_justify="left"
    )
    for key in next(iter(found.values())):
        cells = [found[name].get(key) for name in found]
        digits = 0 if key == "count" else 4
        table.add_row(key, *("-" if cell is None else f"{cell:,.{digits}f}" for cell in cells))
    console.print(table)
    say("spread, minutes (both ends hold what is beyond 1 and 99 %)")
    for line in histogram(panel.spread_pct[rows]):
        say(f"  {line}")
    for name, values in (("spread", panel.spread_pct[rows]), ("basis", panel.basis_pct[rows])):
        known = values[~np.isnan(values)]
        ends = f"{known.min():+.4f} .. {known.max():+.4f} %" if known.size else "unknown"
        say(f"  {name:6} over time {sparkline(values)} {ends}")

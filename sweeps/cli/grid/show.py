"""How a grid is printed: the best set of every segment, and why not to believe it yet."""

import numpy as np
import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.table import Table

from research.features.labels import SEGMENTS
from research.features.panel import Panel
from research.measures.tables import format_value
from strategies.backtest.silence import explain_silence
from sweeps.cli.terminal import console, say
from sweeps.grid.result import GridResult
from sweeps.grid.slices import neighbourhood

__all__ = ["show_grid"]

_SHOWN = ("events", "win_rate", "avg_pnl", "lcb_pnl", "breakeven_bps")
_TOP = 5


def show_grid(result: GridResult, panel: Panel, min_events: int) -> None:
    """The best set of each segment, the best few of all minutes, and what to make of them."""
    say(f"{result.label}; {result.name}: {result.spec.size:,} sets")
    say(f"  {result.model}")
    _explain_costs(result)
    if not result.counts("all", min_events)[2]:
        # the sets with the lowest thresholds come first: nothing else can trade more
        cell = int(np.flatnonzero(result.is_valid)[0])
        params = result.spec.params_at(cell)
        reasons = str(explain_silence(panel, params, result.rows)).replace("\n", "\n    ")
        say(f"  nothing triggered.\n    {reasons}")
        return
    console.print(_segments(result, min_events))
    console.print(_top(result, min_events))
    _warn(result, min_events)


def _varied(result: GridResult) -> list[str]:
    return [axis.name for axis in result.spec.axes if len(axis) > 1]


def _table(result: GridResult, title: str, first: str) -> Table:
    synthetic = " [SYNTHETIC]" if result.origin.is_synthetic else ""
    # brackets are markup to rich
    title = f"{result.name}{synthetic}: {title}".replace("[", r"\[")
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column(first, no_wrap=True)
    for name in (*_varied(result), *_SHOWN):
        table.add_column(name.replace("_", "\n"), justify="right", no_wrap=True)
    return table


def _segments(result: GridResult, min_events: int) -> Table:
    table = _table(
        result, "best lcb_pnl of each segment, and with its neighbours (plateau)", "segment"
    )
    table.add_column("plateau\nlcb", justify="right", no_wrap=True)
    table.add_column("sets with\nlcb > 0", justify="right", no_wrap=True)
    for segment in SEGMENTS:
        counted, positive, largest = result.counts(segment.name, min_events)
        good = f"{positive:,} of {counted:,}"
        best = result.best(segment.name, "lcb_pnl", min_events, top=1, columns=_SHOWN)
        if best.empty:
            most = f"<= {largest:,}"
            blanks = len(_varied(result)) * ["-"]
            table.add_row(segment.name, *blanks, most, *["-"] * len(_SHOWN), good)
        else:
            around = neighbourhood(result, int(best.index[0]), segment=segment.name)
            enough = around[around["events"] >= min_events]
            shown = format_value("lcb_pnl", float(enough["lcb_pnl"].mean()))
            table.add_row(segment.name, *_cells(result, best.iloc[0]), shown, good)
    return table


def _top(result: GridResult, min_events: int) -> Table:
    table = _table(
        result, f"best {_TOP} on all minutes, sets with the same trades shown once", "set"
    )
    best = result.best("all", "lcb_pnl", min_events, top=_TOP, is_distinct=True, columns=_SHOWN)
    for k, cell in enumerate(best.index):
        table.add_row(str(cell), *_cells(result, best.iloc[k]))
    return table


def _cells(result: GridResult, row: "pd.Series[float]") -> list[str]:
    levels = [f"{row[name]:g}" for name in _varied(result)]
    return levels + [format_value(name, row[name]) for name in _SHOWN]


def _explain_costs(result: GridResult) -> None:
    """A take profit within the costs loses whenever it is reached: worth a line."""
    costs, legs = result.costs, result.spec.strategy.legs
    round_trip = costs.fees_pct + costs.slippage_pct(legs)
    say(f"  round trip before funding: {round_trip * 100:g} bps")
    if "tp" in result.spec.strategy.axes:
        levels = result.spec.axes[result.spec.position("tp")].levels
        lost = [f"{level:g}" for level in levels if level <= round_trip]
        if lost:
            say(f"  tp {', '.join(lost)} %: within the costs, such a take profit is a loss")


def _warn(result: GridResult, min_events: int) -> None:
    count = int(result.is_valid.sum())
    say(
        f"  The best of {count:,} sets ({result.distinct_count():,} with different trades) in each "
        f"of {len(SEGMENTS)} segments is picked on the very minutes\n  it is judged on: chance "
        f"alone finds good-looking ones among so many. Sets with fewer than {min_events} trades "
        "do not count.\n  `leadfollow study` keeps a test part that no search sees."
    )
    if result.edges.is_in_sample:
        say("  regimes: edges in-sample (fitted on the minutes of the frame)")

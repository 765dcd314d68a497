"""The project in a handful of calls, for notebooks.

>>> from sweeps.notebook import *
>>> panel = features(load_frame("BTC"))                       # or synthetic_frame()
>>> result = backtest(panel, LeadFollowParams(mode="long", spread_entry=0.03))
>>> result.report(), result.segments(), result.events()
>>> levels = {"spread_entry": "0.02:0.10:0.02", "tp": [0.2, 0.4]}
>>> found = grid(panel, LeadFollowParams(mode="long"), levels)
>>> heatmap(found, "spread_entry", "tp")
>>> interactive(found)                                        # any axes, column and segment
"""

import os
from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from research.data.synthetic.market import SyntheticSpec
from research.features.panel import Panel, features
from research.frame.frame import Frame
from research.frame.load import load_frame, synthetic_frame
from research.measures.tables import report_frame
from research.plots.heatmap import draw_heatmap
from strategies.backtest.backtest import BacktestResult, backtest
from strategies.law.execution import EXECUTABLE, PLAIN, Execution
from strategies.lead_follow import LeadFollowParams
from strategies.registry import Params
from strategies.reversion import ReversionParams
from sweeps.axes import grid_spec
from sweeps.grid.exact import exact_reports, top_sets
from sweeps.grid.heatmaps import heatmap_info
from sweeps.grid.result import GridResult
from sweeps.grid.run import run_grid
from sweeps.grid.slices import marginal, neighbourhood
from sweeps.report.page.alone import interactive

__all__ = [
    "EXECUTABLE",
    "PLAIN",
    "BacktestResult",
    "Execution",
    "GridResult",
    "LeadFollowParams",
    "Panel",
    "ReversionParams",
    "SyntheticSpec",
    "backtest",
    "exact_reports",
    "features",
    "grid",
    "heatmap",
    "interactive",
    "load_frame",
    "marginal",
    "market_frame",
    "neighbourhood",
    "report_frame",
    "synthetic_frame",
    "top_sets",
]


def market_frame(days: float = 14.0, seed: int = 7) -> Frame:
    """The store's market that ``LEADFOLLOW_MARKET`` names, else the synthetic one.

    Raises
    ------
    StoreError, FrameError
        The market is not in the store, or makes no frame.
    """
    market = os.environ.get("LEADFOLLOW_MARKET")
    return load_frame(market) if market else synthetic_frame(SyntheticSpec(days=days, seed=seed))


def grid(
    panel: Panel,
    base: Params,
    levels: Mapping[str, Sequence[float] | str],
    *,
    execution: Execution = EXECUTABLE,
    rows: slice | None = None,
) -> GridResult:
    """Every combination of ``levels`` around ``base``, scored on ``rows`` of ``panel``.

    Parameters
    ----------
    levels
        By parameter name: a list, or text such as ``"0.02:0.12:0.02"`` (both ends included).

    Raises
    ------
    SearchError
        An unknown parameter, or levels that are out of bounds or do not rise.
    """
    return run_grid(panel, grid_spec(base, levels), execution=execution, rows=rows)


def heatmap(
    result: GridResult,
    x: str,
    y: str,
    *,
    value: str = "lcb_pnl",
    min_events: int = 30,
    panel: Panel | None = None,
) -> Figure:
    """A picture of ``value`` over two axes, one panel per segment, the best of the other axes.

    Parameters
    ----------
    panel
        Needed for a column that does not add up over trades, such as ``median_pnl``.

    Raises
    ------
    SearchError
        No such axis or column.
    """
    info = heatmap_info(result, x, y, value=value, min_events=min_events, panel=panel)
    return draw_heatmap(info)

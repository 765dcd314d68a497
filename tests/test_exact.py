"""The second pass: every column of the sets that are looked at, by the law."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from research.costs import Costs
from research.errors import ParamError, ReplayError, SearchError
from research.features.labels import SEGMENTS
from research.features.panel import Panel
from strategies.backtest import backtest
from strategies.execution import EXECUTABLE, PLAIN
from strategies.lead_follow import LeadFollowParams
from strategies.reversion import ReversionParams
from sweeps.axes import grid_spec
from sweeps.exact import exact_reports, top_sets
from sweeps.grid import GridResult, run_grid
from sweeps.heatmaps import heatmap_info
from tests.markets import small_panel, week_panel

COSTS = Costs(fees_bps=3, slippage_bps=0.5, funding=True)
LEAD = grid_spec(
    LeadFollowParams(mode="long"),
    {"move_pct": [0.03, 0.06], "spread_entry": [0.0, 0.01], "tp": [0.1, 40.0], "sl": [0.2, 41.0]},
)
BACK = grid_spec(
    ReversionParams(), {"entry": [0.02, 0.03], "exit": [0.0, 0.02], "max_hold": [15, 60]}
)


@pytest.mark.parametrize("execution", [PLAIN, EXECUTABLE], ids=["plain", "executable"])
@pytest.mark.parametrize("spec", [LEAD, BACK], ids=["lead", "reversion"])
@pytest.mark.parametrize("market", ["synthetic", "recorded"])
def test_exact_reports_are_those_of_the_backtest(
    market: str, spec: Any, execution: Any, request: pytest.FixtureRequest
) -> None:
    panel = small_panel()
    if market == "recorded":
        panel = week_panel(request.getfixturevalue("shared_data"))
    result = run_grid(panel, spec, execution=execution, costs=COSTS)
    wanted = {"all": [0, 4], "us": [4], "asia/wild": [0, 1]}
    found = exact_reports(panel, result, wanted, threads=1)
    assert found.index.tolist() == [(name, c) for name, some in wanted.items() for c in some]
    for (name, cell), row in found.iterrows():  # type: ignore[misc]
        params = spec.params_at(cell)
        law = backtest(panel, params, execution=execution, costs=COSTS).segments()[name]
        for column in spec.strategy.report_columns:
            np.testing.assert_equal(row[column], getattr(law, column), err_msg=column)
        for axis in spec.axes:
            assert row[axis.name] == getattr(params, axis.name)
    again = exact_reports(panel, result, wanted, threads=2)
    pd.testing.assert_frame_equal(found, again)


def result_of(panel: Panel) -> GridResult:
    return run_grid(panel, LEAD, execution=EXECUTABLE, costs=COSTS)


def test_the_top_of_each_segment_shows_the_same_trades_once() -> None:
    result = result_of(small_panel())
    best = top_sets(result, 3, min_events=3)
    assert list(best) == [segment.name for segment in SEGMENTS]
    assert best["all"] == result.best("all", min_events=3, top=3, is_distinct=True).index.tolist()
    assert len(set(best["all"])) == 3
    found = exact_reports(small_panel(), result, best)
    assert len(found) == sum(len(some) for some in best.values())


def test_a_grid_that_counted_other_trades_is_found_out() -> None:
    result = result_of(small_panel())
    for name, table in (("events", result.tally.counts), ("net", result.tally.sums)):  # type: ignore[union-attr]
        kept = table[name][0, 3]
        table[name][0, 3] += 1
        with pytest.raises(ReplayError, match=r"lead-long, set 3, all: .* by the law; the grid is"):
            exact_reports(small_panel(), result, {"all": [2, 3]})
        table[name][0, 3] = kept
    exact_reports(small_panel(), result, {"all": [2, 3]})


def test_another_panel_and_nonsense_are_refused() -> None:
    result = result_of(small_panel())
    other = replace(small_panel(), edges=replace(small_panel().edges, low=0.5))
    with pytest.raises(SearchError, match="not the minutes, regime edges or feature settings"):
        exact_reports(other, result, {"all": [0]})
    with pytest.raises(SearchError, match="not the minutes"):
        exact_reports(small_panel(seed=8), result, {"all": [0]})
    with pytest.raises(ParamError, match="segment = 'mars'"):
        exact_reports(small_panel(), result, {"mars": [0]})
    assert len(exact_reports(small_panel(), result, {"all": []})) == 0


@pytest.mark.parametrize("value", ["median_pnl", "max_drawdown", "profit_factor"])
def test_a_heatmap_shows_exact_columns_of_the_sets_it_picks(value: str) -> None:
    panel = small_panel()
    result = run_grid(panel, BACK, execution=EXECUTABLE, costs=COSTS)
    options: Any = {"min_events": 3, "segments": ["all", "us"]}
    info = heatmap_info(result, "exit", "entry", value=value, panel=panel, **options)
    assert any(
        f"{value}: exact, by the law, of the set that lcb_pnl picks" in n for n in info.notes
    )
    table = result.table("us")
    for row, entry in enumerate([0.02, 0.03]):
        for column, exit_ in enumerate([0.0, 0.02]):
            some = table[(table["entry"] == entry) & (table["exit"] == exit_)]
            enough = some[some["events"] >= 3]
            shown = info.panels[1].values[row, column]
            if not result.is_valid[some.index].any():
                assert np.isnan(shown)
                continue
            pick = enough["lcb_pnl"].idxmax() if len(enough) else some["events"].idxmax()
            trades = backtest(panel, BACK.params_at(int(pick)), costs=COSTS).segments()["us"]
            np.testing.assert_equal(shown, getattr(trades, value))
    assert info.is_less_better == (value == "max_drawdown")
    if value == "max_drawdown":
        known = np.where(info.panels[0].is_thin, np.nan, info.panels[0].values)
        assert info.panels[0].best == np.unravel_index(np.nanargmin(known), known.shape)


def test_exact_columns_need_the_panel_and_a_picked_set() -> None:
    result = result_of(small_panel())
    with pytest.raises(SearchError, match="median_pnl: does not add up over trades, so it needs"):
        heatmap_info(result, "tp", "sl", value="median_pnl")
    with pytest.raises(SearchError, match="only sets that are picked can show it"):
        heatmap_info(result, "tp", "sl", value="median_pnl", how="median", panel=small_panel())

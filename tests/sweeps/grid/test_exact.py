"""The second pass: every column of the sets that are looked at, by the law."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from research.errors import ParamError, SearchError, TallyError
from research.features.labels import SEGMENTS
from research.features.panel import Panel
from research.measures.costs import Costs
from research.plots.heatmap import draw_heatmap
from strategies.backtest.backtest import backtest
from strategies.law.execution import EXECUTABLE, PLAIN
from strategies.lead_follow import LeadFollowParams
from strategies.reversion import ReversionParams
from sweeps.axes import grid_spec
from sweeps.grid.exact import exact_reports, top_sets
from sweeps.grid.heatmaps import heatmap_info
from sweeps.grid.result import GridResult
from sweeps.grid.run import run_grid
from tests.samples.markets import small_panel, week_panel

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
    done: list[int] = []
    again = exact_reports(panel, result, wanted, threads=2, progress=done.append)
    pd.testing.assert_frame_equal(found, again, check_exact=True)
    assert sum(done) == 3  # sets 0, 1 and 4: each is run once for all of its segments


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


@pytest.mark.parametrize(
    ("part", "name", "change", "column"),
    [
        ("counts", "events", 1, "events"),
        ("counts", "wins", 1, "win_rate"),
        ("counts", "hold", 1, "avg_hold"),
        ("counts", "tp", 1, "tp_share"),
        ("sums", "net", 1e-7, "avg_pnl|total_pnl"),
        ("sums", "net_squared", 1e-7, "pnl_std"),
        ("sums", "gross", 1e-7, "breakeven_bps"),
        ("worst", "", -1e-7, "max_loss"),
    ],
)
def test_a_grid_that_counted_other_trades_is_found_out(
    part: str, name: str, change: float, column: str
) -> None:
    result = result_of(small_panel())
    exact_reports(small_panel(), result, {"us": [2, 3]})
    held: Any = getattr(result.tally, part)
    table, us = (held[name] if name else held), [segment.name for segment in SEGMENTS].index("us")
    assert result.column("events", "us")[3] > 1
    table[us, 3] += change
    exact_reports(small_panel(), result, {"us": [2], "all": [3]})
    with pytest.raises(TallyError, match=rf"^lead-long, set 3, us: ({column}) is .* by the law"):
        exact_reports(small_panel(), result, {"us": [2, 3]})


def test_the_refusal_of_a_tally_says_both_values_and_what_to_do() -> None:
    result = result_of(small_panel())
    law = result.column("events")[3]
    held: Any = result.tally
    held.counts["events"][0, 3] += 1
    with pytest.raises(TallyError) as refusal:
        exact_reports(small_panel(), result, {"all": [3]})
    assert str(refusal.value) == (
        f"lead-long, set 3, all: events is {law + 1} in the grid and {law} by the law; the grid is "
        "of other data or code: make it again, and report it if it stays"
    )


def test_the_rounding_of_equal_trades_raises_no_false_alarm() -> None:
    panel = small_panel()
    base = LeadFollowParams(mode="long", spread_entry=0.0, sl=20.0, horizon=600, move_pct=0.03)
    result = run_grid(panel, grid_spec(base, {"tp": [0.2, 0.3]}), costs=Costs(fees_bps=3))
    for name in ("pnl_std", "lcb_pnl"):
        law = exact_reports(panel, result, {"europe/normal": [1]})[name].iloc[0]
        # all trades earn the same to the last bits, and the root of what is left is no longer small
        assert abs(float(result.column(name, "europe/normal")[1]) - law) > 1e-9


def test_another_panel_and_nonsense_are_refused() -> None:
    panel = small_panel()
    result = result_of(panel)
    calm = replace(panel, edges=replace(panel.edges, low=0.5))
    longer = replace(result, feature_settings={**result.feature_settings, "features": {}})
    made_on = f"that the grid lead-long was made on ({result.label}); load those, or make the grid"
    for other, grid, what in (
        (calm, result, "regime edges"),
        (small_panel(seed=8), result, "minutes and regime edges"),
        (panel, longer, "feature settings"),
    ):
        with pytest.raises(SearchError) as refusal:
            exact_reports(other, grid, {"all": [0]})
        assert str(refusal.value) == f"{other.frame.label}: not the {what} {made_on} again"
    with pytest.raises(ParamError, match="segment = 'mars'"):
        exact_reports(panel, result, {"mars": [0]})
    with pytest.raises(SearchError, match="threads must be at least 1, was 0"):
        exact_reports(panel, result, {"all": [0]}, threads=0)
    for cell in (-1, 16):
        with pytest.raises(SearchError) as refusal:
            exact_reports(panel, result, {"all": [cell]})
        assert str(refusal.value) == (
            f"set {cell}: not in the grid lead-long of 16 sets; take one of 0 .. 15"
        )
    assert len(exact_reports(panel, result, {"all": []})) == 0


@pytest.mark.parametrize("value", ["median_pnl", "pnl_q05", "max_drawdown", "profit_factor"])
def test_a_heatmap_shows_exact_columns_of_the_sets_it_picks(value: str) -> None:
    panel = small_panel()
    result = run_grid(panel, BACK, execution=EXECUTABLE, costs=COSTS)
    options: Any = {"min_events": 3, "segments": ["all", "us"]}
    info = heatmap_info(result, "exit", "entry", value=value, panel=panel, **options)
    assert info.notes[2] == (
        f"each cell: exact {value}, by the law, of the set with the largest lcb_pnl "
        "(hatched cells: with the most trades)"
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
        cells: Any = draw_heatmap(info).axes[0].collections[0]
        bright = cells.get_facecolor()[:, :3].sum(axis=1)[~info.panels[0].is_thin[info.is_valid]]
        shown = known[~np.isnan(known)]
        np.testing.assert_array_equal(np.argsort(-bright), np.argsort(shown))


def test_exact_columns_need_the_panel_and_a_picked_set() -> None:
    result = result_of(small_panel())
    with pytest.raises(SearchError, match="median_pnl: does not add up over trades, so it needs"):
        heatmap_info(result, "tp", "sl", value="median_pnl")
    with pytest.raises(SearchError, match="only sets that are picked can show it"):
        heatmap_info(result, "tp", "sl", value="median_pnl", how="median", panel=small_panel())


def test_fixed_levels_show_the_exact_column_of_that_very_set() -> None:
    panel = small_panel()
    result = run_grid(panel, BACK, execution=EXECUTABLE, costs=COSTS)
    options: Any = {"how": "fixed", "fixed": {"max_hold": 60}, "segments": ["europe"]}
    info = heatmap_info(
        result, "exit", "entry", value="median_hold", panel=panel, threads=2, **options
    )
    assert (
        "each cell: exact median_hold, by the law, of the set with the fixed levels" in info.notes
    )
    shown = info.panels[0].values
    found = 0
    for cell in np.flatnonzero(result.is_valid).tolist():
        params: Any = BACK.params_at(cell)
        if params.max_hold == 60:
            at = ([0.02, 0.03].index(params.entry), [0.0, 0.02].index(params.exit))
            law = backtest(panel, params, costs=COSTS).segments()["europe"]
            np.testing.assert_equal(shown[at], law.median_hold)
            found += 1
    assert found == 3
    assert np.isnan(shown[0, 1])  # entry 0.02 with exit 0.02 is no valid set


def test_a_set_without_a_loss_saturates_the_colours_of_profit_factors() -> None:
    panel = small_panel()
    spec = grid_spec(
        LeadFollowParams(mode="long", spread_entry=0.0, sl=20.0, horizon=600, move_pct=0.03),
        {"tp": [0.01, 0.1], "window": [3, 5]},
    )
    result = run_grid(panel, spec, execution=EXECUTABLE, costs=Costs(fees_bps=3))
    info = heatmap_info(result, "tp", "window", value="profit_factor", panel=panel, min_events=3)
    every = np.concatenate([each.values.ravel() for each in info.panels])
    assert np.isinf(every).any()
    assert info.center == 1.0
    assert info.limits == (0.0, 2.0)
    assert not any("round trip of" in note for note in info.notes)  # that is a cost's centre
    texts = [text.get_text() for axes in draw_heatmap(info).axes for text in axes.texts]
    assert any(text.startswith("inf\n") for text in texts)
    assert any(text.startswith("0.000\n") for text in texts)  # no sign: it is no pnl

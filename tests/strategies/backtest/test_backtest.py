"""Laws that every backtest keeps, on the synthetic market and on the recorded week."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from research.errors import FrameError, ParamError
from research.features.panel import features
from research.measures.costs import Costs, plain_costs
from strategies.backtest.backtest import BacktestResult, backtest, with_filters
from strategies.law.execution import EXECUTABLE, PLAIN, Execution
from strategies.law.filters import EntryFilters, is_allowed, last_funding_rate
from strategies.law.position import TRADE_FIELDS
from strategies.lead_follow import LeadFollowParams
from strategies.registry import Params
from strategies.reversion import ReversionParams
from tests.samples.markets import small_frame, small_panel, week_panel

ANY_AGE = EntryFilters(max_age_min=float("inf"))
LEAD = LeadFollowParams(mode="long", spread_entry=0.02, move_pct=0.05, cooldown=2)
BACK = ReversionParams(entry=0.03, exit=0.01)
SETS: list[Params] = [LEAD, replace(LEAD, mode="short"), BACK]
MODELS = [
    Execution(fill=fill, touch=touch, overlap=overlap)
    for fill in ("close", "next_open")
    for touch in ("close", "intrabar")
    for overlap in (True, False)
]


def names(result: BacktestResult) -> list[tuple[int, int, int]]:
    return result.positions[["entry", "exit", "reason"]].tolist()


def test_the_recorded_week_gives_the_known_numbers(shared_data: Path) -> None:
    panel = week_panel(shared_data)
    long = LeadFollowParams(mode="long", reference="raw", spread_entry=0.03, filters=ANY_AGE)
    found = backtest(panel, long, execution=PLAIN, costs=plain_costs(8.0)).report()
    assert found.events == 53
    assert found.avg_pnl == pytest.approx(-0.027406899249, abs=1e-12)
    assert round(found.tp_share * 53 / 100) == 6
    assert round(found.sl_share * 53 / 100) == 1
    assert round(found.horizon_share * 53 / 100) == 46
    short = LeadFollowParams(mode="short", reference="raw", spread_entry=0.08, filters=ANY_AGE)
    assert len(backtest(panel, short, execution=PLAIN, costs=plain_costs(8.0))) == 0
    back = ReversionParams(reference="raw", filters=ANY_AGE)
    found = backtest(panel, back, execution=PLAIN, costs=plain_costs(8.0)).report()
    assert (found.events, found.timeout_share) == (12, 100.0)
    assert found.avg_pnl == pytest.approx(-0.080000641061, abs=1e-12)


def test_the_executable_week_is_the_one_of_the_reference(shared_data: Path) -> None:
    panel = week_panel(shared_data)
    costs = Costs(fees_bps=10.0, slippage_bps=1.0)
    long = backtest(panel, LeadFollowParams(mode="long", spread_entry=0.03), costs=costs)
    assert names(long)[:3] == [(3122, 3137, 2), (3292, 3307, 2), (3316, 3326, 0)]
    assert long.report().avg_pnl == pytest.approx(-0.015266289849480898, abs=1e-14)


@pytest.mark.parametrize("params", SETS)
@pytest.mark.parametrize("model", MODELS)
def test_costs_never_help(params: Params, model: Execution) -> None:
    panel = small_panel()
    free = backtest(panel, params, execution=model, costs=Costs(fees_bps=0.0))
    dear = backtest(panel, params, execution=model, costs=Costs(fees_bps=10.0, slippage_bps=1.0))
    assert names(free) == names(dear)
    assert (dear.net_pct < free.net_pct).all()
    fills = 2 * free.strategy.legs
    np.testing.assert_allclose(free.net_pct - dear.net_pct, 0.10 + 0.01 * fills, atol=1e-12)


@pytest.mark.parametrize("params", SETS)
@pytest.mark.parametrize("model", MODELS)
def test_the_future_changes_no_finished_trade(params: Params, model: Execution) -> None:
    frame = small_frame()
    whole = features(frame, edges=small_panel().edges)
    cut = len(frame) // 2
    poisoned = replace(frame, table=frame.table.copy())
    rng = np.random.default_rng(3)
    poisoned.table.iloc[cut:] *= rng.uniform(0.5, 2.0, poisoned.table.iloc[cut:].shape)
    other = features(poisoned, edges=whole.edges)
    before, after = (backtest(panel, params, execution=model).positions for panel in (whole, other))
    # an exit decided on the last clean close may be filled at the first poisoned open
    finished, again = before[before["exit"] < cut - 1], after[after["exit"] < cut - 1]
    assert len(finished) > 5
    np.testing.assert_equal(again.tolist(), finished.tolist())


def test_a_trade_has_no_fate_left() -> None:
    trades = backtest(small_panel(), LEAD).trades
    assert "fate" not in trades.columns
    assert set(TRADE_FIELDS) <= set(trades.columns)


@pytest.mark.parametrize("params", SETS)
def test_a_single_position_never_overlaps_itself(params: Params) -> None:
    positions = backtest(small_panel(), params, execution=EXECUTABLE).positions
    assert len(positions) > 5
    assert (positions["entry"][1:] >= positions["exit"][:-1]).all()


def test_rows_confine_entries_and_end_the_frame() -> None:
    panel = small_panel()
    rows = slice(1000, 3000)
    found = backtest(panel, LEAD, rows=rows).positions
    assert (found["entry"] >= 1000).all()
    assert (found["exit"] < 3000).all()
    with pytest.raises(FrameError, match=r"rows 7..7 hold no minute"):
        backtest(panel, LEAD, rows=slice(7, 7))


def test_a_train_part_does_not_depend_on_the_minutes_after_it() -> None:
    frame = small_frame()
    cut = 3000
    edges = small_panel().edges
    shorter = replace(frame, table=frame.table.iloc[:cut])
    inside = backtest(features(frame, edges=edges), LEAD, rows=slice(0, cut)).positions
    alone = backtest(features(shorter, edges=edges), LEAD).positions
    np.testing.assert_equal(inside.tolist(), alone.tolist())


def test_entries_keep_to_sessions_regimes_and_fresh_minutes() -> None:
    panel = small_panel()
    params = with_filters(LEAD, sessions=("asia", "us"), regimes=("wild",))
    entries = backtest(panel, params).positions["entry"]
    assert len(entries) > 3
    assert set(panel.session[entries]) <= {0, 2}
    assert set(panel.regime[entries]) == {2}
    assert (panel.column("dydx_age_min")[entries] == 0).all()


def test_rsi_trend_and_funding_filters_hold_at_every_entry() -> None:
    panel = small_panel()
    low = backtest(panel, with_filters(LEAD, rsi_timeframe="1m", rsi_max=70.0)).positions["entry"]
    assert len(low) > 3
    assert (panel.rsi["1m"][low] <= 70.0).all()
    aligned = backtest(panel, with_filters(LEAD, needs_alignment=True)).positions["entry"]
    assert (panel.mtf_aligned[aligned] == 1).all()
    rate = last_funding_rate(panel)
    bound = float(np.nanmedian(rate)) * 100
    cheap = backtest(panel, with_filters(LEAD, max_funding_pct=bound)).positions["entry"]
    assert 0 < len(cheap) < len(backtest(panel, LEAD))
    assert (rate[cheap] * 100 <= bound).all()


def test_trend_and_funding_of_a_strategy_of_both_sides_mean_its_dydx_leg() -> None:
    trend = np.random.default_rng(5).choice([-1.0, 0.0, 1.0, np.nan], len(small_panel()))
    panel = replace(small_panel(), mtf_aligned=trend)
    back = ReversionParams(entry=0.02, exit=0.01)
    trades = backtest(panel, with_filters(back, needs_alignment=True)).positions
    assert set(trades["side"].tolist()) == {-1, 1}
    assert (panel.mtf_aligned[trades["entry"]] == trades["side"]).all()
    rate = last_funding_rate(panel)
    paid = backtest(panel, back).positions
    bound = float(np.nanmedian(paid["side"] * rate[paid["entry"]])) * 100
    cheap = backtest(panel, with_filters(back, max_funding_pct=bound)).positions
    assert 0 < len(cheap) < len(paid)
    assert (cheap["side"] * rate[cheap["entry"]] * 100 <= bound).all()


def test_a_filter_that_needs_a_side_is_refused_without_one() -> None:
    with pytest.raises(ParamError, match="need the side of a trade"):
        is_allowed(small_panel(), EntryFilters(needs_alignment=True), side=0)


def test_dropped_signals_are_those_that_only_age_held_back() -> None:
    """The same number, whether silent minutes are written as flat candles or left out."""
    panel = small_panel()
    strict = with_filters(LEAD, max_age_min=0.0, sessions=("asia", "us"))
    table = panel.frame.table
    last = table["dydx_close"].where(table["dydx_age_min"] == 0).ffill()
    spread = (last / table["binance_close"] - 1) * 100 - panel.basis_pct
    lead = panel.lead_return_pct(LEAD.window)
    meets = (spread <= -LEAD.spread_entry) & (lead >= LEAD.move_pct) & (panel.session != 1)
    expected = np.count_nonzero(meets & (table["dydx_age_min"] > 0))
    assert expected > 0
    assert backtest(panel, strict).dropped_by_age == expected
    without = table.copy()
    candle = [name for name in table if name.startswith("dydx_") and name != "dydx_age_min"]
    without.loc[table["dydx_age_min"] > 0, candle] = np.nan
    missing = features(replace(panel.frame, table=without), edges=panel.edges)
    assert backtest(missing, strict).dropped_by_age == expected
    anything = with_filters(LEAD, max_age_min=float("inf"))
    assert backtest(panel, anything, execution=PLAIN).dropped_by_age == 0


def test_the_plain_model_says_how_many_fills_stood_on_silent_minutes() -> None:
    panel = small_panel()
    for params in SETS:
        plain = backtest(panel, with_filters(params, max_age_min=float("inf")), execution=PLAIN)
        traded = {v: panel.frame.has_traded(v) for v in ("dydx", "binance")}
        rows = [*plain.positions["entry"], *plain.positions["exit"]]  # fills at closes
        legs = ("dydx", "binance")[: plain.strategy.legs]
        assert plain.silent_fills == sum(not traded[leg][row] for leg in legs for row in rows)
        assert plain.fills == len(rows) * len(legs)
        assert plain.silent_fills > 0
        assert backtest(panel, params).silent_fills == 0


def test_the_plain_model_reads_flat_candles_and_keeps_the_labels() -> None:
    panel = small_panel()
    recorded = panel.as_recorded
    assert recorded is panel.as_recorded is recorded.as_recorded
    close = panel.frame.column("dydx_close")
    np.testing.assert_array_equal(recorded.column("dydx_close"), close)
    silent = np.isnan(panel.column("dydx_close")) & ~np.isnan(close)
    np.testing.assert_array_equal(silent, ~panel.frame.has_traded("dydx") & ~np.isnan(close))
    assert silent.any()
    assert recorded.session is panel.session
    assert recorded.regime is panel.regime
    assert recorded.edges == panel.edges


def test_events_are_the_columns_of_the_contract() -> None:
    events = backtest(small_panel(), LEAD).events()
    assert ",".join(events.columns) == (
        "entry_time,exit_time,mode,entry_price,exit_price,gross_pct,net_pct,reason,"
        "mae_pct,mfe_pct,spread_pct,lead_pct"
    )
    assert events["entry_time"].str.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:00Z").all()
    events = backtest(small_panel(), SETS[2]).events()
    assert ",".join(events.columns) == (
        "entry_time,exit_time,side,entry_spread_pct,exit_spread_pct,gross_pct,net_pct,reason"
    )


def test_no_planted_edge_earns_nothing_after_costs() -> None:
    with_edge = backtest(small_panel(1.0, 30.0), replace(LEAD, spread_entry=0.06, move_pct=0.15))
    without = backtest(small_panel(0.0, 30.0), replace(LEAD, spread_entry=0.03, move_pct=0.10))
    assert with_edge.report().avg_pnl > 0
    assert without.report().avg_pnl < 0

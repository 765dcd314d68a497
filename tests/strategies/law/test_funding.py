"""What legs pay, and what is said where nobody knows."""

from dataclasses import replace

import numpy as np
import pytest

from research.features.panel import Panel, features
from research.measures.costs import Costs
from strategies.backtest.backtest import BacktestResult, backtest
from strategies.law.funding import funding_venues, leg_rates
from strategies.lead_follow import LeadFollowParams
from strategies.reversion import ReversionParams
from tests.samples.markets import small_frame

BACK = ReversionParams(entry=0.03, exit=0.01)
LEAD = LeadFollowParams(mode="long", spread_entry=0.02, move_pct=0.05, cooldown=2)
COSTS = Costs(fees_bps=10.0, funding=True)


def panel_with(dydx: float, binance: float | None) -> Panel:
    """The small market, its dYdX paying every hour, Binance every four; None: no such column."""
    frame = small_frame()
    table, minute = frame.table.copy(), frame.minute
    table["funding_rate"] = np.where(minute % 60 == 0, dydx, 0.0)
    if binance is not None:
        table["binance_funding_rate"] = np.where(minute % 240 == 0, binance, 0.0)
    return features(replace(frame, table=table), train_rows=4000)


def back(panel: Panel) -> BacktestResult:
    return backtest(panel, BACK, costs=COSTS)


def test_equal_rates_of_both_legs_cancel() -> None:
    panel = panel_with(0.001, None)
    table = panel.frame.table.assign(binance_funding_rate=panel.frame.table["funding_rate"])
    both = features(replace(panel.frame, table=table), edges=panel.edges)
    alone, charged = back(panel).positions, back(both).positions
    assert np.count_nonzero(alone["funding_pct"]) > 5
    np.testing.assert_array_equal(charged["funding_pct"], 0.0)
    np.testing.assert_array_equal(charged["exit"], alone["exit"])


def test_the_binance_leg_pays_what_its_mirror_image_would_receive() -> None:
    without, charged = back(panel_with(0.0, 0.0)), back(panel_with(0.0, 0.0007))
    paid = charged.positions["funding_pct"]
    shorts_binance = charged.positions["side"] > 0
    assert np.count_nonzero(paid) > 5
    assert (paid[shorts_binance] <= 0).all()  # a short receives a positive rate
    assert (paid[~shorts_binance] >= 0).all()
    np.testing.assert_allclose(without.net_pct - charged.net_pct, paid, atol=1e-14)


def test_lead_follow_has_no_leg_on_binance_to_pay_for() -> None:
    before, after = (backtest(panel_with(0.001, rate), LEAD, costs=COSTS) for rate in (None, 0.1))
    np.testing.assert_equal(after.positions.tolist(), before.positions.tolist())


@pytest.mark.parametrize("hidden", [0.0, 1.0])
def test_an_unknown_rate_charges_nothing(hidden: float) -> None:
    panel = panel_with(0.001, 0.002)
    table = panel.frame.table.copy()
    due = table["binance_funding_rate"] != 0
    table.loc[due if hidden else slice(None), "binance_funding_rate"] = np.nan
    partly = features(replace(panel.frame, table=table), edges=panel.edges)
    assert funding_venues(partly, 2) == (("dydx", "binance") if hidden else ("dydx",))
    np.testing.assert_array_equal(leg_rates(partly, 2), leg_rates(panel, 1))


def test_results_say_whose_funding_was_charged() -> None:
    assert back(panel_with(0.001, 0.001)).funding_note == "on"
    assert back(panel_with(0.001, None)).funding_note == (
        "on (binance: none in the frame, not charged)"
    )
    nobody = back(panel_with(float("nan"), None))
    assert nobody.funding_note == "off (the frame has none)"
    assert backtest(nobody.panel, BACK, costs=replace(COSTS, funding=False)).funding_note == "off"
    assert backtest(panel_with(0.001, None), LEAD, costs=COSTS).funding_note == "on"

"""Entry filters: what they let pass, what they say, and that a model lays its own over a set's."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from research.arrays import Bools, Floats
from research.errors import ParamError
from research.features.panel import Panel, features
from research.frame.extra import with_columns
from strategies.backtest.backtest import backtest
from strategies.backtest.model import executable_model, plain_model
from strategies.law.bounds import bound_of
from strategies.law.filters import (
    EntryFilters,
    is_allowed,
    is_comparable,
    last_funding_rate,
)
from strategies.lead_follow import LeadFollowParams
from strategies.settings import FilterSettings
from sweeps.settings import Settings
from tests.samples.markets import small_frame, small_panel

LEAD = LeadFollowParams(mode="long", spread_entry=0.02, move_pct=0.05, cooldown=2)


def scored(values: list[float]) -> Panel:
    """The small market with a score that repeats ``values``."""
    frame = small_frame()
    score = np.resize(np.array(values, dtype=np.float64), len(frame))
    table = pd.DataFrame({"score": score}, index=frame.table.index)
    return features(with_columns(frame, table), edges=small_panel().edges)


def test_only_a_known_score_of_at_least_the_bound_lets_an_entry_pass() -> None:
    panel = scored([math.nan, 0.2, 0.5, 0.7])
    bounded = EntryFilters(score_column="score", score_min=0.5)
    allowed = is_allowed(panel, bounded, side=1)
    assert allowed[:8].tolist() == [False, False, True, True] * 2
    known = is_allowed(panel, EntryFilters(score_column="score"), side=0)
    assert known[:4].tolist() == [False, True, True, True]


def test_trades_enter_only_where_the_score_admits_them() -> None:
    panel = scored([0.1, 0.9, math.nan])
    filters = EntryFilters(score_column="score", score_min=0.5)
    entries = backtest(panel, replace(LEAD, filters=filters)).positions["entry"]
    assert len(entries) > 3
    assert set(entries % 3) == {1}


def test_any_feature_may_be_the_score() -> None:
    panel = small_panel()
    filters = EntryFilters(score_column="atr_pct", score_min=panel.edges.high)
    wild = backtest(panel, replace(LEAD, filters=EntryFilters(regimes=("wild",)))).positions
    assert len(wild) > 3
    np.testing.assert_array_equal(
        backtest(panel, replace(LEAD, filters=filters)).positions["entry"], wild["entry"]
    )


def test_a_score_that_is_not_there_is_refused_by_name() -> None:
    with pytest.raises(ParamError, match="column = 'alpha': neither a feature nor a column"):
        backtest(small_panel(), replace(LEAD, filters=EntryFilters(score_column="alpha")))


@pytest.mark.parametrize(
    ("column", "least"), [(None, 0.5), ("score", math.nan), (None, math.nan), (None, math.inf)]
)
def test_a_bound_without_a_column_and_no_number_are_refused(
    column: str | None, least: float
) -> None:
    with pytest.raises(ParamError, match="score_min must be a number, beside the score_column"):
        EntryFilters(score_column=column, score_min=least)


def test_filters_say_what_they_ask_for_and_nothing_else() -> None:
    assert EntryFilters().describe() == ""
    assert EntryFilters(max_age_min=3).changes() == {"max_age_min": 3}
    every = EntryFilters(
        sessions=("asia", "us"),
        regimes=("wild",),
        needs_alignment=True,
        rsi_timeframe="1h",
        rsi_min=20,
        rsi_max=80,
        max_funding_pct=0.01,
        score_column="score",
        score_min=0.5,
    )
    assert every.describe() == (
        "sessions asia+us, regimes wild, all trends in the direction of the trade, "
        "1h RSI in [20, 80], funding to pay <= 0.01 % an hour, score >= 0.5"
    )


def test_a_model_lays_its_filters_over_those_of_a_set_and_says_so() -> None:
    asked = FilterSettings(regimes=("wild",), rsi_max=70.0)
    params = replace(LEAD, filters=EntryFilters(sessions=("us",), rsi_max=90.0))
    settings = Settings(filters=asked)
    for model, age in ((executable_model(settings), 0.0), (plain_model(8.0, asked), math.inf)):
        assert model.apply(params).filters == EntryFilters(
            sessions=("us",), regimes=("wild",), rsi_max=70.0, max_age_min=age
        )
        assert ", only regimes wild, 5m RSI in [0, 70], " in model.describe()
    assert "only" not in executable_model(Settings()).describe()


ASKS = {
    "sessions": EntryFilters(sessions=("us", "asia")),
    "regimes": EntryFilters(regimes=("calm",)),
    "trend": EntryFilters(needs_alignment=True),
    "rsi": EntryFilters(rsi_timeframe="15m", rsi_min=40.0, rsi_max=60.0),
    "funding": EntryFilters(max_funding_pct=0.0005),
}


def wanted(panel: Panel, name: str, sides: Floats) -> Bools:
    """Row by row, what the words of a filter ask for."""
    if name == "sessions":
        return panel.session != 1
    if name == "regimes":
        return panel.regime == 0
    if name == "trend":
        return panel.mtf_aligned == sides
    if name == "rsi":
        return (panel.rsi["15m"] >= 40.0) & (panel.rsi["15m"] <= 60.0)
    return sides * last_funding_rate(panel) * 100 <= 0.0005


@pytest.mark.parametrize("side", [1, -1, 0])
@pytest.mark.parametrize("name", list(ASKS))
def test_a_filter_lets_pass_just_the_minutes_that_it_names(name: str, side: int) -> None:
    """Without a side the dYdX leg is the one against the spread."""
    panel = small_panel()
    sides = np.full(len(panel), side) if side else -np.sign(panel.reference("excess"))
    found = is_allowed(panel, ASKS[name], side, "excess")
    np.testing.assert_array_equal(found, wanted(panel, name, sides))
    if (name, side) != ("trend", -1):  # this market never turns down on every timeframe
        assert 0 < found.sum() < len(panel)


def test_filters_together_let_pass_what_each_lets_pass() -> None:
    panel = small_panel()
    both = EntryFilters(sessions=("us", "asia"), rsi_timeframe="15m", rsi_min=40.0, rsi_max=60.0)
    alone = is_allowed(panel, ASKS["sessions"], 1) & is_allowed(panel, ASKS["rsi"], 1)
    np.testing.assert_array_equal(is_allowed(panel, both, 1), alone)
    assert is_allowed(panel, EntryFilters(), 0).all()


@pytest.mark.parametrize("name", ["trend", "funding"])
def test_what_depends_on_the_side_is_refused_without_one(name: str) -> None:
    with pytest.raises(ParamError, match="need the side of a trade; name it"):
        is_allowed(small_panel(), ASKS[name], 0)
    assert is_allowed(small_panel(), ASKS[name], 1).any()


def test_what_is_not_said_is_that_dydx_traded_in_this_very_minute() -> None:
    panel = small_panel()
    age = panel.column("dydx_age_min")
    assert EntryFilters().max_age_min == 0
    for limit in (0.0, 1.0, 2.0):
        fresh = is_comparable(panel, limit)
        np.testing.assert_array_equal(fresh, ~np.isnan(panel.spread_pct) & (age <= limit))
    np.testing.assert_array_equal(is_comparable(panel, math.inf), ~np.isnan(panel.spread_pct))


@pytest.mark.parametrize(("asked", "is_asked"), [(0.0, False), (1e-9, True)])
def test_rsi_bounds_at_the_ends_ask_for_nothing(asked: float, is_asked: bool) -> None:
    assert EntryFilters(rsi_min=asked).asks_rsi == is_asked
    assert EntryFilters(rsi_max=100.0 - asked).asks_rsi == is_asked


def test_the_last_rate_is_that_of_the_last_hour_whose_rate_is_known() -> None:
    frame = small_frame()
    table = frame.table.copy()
    hours = np.flatnonzero(frame.minute % 60 == 0)
    rates = np.where(frame.minute % 60 == 0, 1e-5 * np.arange(len(frame)), 7.0)  # 7: never read
    rates[hours[[0, 3, 4]]] = np.nan
    table["funding_rate"] = rates
    found = last_funding_rate(features(replace(frame, table=table), edges=small_panel().edges))
    last = math.nan
    for row in range(hours[8]):
        if row in hours and not math.isnan(rates[row]):
            last = rates[row]
        np.testing.assert_equal(found[row], last)


def test_a_value_on_a_bound_passes() -> None:
    panel = small_panel()
    rsi = panel.rsi["5m"]
    row = int(np.flatnonzero(~np.isnan(rsi))[50])
    exact = EntryFilters(rsi_min=float(rsi[row]), rsi_max=float(rsi[row]))
    np.testing.assert_array_equal(is_allowed(panel, exact, 1), rsi == rsi[row])
    rate = last_funding_rate(panel)
    paid = float(np.nanmax(rate)) * 100.0  # percent an hour
    below = EntryFilters(max_funding_pct=math.nextafter(paid, -math.inf))
    assert is_allowed(panel, EntryFilters(max_funding_pct=paid), 1)[rate * 100.0 == paid].all()
    assert not is_allowed(panel, below, 1)[rate * 100.0 == paid].any()
    assert bound_of(EntryFilters, "max_age_min").holds(0.0)

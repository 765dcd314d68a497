"""Stress, placebos, effects and search bias: each line by hand or by its law."""

import math
from dataclasses import replace
from functools import cache, partial

import numpy as np
import pytest

from research.features.panel import Panel
from strategies.registry import Params
from sweeps.axes import grid_spec
from sweeps.settings import VerdictSettings
from sweeps.verdict.bias import BLOCKS, bias_lines, thinned
from sweeps.verdict.choice import Choice
from sweeps.verdict.effects import effect_lines, wilson
from sweeps.verdict.judgement import Judged, judge
from sweeps.verdict.lines import Line
from sweeps.verdict.placebos import DRAWS, _at_random_minutes, _random_signs, placebo_lines
from sweeps.verdict.stress import stress_lines
from tests.samples.verdicts import (
    GOOD,
    LONG,
    MODEL,
    PARAMS,
    earning,
    judged,
    small_search,
    small_walk,
)

SETTINGS = VerdictSettings(resamples=499)


@cache
def side() -> Judged:
    (found,) = (each for each in judge(small_walk(), SETTINGS, 7) if each.claim == LONG)
    return found


@cache
def stressed() -> dict[str, Line]:
    return {line.check: line for line in stress_lines(small_walk(), small_search(), side())}


@cache
def placebos() -> dict[str, Line]:
    return {line.check: line for line in placebo_lines(small_walk(), side(), SETTINGS, 7)}


def test_half_more_costs_cost_half_of_what_was_paid() -> None:
    paid = (10 + 2 * 1) / 100  # taker fees of a round trip, slippage of two fills
    assert side().costs_pct(MODEL) == pytest.approx(paid)
    mean = side().trades.net_pct.mean()
    assert stressed()["costs x 1.5"].number == pytest.approx(mean - 0.5 * paid)
    assert stressed()["costs x 2"].number == pytest.approx(mean - paid)


def test_a_later_signal_is_the_same_signal_later() -> None:
    def later(values: np.ndarray) -> np.ndarray:
        return np.concatenate([[np.nan], values[:-1]])

    panel = small_walk().panel.read_as(spread=later, lead=later)
    np.testing.assert_array_equal(panel.spread_pct[1:], small_walk().panel.spread_pct[:-1])
    np.testing.assert_array_equal(
        panel.lead_return_pct(3)[1:], small_walk().panel.lead_return_pct(3)[:-1]
    )
    np.testing.assert_array_equal(panel.column("dydx_open"), small_walk().panel.column("dydx_open"))
    assert stressed()["1 min later"].number < side().trades.net_pct.mean()


def test_funding_lines_move_by_what_was_paid() -> None:
    paid = side().trades.positions["funding_pct"].mean()
    mean = side().trades.net_pct.mean()
    assert stressed()["funding off"].number == pytest.approx(mean + paid)
    assert stressed()["funding doubled"].number == pytest.approx(mean - paid)


def test_the_best_day_is_the_one_that_is_missed() -> None:
    trades = side().trades
    means = [trades.net_pct[trades.day != day].mean() for day in np.unique(trades.day)]
    assert stressed()["any day left out"].number == pytest.approx(min(means))
    assert "one alone" in stressed()["any month left out"].sentence


def _aside(key: str, choice: Choice) -> Params | None:
    return small_search().aside(LONG, choice).get(key)


def test_parameters_one_step_aside_are_traded_in_every_step() -> None:
    line = stressed()["one step aside"]
    others = [
        small_walk().traded(LONG, params_of=partial(_aside, key))
        for key in ("tp-", "tp+", "spread_entry-", "spread_entry+", "move_pct-", "move_pct+")
    ]
    means = [float(other.net_pct.mean()) for other in others if len(other)]
    assert line.number == pytest.approx(np.mean(means) / side().trades.net_pct.mean() * 100)


def test_the_other_side_loses_what_this_one_gains_and_the_costs_twice() -> None:
    positions = side().trades.positions
    expected = -positions["gross_pct"] - 0.12 + positions["funding_pct"]
    assert placebos()["other side"].number == pytest.approx(expected.mean())
    assert placebos()["other side"].passed


def test_every_placebo_fails_on_a_planted_lead() -> None:
    assert set(placebos()) == {
        *("other side", "random signs", "Binance of yesterday", "circular shifts"),
        "random entries",
    }
    assert all(line.passed for line in placebos().values())


@pytest.mark.parametrize("days", [3, 4, 5, 6, 7])
def test_few_days_of_random_signs_cannot_say_more_than_their_number(days: int) -> None:
    rng, base = np.random.default_rng(days), judged(GOOD)
    for _ in range(20):
        net = (0.3 + rng.random(12)).tolist()
        few = replace(base, trades=earning(net, days=days))
        assert _random_signs(few, SETTINGS, 7).number == pytest.approx(0.5**days, rel=0.5)


def test_random_entries_are_as_many_in_the_same_sessions_and_within_the_test() -> None:
    walk, judged = small_walk(), side()
    for number, step in enumerate(walk.steps):
        panel: Panel = _at_random_minutes(walk, judged, 3, 7, step, number)
        rows = np.flatnonzero(panel.lead_return_pct(3) != 0)
        mine = judged.trades.step == number
        wanted = np.bincount(judged.trades.session[mine], minlength=3)
        assert (np.bincount(step.panel.session[rows], minlength=3) == wanted).all()
        assert ((rows >= step.test.start) & (rows < step.test.stop)).all()


def test_random_entries_are_drawn_anew_each_time() -> None:
    walk, judged = small_walk(), side()
    busy = next(n for n in range(4) if (judged.trades.step == n).any())
    draws = {
        _at_random_minutes(walk, judged, draw, 7, walk.steps[busy], busy)
        .lead_return_pct(3)
        .tobytes()
        for draw in range(5)
    }
    assert len(draws) == 5
    assert SETTINGS.alpha >= 1 / (1 + DRAWS)


def test_reversion_has_no_lead_to_take_away() -> None:
    (back,) = (
        each
        for each in judge(small_walk(), SETTINGS, 7)
        if each.claim.base == "reversion" and each.claim.is_everywhere
    )
    busy = replace(back, trades=earning(GOOD))
    checks = [line.check for line in placebo_lines(small_walk(), busy, SETTINGS, 7)]
    assert checks == ["other side", "random signs"]


def test_wilsons_interval_is_the_one_in_print() -> None:
    # Brown, Cai & DasGupta 2001: centre (x + z^2/2) / (n + z^2)
    low, high = wilson(0.3, 50)
    z2 = 1.6448536**2
    assert (low + high) / 2 == pytest.approx((15 + z2 / 2) / (50 + z2))
    assert math.isnan(wilson(0.5, 0)[0])


def test_effects_say_what_was_charged_and_how_long_it_takes() -> None:
    lines = {
        line.check: line for line in effect_lines(small_walk(), side(), order_usd=1000, level=0.03)
    }
    assert lines["break-even cost"].needs == "> 12"
    assert lines["volume share"].number > 0
    assert lines["days needed"].number > 0
    untested = replace(side(), proof=replace(side().proof, test=None))
    (only,) = effect_lines(small_walk(), untested, order_usd=1000, level=0.03)
    assert only.number == math.inf


def test_a_grid_is_thinned_along_its_longest_axes() -> None:
    spec = grid_spec(
        PARAMS, {"tp": [0.1, 0.2, 0.3, 0.4, 0.5], "sl": [0.1, 0.2], "move_pct": "0.05:0.30:0.05"}
    )
    few = thinned(spec, 15)
    assert few.size <= 15
    assert [axis.levels[0] for axis in few.axes] == [axis.levels[0] for axis in spec.axes]
    assert set(few.axes[spec.position("tp")].levels) <= set(spec.axes[spec.position("tp")].levels)
    assert thinned(spec, 10**6) == spec


def test_more_looks_deflate_more_and_every_line_says_something() -> None:
    def lines(looks: int) -> dict[str, Line]:
        spec = small_search().specs["lead-long"]
        made = bias_lines(small_walk(), side(), spec, SETTINGS, sets_searched=looks, seed=7)
        return {line.check: line for line in made}

    few, many = lines(10), lines(10_000)
    assert set(few) == {"deflated Sharpe", "track record", "PBO", "CPCV", "SPA"}
    assert few["SPA"].passed is None  # six days
    assert few["deflated Sharpe"].number > many["deflated Sharpe"].number
    assert "10,000 unrelated sets" in many["deflated Sharpe"].sentence
    assert few["PBO"] == many["PBO"]
    assert all(line.sentence for line in few.values())
    assert not any(line.decides for line in few.values())
    assert BLOCKS % 2 == 0


def test_an_unknown_number_of_looks_is_refused_in_words() -> None:
    spec = small_search().specs["lead-long"]
    made = bias_lines(small_walk(), side(), spec, SETTINGS, sets_searched=0, seed=7)
    line = next(iter(made))
    assert line.passed is None
    assert "the number of sets looked at is unknown" in line.sentence

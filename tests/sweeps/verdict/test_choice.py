"""What a search takes: plateaus, borrowed strength, and nothing where nothing earns."""

import math

import numpy as np
import pytest

from research.features.labels import SEGMENTS
from strategies.backtest.backtest import backtest
from sweeps.engine import engine_tally
from sweeps.tally import Tally
from sweeps.verdict.choice import PRIOR_TRADES, best_plateau, borrowed
from tests.samples.markets import small_panel
from tests.samples.verdicts import LONG, MODEL, small_search


def tally_of(sets: list[list[list[float]]]) -> Tally:
    """A tally of sets, each with the pnls of its trades in ``all`` and in the first segment."""
    tally = Tally.empty(len(sets))
    for place, (everywhere, asia) in enumerate(sets):
        for segment, net in ((0, everywhere), (1, asia)):
            tally.counts["events"][segment, place] = len(net)
            tally.sums["net"][segment, place] = sum(net)
            tally.sums["net_squared"][segment, place] = sum(value * value for value in net)
    return tally


def test_a_side_alone_keeps_its_own_mean() -> None:
    net = [0.3, -0.1, 0.2, 0.0]
    ((mean, error),) = borrowed([tally_of([[net, []]])])
    assert mean[0, 0] == pytest.approx(np.mean(net))
    # one set is all sets: its variance is drawn to itself
    assert error[0, 0] == pytest.approx(np.std(net, ddof=1) / 2)


def test_a_set_that_has_not_lost_yet_gets_the_variance_of_the_others() -> None:
    lucky, usual = [0.1, 0.1, 0.1], [0.4, -0.4] * 30
    ((_, error),) = borrowed([tally_of([[lucky, []], [usual, []]])])
    common = np.var(usual, ddof=1) * 59 / 61  # by degrees of freedom, 2 of 61 without variance
    expected = math.sqrt(PRIOR_TRADES * common / (PRIOR_TRADES + 2) / 3)
    assert error[0, 0] == pytest.approx(expected)


def test_a_segment_without_trades_gets_the_mean_everywhere() -> None:
    ((mean, _),) = borrowed([tally_of([[[0.3, -0.1, 0.2], []]])])
    assert mean[1, 0] == mean[0, 0]


def test_two_sides_that_agree_within_their_errors_have_one_mean() -> None:
    noise = [1.0, -1.0] * 10
    short, long = ([value + shift for value in noise] for shift in (0.10, 0.12))
    sides = borrowed([tally_of([[short, []]]), tally_of([[long, []]])])
    assert sides[0][0][0, 0] == sides[1][0][0, 0] == pytest.approx(0.11)


def test_sides_that_differ_for_sure_keep_their_own() -> None:
    short, long = [0.9, 1.1] * 50, [-1.1, -0.9] * 50
    sides = borrowed([tally_of([[short, []]]), tally_of([[long, []]])])
    assert sides[0][0][0, 0] == pytest.approx(1.0, abs=1e-3)
    assert sides[1][0][0, 0] == pytest.approx(-1.0, abs=1e-3)


def test_a_plateau_beats_a_peak_and_an_unknown_set_is_never_taken() -> None:
    mean = np.array([-3.0, 9.0, -3.0, 4.0, 5.0, 4.0, 1.0, 99.0])
    known = np.array([True] * 7 + [False])
    cell, t = best_plateau(mean, np.ones(8), known, (8,))
    assert (cell, t) == (4, pytest.approx(13 / 3))
    assert best_plateau(mean, np.ones(8), np.zeros(8, np.bool_), (8,))[1] == -np.inf


def test_the_chosen_set_earned_on_the_rows_of_the_search() -> None:
    panel, rows = small_panel(days=12.0), slice(0, 12_000)
    choice = small_search().choose(panel, rows)[LONG]
    result = backtest(
        panel, choice.params, execution=MODEL.execution, costs=MODEL.costs(choice.params), rows=rows
    )
    assert choice.earns
    assert len(result) == choice.events
    assert result.net_pct.mean() > 0


def test_a_choice_in_a_segment_enters_there_only() -> None:
    chosen = small_search().choose(small_panel(days=12.0), slice(0, 12_000))
    for claim, choice in chosen.items():
        session, regime = SEGMENTS[claim.segment]
        assert len(choice.params.filters.sessions) == (3 if session is None else 1)
        assert len(choice.params.filters.regimes) == (3 if regime is None else 1)


def test_where_nothing_earns_the_search_stays_out() -> None:
    chosen = small_search().choose(small_panel(edge=0.0, days=12.0), slice(0, 12_000))
    assert LONG in chosen
    assert not chosen[LONG].earns
    assert chosen[LONG].mean < 0


def test_sets_one_level_aside_differ_in_one_parameter() -> None:
    search = small_search()
    choice = search.choose(small_panel(days=12.0), slice(0, 12_000))[LONG]
    aside = search.aside(LONG, choice)
    assert aside
    for name, params in aside.items():
        axis = name[:-1]
        differs = [
            each.name
            for each in search.specs["lead-long"].axes
            if getattr(params, each.name) != getattr(choice.params, each.name)
        ]
        assert differs == [axis]


def test_the_longest_hold_is_that_of_the_grids() -> None:
    assert small_search().longest_hold == 60
    spec = small_search().specs["lead-long"]
    assert engine_tally(
        small_panel(), spec, execution=MODEL.execution, costs=MODEL.costs(spec.base)
    ).events.shape == (16, spec.size)

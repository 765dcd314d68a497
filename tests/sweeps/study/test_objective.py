"""The objective by itself: what counts as enough, where a plateau is, what a segment admits."""

from typing import Any

import numpy as np
import pytest

from research.features.labels import SEGMENTS, segment_of
from strategies.backtest.backtest import with_filters
from strategies.backtest.model import executable_model
from strategies.lead_follow import LeadFollowParams
from sweeps.engine import PartSums, score_exits
from sweeps.settings import Settings
from sweeps.study import objective
from sweeps.study.objective import (
    UNSCORED,
    Score,
    can_enter,
    confined,
    plateau,
    robust_bound,
    score,
)
from sweeps.study.space import search_space
from tests.samples.markets import small_panel

MODEL = executable_model(Settings())
LEVELS = {"tp": [0.1, 0.2], "sl": [0.1, 0.2], "horizon": [10, 20]}


def planted(
    monkeypatch: pytest.MonkeyPatch, events: list[list[int]], mean: list[list[float]]
) -> None:
    """The engine finds these trades a fold and cell, a percent apart, whatever it is asked."""
    n, average = np.array(events), np.array(mean)
    sums = PartSums(events=n, net=n * average, net_squared=n * (average**2 + 1), gross=n * average)
    monkeypatch.setattr(objective, "score_exits", lambda *_, **__: sums)


def scored(cells: tuple[int, int, int], min_events: int) -> Score:
    """The score of an entry on a cube of exits of that shape."""
    base = MODEL.apply(LeadFollowParams(mode="long"))
    space = search_space(base, LEVELS)
    names = dict(zip(space.exits, cells, strict=True))
    exits = {name: [0.1 * (k + 1) for k in range(count)] for name, count in names.items()}
    space = type(space)(space.entries, exits)
    rows = slice(0, 100)
    return score(small_panel(), base, space, MODEL, rows, min_events=min_events, folds=1)


def test_the_best_of_what_has_enough_trades_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    planted(monkeypatch, [[100, 100, 9]], [[0.2, 0.1, 5.0]])
    found = scored((3, 1, 1), min_events=10)
    assert (found.cell, found.events, found.sets) == (0, 100, 3)
    bounds = 0.2 - 1.645 / np.sqrt(99), 0.1 - 1.645 / np.sqrt(99)
    assert found.lcb_pnl == pytest.approx(bounds[0], abs=1e-3)
    assert found.value == pytest.approx(sum(bounds) / 2, abs=1e-3)  # the third cell is no neighbour


def test_as_many_trades_as_asked_for_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    planted(monkeypatch, [[10, 9]], [[0.1, 5.0]])
    alone, both = scored((2, 1, 1), min_events=10), scored((2, 1, 1), min_events=9)
    assert alone.cell == 0
    assert alone.value == alone.lcb_pnl < both.value  # a good neighbour is known now


def test_with_too_few_everywhere_the_cell_of_most_trades_leads_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    planted(monkeypatch, [[3, 5, 4]], [[9.0, 0.5, 9.0]])
    found = scored((3, 1, 1), min_events=10)
    assert (found.cell, found.events, found.sets) == (1, 5, 3)
    assert found.value == found.lcb_pnl < 0.5


@pytest.mark.parametrize(("events", "is_scored"), [(0, False), (1, False), (2, True)])
def test_one_trade_says_nothing(
    monkeypatch: pytest.MonkeyPatch, events: int, is_scored: bool
) -> None:
    planted(monkeypatch, [[events]], [[5.0]])
    found = scored((1, 1, 1), min_events=10)
    assert (found.value != UNSCORED) == is_scored
    assert found.events == events
    assert UNSCORED < -50  # percent: worse than any trade


def test_folds_are_cut_out_of_the_training_rows_and_read_the_way_of_the_model() -> None:
    """The engine is asked about the very rows, folds, execution and costs of the search."""
    base = MODEL.apply(LeadFollowParams(mode="long", spread_entry=0.02, move_pct=0.05, cooldown=2))
    space = search_space(base, LEVELS)
    panel, rows = small_panel(), slice(0, 3000)
    for folds in (1, 2, 4):
        found = score(panel, base, space, MODEL, rows, min_events=5, folds=folds)
        sums = score_exits(
            panel,
            base,
            space.exits,
            execution=MODEL.execution,
            costs=MODEL.costs(base),
            rows=rows,
            folds=folds,
        )
        is_enough = sums.total().events[0] >= 5
        smooth = plateau(robust_bound(sums).reshape(space.cube), is_enough.reshape(space.cube))
        assert found.value == np.nanmax(smooth)
        assert found.events == sums.total().events[0, found.cell]
    values = [score(panel, base, space, MODEL, rows, min_events=5, folds=n).value for n in (1, 2)]
    assert values[1] < values[0]  # of the same rows, leaving any part out is asked for more


def test_the_mean_of_all_is_one_of_the_bounds_that_count() -> None:
    """Leaving a fold out can only lower the score, never raise it."""
    some = PartSums(
        events=np.array([[50], [50], [50]]),
        net=np.array([[10.0], [-40.0], [12.0]]),
        net_squared=np.array([[50.0], [80.0], [50.0]]),
        gross=np.array([[10.0], [-40.0], [12.0]]),
    )
    left_out = [some.without(fold).lcb_pnl()[0, 0] for fold in range(3)]
    assert robust_bound(some)[0] == min(left_out)
    assert robust_bound(some)[0] < some.total().lcb_pnl()[0, 0]


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_plateau_looks_one_level_both_ways_along_every_axis(axis: int) -> None:
    values = np.zeros((3, 3, 3))
    at: list[Any] = [1, 1, 1]
    for level in (0, 2):
        at[axis] = level
        values[tuple(at)] = 7.0
    smooth = plateau(values, np.ones_like(values, dtype=np.bool_))
    assert smooth[1, 1, 1] == pytest.approx(14 / 7)  # itself and six neighbours
    corner = [0, 0, 0]
    assert smooth[tuple(corner)] == 0.0  # its three neighbours are no faces with a 7


def test_a_cell_without_known_neighbours_is_its_own_plateau() -> None:
    known = np.array([[False, True, False]])
    smooth = plateau(np.array([[np.nan, 4.0, np.nan]]), known)
    np.testing.assert_array_equal(smooth, [[np.nan, 4.0, np.nan]])


@pytest.mark.parametrize("segment", SEGMENTS, ids=lambda segment: segment.name)
def test_what_is_confined_to_a_segment_can_enter_there(segment: Any) -> None:
    params = confined(LeadFollowParams(), segment)
    assert can_enter(params, segment)
    others = [other for other in SEGMENTS if not can_enter(params, other)]
    for other in others:
        is_elsewhere = (other.session, segment.session), (other.regime, segment.regime)
        assert any(one is not None and two is not None and one != two for one, two in is_elsewhere)


def test_filters_shut_the_segments_that_they_leave_out() -> None:
    asia = with_filters(LeadFollowParams(), sessions=("asia",), regimes=("calm", "wild"))
    open_ones = {segment.name for segment in SEGMENTS if can_enter(asia, segment)}
    assert open_ones == {"all", "asia", "calm", "wild", "asia/calm", "asia/wild"}
    assert confined(asia, segment_of("all")) == asia

"""The objective by itself: bounds of folds, what counts as enough, where a plateau is."""

from typing import Any

import numpy as np
import pytest

from research.features.labels import SEGMENTS, segment_of
from research.statistics.bounds import NORMAL_95
from strategies.backtest.backtest import with_filters
from strategies.lead_follow import LeadFollowParams
from sweeps.engine import PartSums
from sweeps.study.folds import FoldSums
from sweeps.study.objective import (
    UNSCORED,
    Scores,
    can_enter,
    confined,
    fold_bounds,
    plateau,
    scores_of,
)


def sums(events: list[list[int]], mean: list[list[float]], std: float = 1.0) -> FoldSums:
    """Trades a fold and set, around a mean with a standard deviation."""
    n, average = np.array(events), np.array(mean)
    squares = n * average**2 + np.maximum(n - 1, 0) * std**2
    folds = PartSums(events=n, net=n * average, net_squared=squares, gross=n * average)
    return FoldSums(folds=folds, whole=folds.total())


def scored(found: FoldSums, cube: tuple[int, ...], min_events: int = 10) -> Scores:
    return scores_of(found, None, cube, min_events=min_events)


def test_the_best_of_what_has_enough_trades_is_taken() -> None:
    found = scored(sums([[100, 100, 9]], [[0.2, 0.1, 5.0]]), (3, 1, 1))
    assert (found.cells[0], found.events[0]) == (0, 100)
    bounds = 0.2 - NORMAL_95 / 10, 0.1 - NORMAL_95 / 10
    assert found.bounds[0] == pytest.approx(bounds[0], abs=1e-9)
    assert found.values[0] == pytest.approx(sum(bounds) / 2, abs=1e-9)  # the third is no neighbour


def test_the_median_of_folds_counts_and_one_lucky_fold_does_not() -> None:
    steady = sums([[100]] * 5, [[0.3]] * 5)
    lucky = sums([[100]] * 5, [[2.0], [0.1], [0.0], [0.0], [-0.1]])
    assert scored(steady, (1,)).values[0] == pytest.approx(0.3 - NORMAL_95 / 10)
    assert scored(lucky, (1,)).values[0] == pytest.approx(0.0 - NORMAL_95 / 10)
    assert lucky.whole.means()[0, 0] > steady.whole.means()[0, 0]


@pytest.mark.parametrize(("known", "is_scored"), [(2, False), (3, True), (4, True)])
def test_a_set_without_trades_in_half_of_the_folds_has_no_score(
    known: int, is_scored: bool
) -> None:
    events = [[50]] * known + [[1]] * (4 - known)
    found = scored(sums(events, [[0.3]] * 4), (1,))
    assert (found.values[0] > UNSCORED) == is_scored
    assert UNSCORED < -50  # percent: worse than any trade


def test_with_too_few_everywhere_the_exit_of_most_trades_is_kept_and_nothing_scored() -> None:
    found = scored(sums([[3, 5, 4]], [[9.0, 0.5, 9.0]]), (3, 1, 1))
    assert (found.cells[0], found.events[0], found.values[0]) == (1, 5, UNSCORED)


def test_entries_side_by_side_are_scored_as_alone() -> None:
    rng = np.random.default_rng(3)
    n, mean = rng.integers(2, 60, (4, 24)), rng.normal(0, 0.2, (4, 24))
    both = scored(sums(n.tolist(), mean.tolist()), (2, 3, 2))
    for entry in (0, 1):
        part = slice(entry * 12, entry * 12 + 12)
        alone = scored(sums(n[:, part].tolist(), mean[:, part].tolist()), (2, 3, 2))
        assert both.cells[entry] == alone.cells[0]
        assert both.values[entry] == alone.values[0]
        assert both.fold_means[:, entry].tolist() == alone.fold_means[:, 0].tolist()


def test_means_are_drawn_to_the_parent_as_the_formula_says() -> None:
    """By hand, one set: DerSimonian & Laird's tau^2, Efron & Morris' share, both errors."""
    n, mean = np.array([40, 50, 60, 70]), np.array([0.5, -0.1, 0.3, 0.05])
    own = sums([[k] for k in n.tolist()], [[m] for m in mean.tolist()])
    above = sums([[200]] * 4, [[0.1]] * 4)
    weight = n / 1.0  # 1 / error^2 with a deviation of 1
    parent, error_above = 0.1, own_error(800, above)
    tau2 = max(float((weight * (mean - parent) ** 2).sum() - 4) / float(weight.sum()), 0.0)
    assert tau2 > 0
    trust = tau2 / (tau2 + 1 / n)
    drawn = parent + trust * (mean - parent)
    error = np.sqrt(trust**2 / n + (1 - trust) ** 2 * error_above**2)
    found = fold_bounds(own.folds, above)[:, 0]
    np.testing.assert_allclose(found, drawn - NORMAL_95 * error, rtol=1e-9)


def own_error(n: int, above: FoldSums) -> float:
    return float(above.whole.stds()[0, 0]) / np.sqrt(n)


def test_folds_that_scatter_no_more_than_chance_are_the_parents() -> None:
    own = sums([[10]] * 4, [[0.11], [0.09], [0.1], [0.1]])
    above = sums([[500]] * 4, [[0.1]] * 4)
    found = fold_bounds(own.folds, above)[:, 0]
    bound = 0.1 - 1.833112932656237 * own_error(2000, above)  # Student's t of 10 trades
    np.testing.assert_allclose(found, bound, rtol=1e-9)


def test_a_parent_without_trades_draws_nothing() -> None:
    own = sums([[40]] * 4, [[0.5], [-0.1], [0.3], [0.05]])
    nothing = sums([[0]] * 4, [[0.0]] * 4)
    np.testing.assert_array_equal(fold_bounds(own.folds, nothing), fold_bounds(own.folds, None))


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


def test_an_exit_on_a_plateau_beats_a_lonely_peak() -> None:
    values = np.array([[9.0, 0.0, 0.0, 0.0], [0.0, 0.0, 4.0, 4.0], [0.0, 0.0, 4.0, 4.0]])
    smooth = plateau(values, np.ones_like(values, dtype=np.bool_))
    assert np.unravel_index(np.argmax(smooth), values.shape) in {(1, 3), (2, 2), (2, 3)}
    known = np.array([[True, False, True]])
    np.testing.assert_array_equal(plateau(np.array([[1.0, 50.0, 3.0]]), known), [[1, np.nan, 3]])


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

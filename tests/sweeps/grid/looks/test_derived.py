"""Columns beyond a grid's own: held against sums by hand."""

from dataclasses import replace

import numpy as np
import pytest

from research.errors import SearchError
from research.statistics.plateau import connected
from sweeps.grid.heatmaps import heatmap_info, plateau_of
from sweeps.grid.looks.derived import DERIVED, looked_at
from sweeps.grid.projection import project
from tests.sweeps.grid.by_hand import by_hand


def test_the_plateau_of_a_set_is_the_mean_bound_of_it_and_its_neighbours() -> None:
    grid = looked_at(by_hand(), min_events=15)
    bound, events = grid.cube("lcb_pnl"), grid.cube("events")
    found = grid.cube("plateau_lcb")
    is_known = (events >= 15) & grid.is_valid.reshape(grid.spec.shape)
    for cell in np.ndindex(grid.spec.shape):
        around = [cell]
        for axis in range(len(cell)):
            for step in (-1, 1):
                at = list(cell)
                at[axis] += step
                if 0 <= at[axis] < grid.spec.shape[axis]:
                    around.append(tuple(at))
        wanted = np.mean([bound[at] for at in around if is_known[at]] or [np.nan])
        if is_known[cell]:
            assert found[cell] == pytest.approx(wanted)
        else:
            assert np.isnan(found[cell])


def test_what_came_after_is_the_mean_of_the_other_grid_and_the_loss_their_difference() -> None:
    later = by_hand()
    later.tally.sums["net"][:] = later.tally.sums["net"] / 2
    grid = looked_at(by_hand(), later)
    assert grid.columns[-3:] == DERIVED
    own, after = grid.column("avg_pnl"), grid.column("after_avg_pnl")
    np.testing.assert_allclose(after, own / 2)
    np.testing.assert_allclose(grid.column("in_minus_after"), own / 2)
    notes = heatmap_info(grid, "entry", "exit", value="in_minus_after").notes
    assert any("minutes that no search saw" in note for note in notes)


def test_without_minutes_after_their_columns_are_refused() -> None:
    with pytest.raises(SearchError, match="no numbers from after its minutes"):
        heatmap_info(looked_at(by_hand()), "entry", "exit", value="after_avg_pnl")


def test_a_grid_of_other_sets_is_not_what_came_after() -> None:
    grid = by_hand()
    other = replace(grid, spec=replace(grid.spec, base=replace(grid.spec.base, entry=0.5)))
    with pytest.raises(SearchError, match="other sets"):
        looked_at(grid, other)


def test_the_share_of_positive_sets_counts_those_with_enough_trades() -> None:
    seen = project(by_hand(), "all", "avg_pnl", x="entry", y="exit", how="positive", min_events=30)
    assert seen.values[0, 0] == pytest.approx(50.0)  # -0.2 of 40 trades and 0.1 of 50
    assert seen.values[1, 1] == pytest.approx(100.0)
    info = heatmap_info(by_hand(), "entry", "exit", value="avg_pnl", how="positive")
    assert (info.center, info.limits, info.unit) == (50.0, (0.0, 100.0), "% of sets")


def test_a_plateau_is_what_one_walks_to_from_the_best_over_half_of_it() -> None:
    known = np.array([[0.1, 0.9, np.nan], [0.6, 1.0, 0.4], [0.8, 0.2, 0.9]])
    found = plateau_of(known, (1, 1), 0.0)
    assert found.tolist() == [[False, True, False], [True, True, False], [True, False, False]]
    assert not plateau_of(-known, (0, 0), 0.0).any()
    assert not connected(known > 2, (0, 0)).any()

"""A grid along its axes: marginals and neighbourhoods."""

import numpy as np
import pytest

from research.errors import SearchError
from research.measures.costs import Costs
from strategies.lead_follow import LeadFollowParams
from strategies.reversion import ReversionParams
from sweeps.axes import grid_spec
from sweeps.grid.result import GridResult
from sweeps.grid.run import run_grid
from sweeps.grid.slices import marginal, neighbourhood
from tests.samples.markets import small_panel


@pytest.fixture(scope="module")
def result() -> GridResult:
    axes = {"entry": [0.02, 0.03, 0.05], "exit": [0.0, 0.02, 0.03], "max_hold": [15, 60, 90]}
    return run_grid(small_panel(), grid_spec(ReversionParams(), axes), costs=Costs(fees_bps=2))


def test_a_marginal_is_the_best_of_what_its_level_holds(result: GridResult) -> None:
    table = result.table("all")
    table = table[result.is_valid & (table["events"] >= 5)]
    found = marginal(result, "max_hold", "entry", min_events=5)
    assert found.index.names == ["max_hold", "entry"]
    assert len(found) == 9
    for (hold, entry), row in found.iterrows():  # type: ignore[misc]
        some = table[(table["max_hold"] == hold) & (table["entry"] == entry)]["lcb_pnl"].dropna()
        assert row["sets"] == len(some)
        if len(some):
            assert row["lcb_pnl"] == some.max()
            assert row["set"] == some.idxmax()
        else:
            assert (np.isnan(row["lcb_pnl"]), row["set"]) == (True, -1)
    median = marginal(result, "exit", how="median", value="avg_pnl", min_events=5)
    wanted = table.groupby("exit")["avg_pnl"].median()
    np.testing.assert_allclose(median["avg_pnl"].dropna(), wanted)


def test_nothing_counts_where_no_set_has_the_trades(result: GridResult) -> None:
    found = marginal(result, "entry", min_events=10**6)
    assert found["lcb_pnl"].isna().all()
    assert (found["set"] == -1).all()
    assert (found["sets"] == 0).all()


def test_neighbours_are_one_level_away_along_each_axis(result: GridResult) -> None:
    middle = 1 * 9 + 1 * 3 + 1  # entry 0.03, exit 0.02, max_hold 60
    found = neighbourhood(result, middle, value="avg_pnl", segment="us")
    assert found["axis"].tolist() == ["", "entry", "entry", "exit", "exit", "max_hold", "max_hold"]
    assert found["level"].tolist()[1:] == [0.02, 0.05, 0.0, 0.03, 15, 90]
    table = result.table("us").loc[found.index]
    for name in ("entry", "exit", "max_hold", "events", "avg_pnl"):
        np.testing.assert_array_equal(found[name], table[name])
    for _, row in found.iloc[1:].iterrows():
        assert row[row["axis"]] == row["level"]
    assert len(neighbourhood(result, 0)) == 4  # a corner of three axes


def test_a_set_alone_has_no_neighbours() -> None:
    alone = run_grid(small_panel(), grid_spec(LeadFollowParams(), {}))
    assert len(neighbourhood(alone, 0)) == 1


def test_nonsense_is_refused(result: GridResult) -> None:
    with pytest.raises(SearchError, match=r"different axes, was \(\)"):
        marginal(result)
    with pytest.raises(SearchError, match="different axes"):
        marginal(result, "exit", "exit")
    with pytest.raises(SearchError, match="axis tp: reversion has no such parameter"):
        marginal(result, "tp")
    with pytest.raises(SearchError, match="how must be best, median or mean, was 'worst'"):
        marginal(result, "exit", how="worst")  # type: ignore[arg-type]
    with pytest.raises(SearchError, match="set 27: the grid has sets 0 to 26"):
        neighbourhood(result, 27)

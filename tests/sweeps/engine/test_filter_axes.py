"""Filters as axes: a grid over them is the law's trades under each, by every door of the engine."""

from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from research.errors import ParamError, SearchError
from research.features.panel import Panel, features
from research.frame.extra import with_columns
from research.measures.costs import Costs
from strategies.law.execution import EXECUTABLE, PLAIN, Execution
from strategies.law.filters import EntryFilters
from strategies.lead_follow import LeadFollowParams
from strategies.registry import Params
from strategies.reversion import ReversionParams
from sweeps.axes import GridSpec, grid_spec, value_of, with_values
from sweeps.engine import Sweep, engine_best, engine_tally
from sweeps.engine.histogram import histogram_of
from sweeps.engine.part_sums import sums_by_part
from sweeps.grid.roads import TallyRoad
from sweeps.law_tally import plain_tally
from sweeps.tally import Tally
from tests.laws.law_tally import assert_same_tally, law_tally
from tests.samples.markets import small_frame, small_panel

COSTS = Costs(fees_bps=10.0, slippage_bps=1.0, funding=True)
FILTERS = EntryFilters(max_age_min=5.0, rsi_timeframe="1m", score_column="score")
LEAD = LeadFollowParams(mode="long", filters=FILTERS)
BACK = ReversionParams(filters=FILTERS)


@cache
def panel() -> Panel:
    frame = small_frame()
    score = np.random.default_rng(3).uniform(size=len(frame))
    score[::7] = np.nan
    table = pd.DataFrame({"score": score}, index=frame.table.index)
    return features(with_columns(frame, table), edges=small_panel().edges)


def lead(**filters: list[float]) -> GridSpec:
    levels = {"spread_entry": [0.02, 0.04], "move_pct": [0.05], "tp": [0.1, 0.3]}
    return grid_spec(LEAD, levels | filters)


def back(**filters: list[float]) -> GridSpec:
    return grid_spec(BACK, {"entry": [0.02, 0.04], "exit": [0.0, 0.03]} | filters)


SPECS = {
    "lead": lead(rsi_min=[0.0, 40.0, 60.0], rsi_max=[50.0, 100.0]),
    "reversion": back(score_min=[0.2, 0.7], max_age_min=[0.0, 5.0]),
    "one side": lead(max_funding_pct=[-0.001, 0.0, 0.01]),
}


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("execution", [EXECUTABLE, PLAIN, Execution(fill="close")])
def test_every_road_counts_the_trades_of_the_law(name: str, execution: Execution) -> None:
    spec, rows = SPECS[name], slice(500, 5000)
    law = law_tally(panel(), spec, execution, COSTS, rows)
    assert law.events.sum() > 20
    for road in (engine_tally, plain_tally):
        ours = road(panel(), spec, execution=execution, costs=COSTS, rows=rows, threads=2)
        assert_same_tally(ours, law)


def test_filters_that_contradict_each_other_are_no_sets() -> None:
    spec = SPECS["lead"]
    assert [axis.name for axis in spec.filter_axes] == ["rsi_min", "rsi_max"]
    per_variant = spec.is_valid.reshape(6, spec.inner_size)
    # rsi_min 0, 40, 60 by rsi_max 50, 100: only 60 with 50 is nonsense
    assert per_variant.all(axis=1).tolist() == [True, True, True, True, False, True]
    assert (spec.is_valid == per_variant.any(axis=1).repeat(spec.inner_size)).all()
    cells = np.arange(spec.size)[::-1]
    np.testing.assert_array_equal(spec.is_valid_at(cells), spec.is_valid[::-1])
    with pytest.raises(ParamError, match="RSI bounds must satisfy"):
        spec.params_at(4 * spec.inner_size)
    tally = engine_tally(panel(), spec, execution=EXECUTABLE, costs=COSTS)
    assert not tally.events[:, ~spec.is_valid].any()


def test_any_pieces_make_the_whole() -> None:
    for spec in SPECS.values():
        whole = engine_tally(panel(), spec, execution=EXECUTABLE, costs=COSTS)
        sweep = Sweep(panel(), spec, execution=EXECUTABLE, costs=COSTS)
        group = sweep.plan.group_sets
        assert sweep.pieces(64)[-1][1] == spec.size
        at = [*range(0, spec.size, 3 * group), spec.size]
        joined = Tally.joined([sweep.tally(a, b) for a, b in pairwise(at)])
        assert_same_tally(joined, whole)


@pytest.mark.parametrize("road", [engine_tally, plain_tally])
def test_progress_counts_every_set_once(road: TallyRoad) -> None:
    spec = SPECS["lead"]
    seen: list[int] = []
    road(panel(), spec, execution=PLAIN, costs=COSTS, rows=None, threads=1, progress=seen.append)
    assert sum(seen) == spec.size


def test_the_best_sums_by_part_and_histograms_agree_with_the_tally() -> None:
    spec = SPECS["lead"]
    options = {"execution": PLAIN, "costs": COSTS}
    tally = engine_tally(panel(), spec, **options)  # type: ignore[arg-type]
    sweep = Sweep(panel(), spec, **options)  # type: ignore[arg-type]
    sums = sums_by_part(sweep, 0, spec.size, np.array([0, 2000, 4000]))
    np.testing.assert_array_equal(sums.events.sum(axis=0), tally.events[0])
    np.testing.assert_allclose(sums.net.sum(axis=0), tally.sums["net"][0], atol=1e-9)
    counts = histogram_of(sweep, 0, spec.size).counts
    np.testing.assert_array_equal(counts.sum(axis=1), tally.events[0])
    best = engine_best(panel(), spec, top=3, min_events=5, **options)  # type: ignore[arg-type]
    value = np.where(tally.events[0] >= 5, tally.lcb_pnl[0], -np.inf)
    np.testing.assert_array_equal(best.sets[0], np.argsort(-value, kind="stable")[:3])
    assert best.scored == spec.is_valid.sum()


def test_parameters_of_a_cell_hold_its_levels() -> None:
    spec = SPECS["reversion"]
    for cell in np.flatnonzero(spec.is_valid):
        params = spec.params_at(int(cell))
        for axis in spec.axes:
            assert value_of(params, axis.name) == spec.values_at(axis.name, np.array([cell]))[0]
    assert params.filters.score_column == "score"


def test_the_loosest_variant_lets_in_what_any_lets_in() -> None:
    spec = SPECS["lead"].loosest()
    assert (spec.base.filters.rsi_min, spec.base.filters.rsi_max) == (0.0, 100.0)
    filters = SPECS["reversion"].loosest().base.filters
    assert (filters.score_min, filters.max_age_min) == (0.2, 5.0)
    assert not spec.filter_axes
    plain = grid_spec(LEAD, {})
    assert plain.loosest() is plain
    assert list(plain.variants()) == [plain]


@pytest.mark.parametrize(
    ("base", "levels", "message"),
    [
        (LeadFollowParams(), {"score_min": [0.5]}, "axis score_min: no score column; name it with"),
        (LEAD, {"rsi_min": [0.0, 101.0]}, "axis rsi_min: level 101 must be in \\[0, 100\\] RSI"),
        (LEAD, {"rsi": [1.0]}, "axis rsi: lead has no such parameter; .*horizon, max_age_min"),
    ],
)
def test_axes_that_are_none_are_refused(
    base: Params, levels: dict[str, list[float]], message: str
) -> None:
    with pytest.raises(SearchError, match=message):
        grid_spec(base, levels)


def test_values_reach_parameters_and_filters_alike() -> None:
    params = with_values(LEAD, {"window": 7.0, "rsi_max": 60, "tp": 0.5})
    assert params == replace(LEAD, window=7, tp=0.5, filters=replace(FILTERS, rsi_max=60.0))
    assert isinstance(value_of(params, "window"), int)

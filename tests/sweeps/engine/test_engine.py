"""The engine is another road to the trades of the law: the same counts, the same sums."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.errors import FrameError, SearchError
from research.features.panel import Panel, features
from research.frame.frame import build_frame
from research.measures.costs import Costs
from strategies.law.execution import EXECUTABLE, PLAIN, Execution
from strategies.law.filters import EntryFilters
from strategies.lead_follow import LeadFollowParams
from strategies.reversion import ReversionParams
from sweeps.axes import grid_spec
from sweeps.engine import Sweep, engine_best, engine_tally, score_exits
from sweeps.tally import Tally
from tests.laws.law_tally import (
    LAW,
    all_costs,
    assert_same_tally,
    executions,
    law_tally,
    lead_axes,
    panels,
    reversion_axes,
)

COSTS = Costs(fees_bps=10, slippage_bps=1, funding=True)
MODELS = [
    Execution(fill=fill, touch=touch, overlap=overlap)
    for fill in ("close", "next_open")
    for touch in ("close", "intrabar")
    for overlap in (True, False)
]
WEEK = {
    "window": [3, 5],
    "move_pct": [0.03, 0.05, 0.1],
    "spread_entry": [0.0, 0.01, 0.02],
    "cooldown": [1, 5, 20],
    "tp": [0.05, 0.1, 0.2],
    "sl": [0.05, 0.1, 0.3],
    "horizon": [3, 10, 30, 60, 90],
}


@pytest.fixture(scope="module")
def week(shared_data: Path) -> Panel:
    folder = shared_data / "btc_week"
    binance = pd.read_csv(folder / "binance_um_BTCUSDT_1m.csv")
    dydx = pd.read_csv(folder / "dydx_BTC-USD_1MIN.csv", comment="#")
    binance.index = pd.to_datetime(binance["open_time"], unit="ms", utc=True).dt.as_unit("ms")
    dydx.index = pd.DatetimeIndex(pd.to_datetime(dydx["timestamp"], utc=True)).as_unit("ms")
    binance["trades"], dydx["trades"] = binance["count"].astype(float), np.nan
    hours = pd.date_range(binance.index[0].ceil("h"), binance.index[-1], freq="h", unit="ms")
    rates = np.random.default_rng(1).normal(1e-5, 3e-5, len(hours))  # the week came without
    return features(build_frame(binance, dydx, pd.Series(rates, index=hours), market="BTC"))


def rows_within(data: st.DataObject, n: int) -> slice:
    start = data.draw(st.just(0) | st.integers(0, n - 1))
    return slice(start, data.draw(st.just(n) | st.integers(start + 1, n)))


@LAW
@given(data=st.data())
def test_lead_follow_is_the_law_on_nasty_frames(data: st.DataObject) -> None:
    frame, panel = data.draw(panels())
    reference: Any = data.draw(st.sampled_from(["raw", "excess"]))
    base = LeadFollowParams(
        mode=data.draw(st.sampled_from(["short", "long"])),
        reference=reference,
        filters=EntryFilters(max_age_min=data.draw(st.sampled_from([0.0, 2.0, float("inf")]))),
    )
    spec = grid_spec(base, data.draw(lead_axes(frame, reference)))
    check(panel, spec, data)


@LAW
@given(data=st.data())
def test_reversion_is_the_law_on_nasty_frames(data: st.DataObject) -> None:
    frame, panel = data.draw(panels())
    reference: Any = data.draw(st.sampled_from(["raw", "excess"]))
    age = data.draw(st.sampled_from([0.0, 2.0, float("inf")]))
    base = ReversionParams(
        reference=reference, entry=15.0, exit=0.01, filters=EntryFilters(max_age_min=age)
    )
    check(panel, grid_spec(base, data.draw(reversion_axes(frame, reference))), data)


def check(panel: Panel, spec: Any, data: st.DataObject) -> None:
    execution, costs = data.draw(executions()), data.draw(all_costs())
    rows = rows_within(data, len(panel))
    ours = engine_tally(panel, spec, execution=execution, costs=costs, rows=rows)
    assert_same_tally(ours, law_tally(panel, spec, execution, costs, rows))


@pytest.mark.parametrize("execution", MODELS, ids=str)
def test_a_recorded_week_is_the_law_in_every_model(week: Panel, execution: Execution) -> None:
    for mode in ("short", "long"):
        few = {name: values[::2] for name, values in WEEK.items()}
        spec = grid_spec(LeadFollowParams(mode=mode), few)  # type: ignore[arg-type]
        ours = engine_tally(week, spec, execution=execution, costs=COSTS)
        assert ours.events.sum() > 10_000
        assert_same_tally(ours, law_tally(week, spec, execution, COSTS, slice(0, len(week))))


def test_two_thousand_sets_of_a_recorded_week_are_the_law(week: Panel) -> None:
    spec = grid_spec(LeadFollowParams(mode="long"), WEEK)
    assert spec.size >= 2_000
    for execution in (EXECUTABLE, PLAIN):
        ours = engine_tally(week, spec, execution=execution, costs=COSTS)
        sample = np.random.default_rng(3).choice(spec.size, 150, replace=False)
        for cell in sample:
            one = grid_spec(spec.params_at(int(cell)), {})
            law = law_tally(week, one, execution, COSTS, slice(0, len(week)))
            assert_same_tally(cut(ours, slice(cell, cell + 1)), law)


def cut(tally: Tally, sets: slice) -> Tally:
    return Tally(
        counts={name: values[:, sets] for name, values in tally.counts.items()},
        sums={name: values[:, sets] for name, values in tally.sums.items()},
        worst=tally.worst[:, sets],
    )


@pytest.mark.parametrize("execution", [EXECUTABLE, PLAIN], ids=["executable", "plain"])
def test_no_bit_depends_on_the_number_of_threads(week: Panel, execution: Execution) -> None:
    spec = grid_spec(LeadFollowParams(mode="short"), WEEK)
    one, two, again = (
        engine_tally(week, spec, execution=execution, costs=COSTS, threads=threads)
        for threads in (1, 2, 2)
    )
    for other in (two, again):
        assert all(np.array_equal(one.counts[k], other.counts[k]) for k in one.counts)
        assert all(one.sums[k].tobytes() == other.sums[k].tobytes() for k in one.sums)
        assert one.worst.tobytes() == other.worst.tobytes()


def test_an_exit_cube_of_one_entry_is_a_grid_with_one_entry(week: Panel) -> None:
    entry = LeadFollowParams(mode="long", move_pct=0.05, spread_entry=0.01)
    exits = {name: WEEK[name] for name in ("tp", "sl", "horizon")}
    law = law_tally(week, grid_spec(entry, exits), EXECUTABLE, COSTS, slice(0, len(week)))
    for starts in (None, np.array([0, 2000, 5000])):
        scored = score_exits(week, entry, exits, execution=EXECUTABLE, costs=COSTS, starts=starts)
        parts = 1 if starts is None else 3
        assert scored.events.shape == (parts, law.events.shape[1])
        whole = scored.total()
        np.testing.assert_array_equal(whole.events[0], law.events[0])
        np.testing.assert_allclose(whole.net[0], law.sums["net"][0], rtol=1e-12, atol=1e-11)
        np.testing.assert_allclose(whole.lcb_pnl()[0], law.lcb_pnl[0], rtol=1e-9)


def test_segments_add_up(week: Panel) -> None:
    spec = grid_spec(LeadFollowParams(mode="short"), WEEK)
    events = engine_tally(week, spec, execution=EXECUTABLE, costs=COSTS).events
    assert np.array_equal(events[0], events[1:4].sum(axis=0))
    assert np.array_equal(events[4:7].sum(axis=0), events[7:].sum(axis=0))


def test_progress_counts_every_set_once(week: Panel) -> None:
    seen: list[int] = []
    spec = grid_spec(LeadFollowParams(), WEEK)
    engine_tally(week, spec, execution=PLAIN, costs=COSTS, threads=2, progress=seen.append)
    assert sum(seen) == spec.size


def test_a_market_without_a_signal_has_an_empty_tally(week: Panel) -> None:
    spec = grid_spec(LeadFollowParams(move_pct=19.0, spread_entry=19.0), {"tp": [0.1, 0.2]})
    for execution in (EXECUTABLE, PLAIN):
        tally = engine_tally(week, spec, execution=execution, costs=COSTS)
        assert not tally.events.any()
        assert np.isnan(tally.worst).all()


def test_too_small_a_budget_is_refused_with_the_number_and_the_cure(week: Panel) -> None:
    spec = grid_spec(LeadFollowParams(), WEEK)
    with pytest.raises(SearchError, match=r"memory = 1 MiB: a tally of 2,430 sets on .* needs"):
        engine_tally(week, spec, execution=PLAIN, costs=COSTS, memory_mib=1)


def test_rows_without_a_minute_are_refused(week: Panel) -> None:
    spec = grid_spec(LeadFollowParams(), {})
    with pytest.raises(FrameError, match=r"rows 5\.\.5 hold no minute; widen them"):
        engine_tally(week, spec, execution=PLAIN, costs=COSTS, rows=slice(5, 5))


def test_an_exit_cube_varies_exits_only(week: Panel) -> None:
    with pytest.raises(SearchError, match="exits: window is no exit parameter; they are tp, sl"):
        score_exits(week, LeadFollowParams(), {"window": [3]}, execution=PLAIN, costs=COSTS)


def test_a_large_cube_is_walked_in_slabs(week: Panel) -> None:
    many = [round(0.05 + 0.03 * i, 2) for i in range(8)]
    spec = grid_spec(
        LeadFollowParams(mode="long", move_pct=0.05, spread_entry=0.01),
        {"tp": many, "sl": many, "horizon": [5, 17, 40]},
    )
    ours = engine_tally(week, spec, execution=EXECUTABLE, costs=COSTS)
    assert_same_tally(ours, law_tally(week, spec, EXECUTABLE, COSTS, slice(0, len(week))))


@pytest.mark.parametrize("execution", [EXECUTABLE, PLAIN], ids=["executable", "plain"])
@pytest.mark.parametrize("strategy", ["lead", "reversion"])
@pytest.mark.parametrize("min_events", [2, 30])
def test_the_best_of_a_stream_are_the_best_of_the_tally(
    week: Panel, execution: Execution, strategy: str, min_events: int
) -> None:
    spec = grid_spec(LeadFollowParams(mode="long"), WEEK)
    if strategy == "reversion":
        axes = {"entry": [0.01, 0.02, 0.04], "exit": [0.0, 0.01, 0.02, 0.03]}
        spec = grid_spec(ReversionParams(), axes | {"min_gap": [1, 9], "max_hold": [5, 30, 90]})
    model = {"execution": execution, "costs": COSTS}
    best = engine_best(week, spec, **model, threads=2, top=7, min_events=min_events)
    tally = engine_tally(week, spec, **model)
    lcb = np.where(tally.events >= min_events, tally.lcb_pnl, -np.inf)
    value = -np.sort(-lcb, axis=1)[:, :7]
    np.testing.assert_allclose(best.lcb_pnl, value, rtol=1e-9)
    named = np.where(best.sets < 0, -np.inf, np.take_along_axis(lcb, best.sets, axis=1))
    np.testing.assert_allclose(best.lcb_pnl, named, rtol=1e-9)
    assert all(len(set(row[row >= 0])) == (row >= 0).sum() for row in best.sets)
    assert best.scored == spec.is_valid.sum()


def test_best_sets_refuse_nonsense(week: Panel) -> None:
    spec = grid_spec(LeadFollowParams(), {})
    with pytest.raises(SearchError, match="min_events at least 2, were 3 and 1"):
        engine_best(week, spec, execution=PLAIN, costs=COSTS, top=3, min_events=1)


@pytest.mark.parametrize("strategy", ["lead", "reversion"])
def test_pieces_of_a_grid_are_the_grid(week: Panel, strategy: str) -> None:
    spec = grid_spec(LeadFollowParams(mode="long"), WEEK)
    if strategy == "reversion":
        axes = {"entry": [0.01, 0.02, 0.04], "exit": [0.0, 0.01, 0.02, 0.03]}
        spec = grid_spec(ReversionParams(), axes | {"min_gap": [1, 9], "max_hold": [5, 30, 90]})
    whole = engine_tally(week, spec, execution=EXECUTABLE, costs=COSTS)
    sweep = Sweep(week, spec, execution=EXECUTABLE, costs=COSTS, threads=2)
    group = sweep.plan.group_sets
    for first in range(0, spec.size, group):
        part = sweep.tally(first, first + group)
        same = cut(whole, slice(first, first + group))
        assert all(np.array_equal(part.counts[k], same.counts[k]) for k in part.counts)
        assert all(np.array_equal(part.sums[k], same.sums[k]) for k in part.sums)
        np.testing.assert_array_equal(part.worst, same.worst)
    ends = [stop for _, stop in sweep.pieces(64)]
    assert ends[-1] == spec.size
    with pytest.raises(SearchError, match="raise the memory, or take fewer levels"):
        sweep.pieces(0)

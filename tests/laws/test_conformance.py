"""What any strategy keeps: listed it inherits these laws, and nobody writes them again."""

from dataclasses import fields, replace
from functools import cache
from importlib import import_module

import numpy as np
import pytest

from research.arrays import Records
from research.errors import ParamError
from research.features.panel import Panel, features
from research.frame.frame import Frame, remade_frame
from research.measures.costs import Costs
from strategies.backtest.backtest import backtest
from strategies.backtest.portfolio import replay_in_vectorbt
from strategies.backtest.silence import explain_silence
from strategies.law.bounds import bounds
from strategies.law.execution import EXECUTABLE, PLAIN, Execution
from strategies.law.funding import is_funding_known
from strategies.law.minute import START, bar_at, empty_desk, finish
from strategies.listed import LISTED
from strategies.registry import Params, Strategy, strategies, strategy_named
from sweeps.axes import grid_spec
from sweeps.engine import engine_tally, sums_by_part, sweep_of
from sweeps.law_tally import LawSweep, plain_tally
from tests.laws.law_tally import assert_same_tally
from tests.samples.listed import THIRD, WITH_THIRD
from tests.samples.markets import small_frame, small_panel

MODELS = [
    Execution(fill=fill, touch=touch, overlap=overlap)
    for fill in ("close", "next_open")
    for touch in ("close", "intrabar")
    for overlap in (True, False)
]
EXECUTIONS = (EXECUTABLE, replace(EXECUTABLE, overlap=True), PLAIN)
COSTS = Costs(fees_bps=10.0, slippage_bps=1.0, funding=True)
LOW = {"spread_entry": 0.03, "move_pct": 0.05, "entry": 0.03, "exit": 0.01, "spread_exit": 0.01}

every_strategy = pytest.mark.parametrize("name", WITH_THIRD)
every_execution = pytest.mark.parametrize(
    "execution", EXECUTIONS, ids=["executable", "overlap", "plain"]
)


@pytest.fixture(autouse=True)
def _third(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LISTED, *THIRD)


def busy(strategy: Strategy) -> list[Params]:
    """Its bases with thresholds low enough to trade, at any spread reference."""
    found = []
    for params in strategy.bases_of("both"):
        low = {name: LOW[name] for name in strategy.axes if name in LOW}
        found.append(replace(params, reference="raw", **low))
    return found


def trades(panel: Panel, params: Params, execution: Execution = EXECUTABLE) -> Records:
    return backtest(panel, params, execution=execution, costs=COSTS).positions


@every_strategy
def test_it_says_everything_that_the_house_asks(name: str) -> None:
    strategy = strategy_named(name)
    assert strategy.name == name
    assert strategy in strategies()
    known = bounds(strategy.params_type)
    assert set(strategy.axes) <= set(known)
    assert {known[axis].unit for axis in strategy.axes} <= {"min", "percent"}  # the bot's file
    assert strategy.hold_axis in strategy.exit_axes
    assert set(strategy.heatmap_axes) <= set(strategy.axes)
    assert set(strategy.modes) <= {"short", "long"}
    assert set(strategy.default_axes) <= set(strategy.axes)
    assert {"events", "lcb_pnl", "avg_pnl"} <= set(strategy.report_columns)
    for params in strategy.bases_of("both"):
        assert strategy.title(params).startswith(name)
        spec = grid_spec(params, strategy.default_axes)
        assert spec.is_valid.any()


@every_strategy
def test_bounds_are_kept_when_parameters_are_built(name: str) -> None:
    strategy = strategy_named(name)
    for axis, bound in bounds(strategy.params_type).items():
        outside = [bound.high + 1, bound.low - 1, float("nan"), "1"]
        outside += [bound.low] if bound.is_low_open else []
        outside += [bound.low + 0.5] if bound.is_integer else []
        for value in outside:
            with pytest.raises(ParamError, match=axis):
                strategy.params_type(**{axis: value})


@every_strategy
def test_it_trades_and_its_table_has_the_columns_it_names(name: str) -> None:
    strategy = strategy_named(name)
    for params in busy(strategy):
        result = backtest(small_panel(), params, costs=COSTS)
        assert len(result) > 0
        assert tuple(result.events()) == strategy.event_columns
        assert np.isnan(result.report().mae_mean) == (not strategy.tracks_excursions)
        signal = strategy.signals(small_panel(), params)
        assert signal[result.positions["entry"]].all()


@every_strategy
@pytest.mark.parametrize("execution", MODELS, ids=str)
def test_a_stream_of_minutes_makes_the_trades_of_the_batch(name: str, execution: Execution) -> None:
    """``step`` minute by minute, as a bot calls it, is the law; the loop over a frame is not."""
    kernel, adapter = (
        import_module(f"{WITH_THIRD[name]}.{each}") for each in ("kernel", "adapter")
    )
    panel, params = small_panel(), busy(strategy_named(name))[-1]
    funding = is_funding_known(panel, adapter.LEGS)
    terms = adapter.terms(params, execution, COSTS, funding)
    minutes = adapter.minutes(execution.minutes_of(panel), params, 0, len(panel))
    desk, state, seen = empty_desk(terms.rules), START, []
    for t in range(len(panel)):
        state = kernel.step(state, bar_at(minutes, t), terms, desk)
        seen += desk.closed[: state.ended].tolist()
    state = finish(state, desk, terms.rules)
    seen += desk.closed[: state.ended].tolist()
    assert len(seen) > 5
    np.testing.assert_equal(sorted(seen), trades(panel, params, execution).tolist())


@cache
def poisoned_from(cut: int) -> Panel:
    """The sample with other prices from row ``cut`` on."""
    frame = small_frame()
    table = frame.table.copy()
    prices = [each for each in table if each.endswith(("open", "high", "low", "close"))]
    noise = 1 + 0.02 * np.random.default_rng(5).standard_normal(len(table) - cut)
    table.loc[table.index[cut:], prices] = table[prices].to_numpy()[cut:] * noise[:, None]
    poisoned: Frame = remade_frame(frame, table, market="SYNTH", source="poison")
    return features(poisoned, edges=small_panel().edges)


@every_strategy
@every_execution
@pytest.mark.parametrize("cut", [1500, 3000, 5000])
def test_the_future_changes_no_finished_trade(name: str, execution: Execution, cut: int) -> None:
    panels = small_panel(), poisoned_from(cut)
    for params in busy(strategy_named(name)):
        one, two = (trades(panel, params, execution) for panel in panels)
        before = [each[each["exit"] + 1 < cut] for each in (one, two)]  # fills included
        assert len(before[0]) > 0
        assert before[0].tobytes() == before[1].tobytes()
        assert one.tobytes() != two.tobytes()


@every_strategy
@every_execution
def test_costs_never_help_and_never_move_a_trade(name: str, execution: Execution) -> None:
    for params in busy(strategy_named(name)):
        free, paid = (
            backtest(small_panel(), params, execution=execution, costs=costs).positions
            for costs in (Costs(fees_bps=0.0), COSTS)
        )
        np.testing.assert_array_equal(free["entry"], paid["entry"])
        np.testing.assert_array_equal(free["exit"], paid["exit"])
        assert (free["net_pct"] >= paid["net_pct"] + paid["funding_pct"] - 1e-12).all()


@every_strategy
@every_execution
def test_the_mirror_of_a_market_has_the_mirror_trades(name: str, execution: Execution) -> None:
    """Signals turned upside down: what a short did, a long does, and earns its loss.

    Prices stay as they are (their mirror is none in percent), so no exit may look at them.
    """
    strategy = strategy_named(name)
    if len(strategy.modes) < 2:
        pytest.skip(f"{name} takes either side: it has no mirror mode")
    known = bounds(strategy.params_type)
    far = {each: known[each].high for each in ("tp", "sl") if each in known}
    short, long = (replace(params, **far) for params in busy(strategy))
    panel = small_panel()
    mirrored = panel.read_as(spread=lambda spread: -spread, lead=lambda lead: -lead)
    np.testing.assert_array_equal(strategy.signals(panel, short), strategy.signals(mirrored, long))
    ours, theirs = trades(panel, short, execution), trades(mirrored, long, execution)
    assert len(ours) > 5
    for field in ("entry", "exit", "reason"):
        np.testing.assert_array_equal(ours[field], theirs[field])
    for field in ("side", "gross_pct", "funding_pct"):
        np.testing.assert_array_equal(ours[field], -theirs[field])


@every_strategy
@every_execution
def test_every_road_to_a_tally_counts_the_laws_trades(name: str, execution: Execution) -> None:
    strategy = strategy_named(name)
    for params in busy(strategy):
        levels = {axis: strategy.default_axes.get(axis, [getattr(params, axis)]) for axis in
                  strategy.axes}  # fmt: skip
        few = {axis: (each[:2] if isinstance(each, list) else each) for axis, each in
               levels.items()}  # fmt: skip
        spec = grid_spec(params, few)
        engine, law = (
            road(small_panel(), spec, execution=execution, costs=COSTS)
            for road in (engine_tally, plain_tally)
        )
        assert_same_tally(engine, law)
        any_law = LawSweep(small_panel(), spec, execution=execution, costs=COSTS)
        assert_same_tally(any_law.tally(0, spec.size), law)
        for cell in np.flatnonzero(spec.is_valid)[:3].tolist():
            result = trades(small_panel(), spec.params_at(cell), execution)
            assert law.events[0, cell] == len(result)
            assert law.sums["net"][0, cell] == pytest.approx(result["net_pct"].sum())


@every_strategy
def test_parts_of_a_frame_sum_to_the_whole(name: str) -> None:
    (params, *_) = busy(strategy_named(name))
    spec = grid_spec(params, {})
    for make in (sweep_of, LawSweep):  # the engine's where it has a plan, and the law's for any
        sweep = make(small_panel(), spec, execution=EXECUTABLE, costs=COSTS)
        parts = sums_by_part(sweep, 0, 1, np.array([0, 1000, 4000])).total()
        tally = sweep.tally(0, 1)
        assert parts.events[0, 0] == tally.events[0, 0] > 0
        assert parts.net[0, 0] == pytest.approx(tally.sums["net"][0, 0])
        assert parts.net_squared[0, 0] == pytest.approx(tally.sums["net_squared"][0, 0])


@every_strategy
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # vectorbt's own
def test_vectorbt_agrees_on_every_trade(name: str) -> None:
    for params in busy(strategy_named(name)):
        assert replay_in_vectorbt(backtest(small_panel(), params, costs=COSTS)).max_error_pct < 1e-9


@every_strategy
def test_silence_is_explained_in_its_own_words(name: str) -> None:
    strategy = strategy_named(name)
    for params in strategy.bases_of("both"):
        high = {each: 19.0 for each in strategy.axes if each in ("spread_entry", "entry")}
        silent = replace(params, **high)
        assert not len(backtest(small_panel(), silent))
        words = str(explain_silence(small_panel(), silent, slice(0, len(small_panel()))))
        assert "lower" in words


def test_a_rule_of_levels_refuses_what_the_parameters_refuse() -> None:
    for name in WITH_THIRD:
        strategy = strategy_named(name)
        if strategy.rule is None:
            continue
        low, high = strategy.rule.low, strategy.rule.high
        spec = grid_spec(strategy.bases_of("both")[0], {low: [0.01, 0.05], high: [0.02, 0.05]})
        for cell, is_valid in enumerate(spec.is_valid.tolist()):
            if is_valid:
                spec.params_at(cell)
        assert not spec.is_valid.all()
        assert {each.name for each in fields(strategy.params_type)} >= {low, high}

"""The stream makes the features and the trades of the batch, bit for bit."""

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from research.features.panel import FEATURES, Panel, features
from research.frame.frame import Frame, remade_frame
from strategies.law.execution import Execution
from strategies.listed import LISTED
from strategies.live.stream import ArmedSet, Signal, minutes_of_frame
from strategies.registry import strategy_named
from tests.samples.listed import THIRD
from tests.samples.markets import small_frame, small_panel, week_panel
from tests.samples.streams import COSTS, differences, random_sets, stream_over, streamed


def assert_features_equal(panel: Panel, minutes: int | None = None) -> None:
    stream = stream_over(panel, random_sets(3, 1))
    for t, minute in enumerate(minutes_of_frame(panel.frame)):
        stream.push(minute)
        latest = stream.latest
        assert latest is not None
        assert latest.minute == panel.minute[t]
        for name in FEATURES:
            np.testing.assert_equal(getattr(latest, name), panel.column(name)[t])
        for name, values in panel.rsi.items():
            np.testing.assert_equal(getattr(latest, f"rsi_{name}"), values[t])
        assert (latest.session, latest.regime) == (panel.session[t], panel.regime[t])
        np.testing.assert_equal(latest.dydx_age_min, panel.column("dydx_age_min")[t])
        if minutes is not None and t >= minutes:
            return


def with_holes(frame: Frame, seed: int) -> Frame:
    """Missing, silent and doubted minutes, and a first minute that begins no bar."""
    rng = np.random.default_rng(seed)
    table = frame.table.iloc[int(rng.integers(1, 240)) :].copy()
    for venue, share in (("binance", 0.02), ("dydx", 0.1)):
        gone = rng.random(len(table)) < share
        prices = [f"{venue}_{each}" for each in ("open", "high", "low", "close", "volume")]
        table.loc[gone, [*prices, f"{venue}_trades"]] = np.nan
    table.loc[rng.random(len(table)) < 0.05, ["dydx_volume", "dydx_trades"]] = 0.0
    table["dydx_bad_print"] = (rng.random(len(table)) < 0.02).astype(float)
    traded = (table["dydx_trades"] > 0).to_numpy()
    rows = np.arange(len(table), dtype=float)
    age = rows - np.maximum.accumulate(np.where(traded, rows, -np.inf))
    table["dydx_age_min"] = np.where(np.isinf(age), np.nan, age)
    return remade_frame(frame, table, market="SYNTH", source="holes")


def test_features_of_the_sample_are_the_batch() -> None:
    assert_features_equal(small_panel())


@pytest.mark.parametrize("seed", [1, 2])
def test_features_are_the_batch_where_minutes_are_missing(seed: int) -> None:
    assert_features_equal(features(with_holes(small_frame(), seed)))


@pytest.mark.parametrize("seed", [3, 4])
def test_trades_are_the_backtest_where_minutes_are_missing(seed: int) -> None:
    panel = features(with_holes(small_frame(), seed))
    sets = random_sets(24, seed)
    stream = streamed(panel, sets)
    assert len(stream.closed_trades) > 100
    assert differences(panel, sets, stream.closed_trades) == 0


def test_the_recorded_week_is_the_backtest(shared_data: Path) -> None:
    panel, sets = week_panel(shared_data), random_sets(30, 5)
    stream = streamed(panel, sets)
    assert len(stream.closed_trades) > 500
    assert differences(panel, sets, stream.closed_trades) == 0


def test_a_third_strategy_streams_without_a_word_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LISTED, *THIRD)
    strategy = strategy_named(THIRD[0])
    params = import_module(f"{THIRD[1]}.params").FirstMinuteParams(
        reference="raw", spread_entry=0.03, spread_exit=0.01
    )
    sets = [ArmedSet(id="third", params=params, execution=Execution(), costs=COSTS)]
    stream = streamed(small_panel(), sets)
    assert strategy.name == THIRD[0]
    assert len(stream.closed_trades) > 5
    assert differences(small_panel(), sets, stream.closed_trades) == 0


def test_every_trade_was_signalled_and_no_signal_is_told_twice() -> None:
    panel, sets = small_panel(), random_sets(12, 6)
    stream = stream_over(panel, sets)
    told = [
        (event.set_id, event.minute)
        for minute in minutes_of_frame(panel.frame)
        for event in stream.push(minute)
        if isinstance(event, Signal)
    ]
    assert len(told) == len(set(told))
    assert {(each.set_id, each.entry_minute) for each in stream.closed_trades} <= set(told)

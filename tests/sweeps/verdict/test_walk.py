"""A walk sees the past only, and trades what the law trades."""

from dataclasses import replace

import numpy as np
import pytest

from research.errors import EvidenceError
from research.features.panel import features
from research.frame.frame import remade_frame
from strategies.backtest.backtest import backtest
from sweeps.verdict.walk import Trades, walk
from tests.samples.markets import small_frame, small_panel
from tests.samples.verdicts import LONG, MODEL, small_search, small_settings, small_walk


def test_every_minute_before_the_holdout_is_tested_once_by_what_was_searched_before_it() -> None:
    found = small_walk()
    n, hold = len(found.panel), found.longest_hold
    steps = found.steps
    assert steps[0].test.start == int(n * 0.2)
    assert [one.test.stop for one in steps[:-1]] == [two.test.start for two in steps[1:]]
    assert steps[-1].test.stop == found.last.test.start == n - int(n * 0.15)
    for step in (*steps, found.last):
        assert step.train.stop == step.test.start - hold
        assert step.panel.edges.fitted_on.endswith(
            f"{np.datetime64(int(found.panel.minute[step.train.stop - 1]), 'm')}Z"
        )


def test_the_future_changes_no_search() -> None:
    found = small_walk()
    frame, cut = small_frame(edge=3.0, days=12.0), found.steps[1].test.start
    table = frame.table.copy()
    prices = [name for name in table if name.endswith(("open", "high", "low", "close"))]
    noise = 1 + 0.01 * np.random.default_rng(1).standard_normal(len(table) - cut)
    table.loc[table.index[cut:], prices] = table[prices].to_numpy()[cut:] * noise[:, None]
    poisoned = features(remade_frame(frame, table, market="SYNTH", source="poison"))
    settings = small_settings()
    other = walk(poisoned, small_search(), settings.verdict)
    for step, twin in zip(found.steps[:2], other.steps[:2], strict=True):
        assert dict(step.seen) == dict(twin.seen)
        assert step.panel.edges == twin.panel.edges
    assert dict(found.last.seen) != dict(other.last.seen)


def test_the_pooled_trades_are_the_laws_trades_of_the_frozen_sets() -> None:
    found = small_walk()
    trades = found.trades[LONG]
    assert len(trades) > 5
    for number, step in enumerate(found.steps):
        mine = trades.of(trades.step == number)
        if LONG not in step.chosen:
            assert len(mine) == 0
            continue
        params = step.chosen[LONG].params
        stop = min(step.test.stop + found.longest_hold, found.last.test.start)
        result = backtest(
            step.panel,
            params,
            execution=MODEL.execution,
            costs=MODEL.costs(params),
            rows=slice(step.test.start, stop),
        )
        inside = result.positions["entry"] < step.test.stop
        assert mine.positions.tobytes() == result.positions[inside].tobytes()
        np.testing.assert_array_equal(mine.minute, step.panel.minute[mine.positions["entry"]])
        np.testing.assert_array_equal(mine.regime, step.panel.regime[mine.positions["entry"]])


def test_pooled_trades_stay_before_the_holdout() -> None:
    found = small_walk()
    for trades in found.trades.values():
        assert (trades.positions["entry"] >= found.pooled_rows.start).all()
        assert (trades.positions["exit"] < found.last.test.start).all()


def test_a_rolling_walk_trains_on_a_window() -> None:
    settings = small_settings(walk="rolling")
    found = walk(small_panel(edge=3.0, days=12.0), small_search(), settings.verdict)
    lengths = {step.train.stop - step.train.start for step in (*found.steps, found.last)}
    assert len(lengths) == 1


def test_progress_counts_every_search() -> None:
    seen: list[int] = []
    settings = small_settings()
    walk(small_panel(), small_search(), settings.verdict, on_search=seen.append)
    assert sum(seen) == settings.verdict.stretches + 1


def test_a_frame_too_short_is_refused_with_its_numbers() -> None:
    panel = features(small_frame(days=0.1))
    with pytest.raises(
        EvidenceError, match=r"144 minutes are too few for 4 tests .* take a longer"
    ):
        walk(panel, small_search(), small_settings().verdict)


def test_joined_trades_are_in_the_order_of_entry() -> None:
    trades = small_walk().trades[LONG]
    halves = [trades.of(trades.minute % 2 == odd) for odd in (1, 0)]
    joined = Trades.joined(halves)
    np.testing.assert_array_equal(joined.minute, trades.minute)
    assert joined.net_pct.sum() == pytest.approx(trades.net_pct.sum())


def test_the_same_walk_makes_the_same_trades() -> None:
    settings = small_settings()
    again = walk(
        small_panel(edge=3.0, days=12.0), replace(small_search(), threads=2), settings.verdict
    )
    for claim, trades in small_walk().trades.items():
        assert trades.positions.tobytes() == again.trades[claim].positions.tobytes()

"""A minute that quality names as a bad print fires no intrabar TP or SL: reference, law, engine."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.features.panel import Panel, features
from research.frame.frame import with_table
from research.measures.costs import Costs
from strategies.backtest.backtest import backtest
from strategies.law.execution import EXECUTABLE
from strategies.lead_follow import LeadFollowParams
from sweeps.axes import grid_spec
from sweeps.engine import engine_tally
from tests.laws.law_tally import LAW, assert_same_tally, law_tally
from tests.laws.test_law_parity import assert_same, ours_lead
from tests.reference.frames import frames, lead_params
from tests.reference.lead import lead_trades
from tests.samples.markets import small_frame

COSTS = Costs(fees_bps=8, slippage_bps=1)
LOW = LeadFollowParams(mode="long", reference="raw", spread_entry=0.02, move_pct=0.05)


def marked(share: float = 0.2, wild: float = 0.5) -> Panel:
    """The small market with bad prints on a share of its minutes, lows and highs far away."""
    frame = small_frame()
    table, rng = frame.table.copy(), np.random.default_rng(3)
    is_bad = rng.random(len(table)) < share
    table.loc[is_bad, "dydx_low"] *= 1 - wild
    table.loc[is_bad, "dydx_high"] *= 1 + wild
    table["dydx_bad_print"] = is_bad.astype(np.float64)
    return features(with_table(frame, table, ["marked"]))


@LAW
@given(data=st.data())
def test_the_law_makes_the_trades_of_the_reference(data: st.DataObject) -> None:
    frame = data.draw(frames(min_rows=1))
    p = data.draw(lead_params(frame)) | {"touch": "intrabar"}
    is_bad = data.draw(st.lists(st.booleans(), min_size=len(frame["dydx_close"]),
                                max_size=len(frame["dydx_close"])))  # fmt: skip
    blank = frame | {
        name: [math.nan if bad else value for bad, value in zip(is_bad, frame[name], strict=True)]
        for name in ("dydx_high", "dydx_low")
    }
    ours = ours_lead(frame | {"dydx_bad_print": [float(bad) for bad in is_bad]}, p)
    assert_same(ours, lead_trades(blank, **p))


@pytest.mark.parametrize("overlap", [False, True])
@pytest.mark.parametrize("trusts", [False, True])
def test_the_engine_counts_the_laws_trades(overlap: bool, trusts: bool) -> None:
    execution = replace(EXECUTABLE, overlap=overlap, trusts_prints=trusts)
    spec = grid_spec(LOW, {"tp": [0.1, 0.3], "sl": [0.1, 0.3], "horizon": [3, 15]})
    panel = marked()
    engine = engine_tally(panel, spec, execution=execution, costs=COSTS)
    assert_same_tally(
        engine, law_tally(panel, spec, execution=execution, costs=COSTS, rows=slice(None))
    )
    assert engine.events[0].min() > 0


def test_how_wild_a_bad_print_is_does_not_matter() -> None:
    mild, wild = (backtest(marked(wild=size), LOW, costs=COSTS).positions for size in (0.05, 0.9))
    assert mild.tobytes() == wild.tobytes()


def test_trusted_they_fire_the_stop_first() -> None:
    believed = backtest(marked(), LOW, execution=replace(EXECUTABLE, trusts_prints=True))
    cautious = backtest(marked(), LOW)
    assert believed.report().sl_share > cautious.report().sl_share
    assert believed.report().avg_pnl < cautious.report().avg_pnl


def test_closes_are_read_either_way() -> None:
    at_close = replace(EXECUTABLE, touch="close")
    ours = backtest(marked(), LOW, execution=at_close)
    theirs = backtest(features(small_frame()), LOW, execution=at_close)
    assert ours.positions.tobytes() == theirs.positions.tobytes()


def test_a_frame_without_bad_prints_has_no_column_for_them() -> None:
    assert "dydx_bad_print" not in small_frame().table
    panel = features(small_frame())
    assert panel.bad_prints == 0
    assert marked().bad_prints > 0

"""A silent minute written as a flat candle or left out is the same market, at either venue.

Frame, features, law, engine and counts: ``LEADFOLLOW_LAW_EXAMPLES=2000 pytest`` is the long way.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from research.arrays import Records
from research.data.tables.schema import candle_table
from research.features.panel import Panel, features
from research.frame.frame import Frame, build_frame
from research.measures.costs import Costs
from research.settings import PanelSettings
from research.settings.frame import FrameSettings
from strategies.backtest.backtest import backtest
from strategies.law.execution import Execution
from strategies.law.filters import EntryFilters
from strategies.lead_follow import LeadFollowParams
from strategies.registry import Params
from strategies.reversion import ReversionParams
from sweeps.axes import grid_spec
from sweeps.engine import engine_tally
from tests.laws.law_tally import LAW, assert_same_tally, law_tally
from tests.reference.frame import Candle, has_traded
from tests.reference.frames import MAX_ROWS, row_lists, venue_candles

FIRST_MS = 1_767_571_200_000  # 2026-01-05T00:00Z
COSTS = Costs(fees_bps=8, slippage_bps=1)
SHORT = PanelSettings.model_validate(
    {"features": {"basis_min": 6, "atr_min": 3, "realized_vol_min": 3, "rsi_bars": 3}}
)


class Market(NamedTuple):
    """Candles of both venues as they may be written down, and the halt rule."""

    binance: Sequence[Candle]
    dydx: Sequence[Candle]
    rule: FrameSettings


@st.composite
def markets(draw: st.DrawFn) -> Market:
    """Silent minutes as flat candles; the first and the last minute trade, so that spans agree."""
    rows = draw(row_lists(draw(st.integers(4, MAX_ROWS))))
    # a halt: a run of silent minutes at one venue
    start, length = draw(st.integers(0, len(rows))), draw(st.integers(0, 20))
    venue = draw(st.sampled_from(["binance", "dydx"]))
    rows = [
        row._replace(**{venue: "flat"}) if start <= t < start + length else row
        for t, row in enumerate(rows)
    ]
    for t in (0, -1):
        rows[t] = rows[t]._replace(binance="traded", dydx="traded")
    counts_trades = draw(st.booleans())
    venues = venue_candles(rows, 0.125, lag=draw(st.integers(0, 4)), counts_trades=counts_trades)
    binance, dydx = (
        [c for c, row in zip(candles, rows, strict=True) if getattr(row, name) != "missing"]
        for name, candles in zip(("binance", "dydx"), venues, strict=True)
    )
    halt_min, settle_min = draw(st.integers(2, 15)), draw(st.integers(0, 4))
    return Market(binance, dydx, FrameSettings(halt_min=halt_min, settle_min=settle_min))


def without_silent(candles: Sequence[Candle]) -> list[Candle]:
    return [candle for candle in candles if has_traded(candle)]


def frame_of(market: Market) -> Frame:
    tables = [table_of(candles) for candles in (market.binance, market.dydx)]
    return build_frame(*tables, market="TEST", rule=market.rule)


def table_of(candles: Sequence[Candle]) -> pd.DataFrame:
    times = np.array([FIRST_MS + 60_000 * candle.minute for candle in candles])
    columns = {
        name: np.array([getattr(candle, name) for candle in candles], float)
        for name in Candle._fields[1:]
    }
    return candle_table(times, columns)


def panels(market: Market, data: st.DataObject) -> tuple[Panel, Panel]:
    """The market with flat candles, and with some or all of them left out."""
    ours, theirs = without_silent(market.binance), without_silent(market.dydx)
    which = data.draw(st.sampled_from(["binance", "dydx", "both"]))
    other = market._replace(
        binance=market.binance if which == "dydx" else ours,
        dydx=market.dydx if which == "binance" else theirs,
    )
    flat, missing = (features(frame_of(each), SHORT) for each in (market, other))
    return flat, missing


def assert_same_positions(ours: Records, theirs: Records) -> None:
    for name in ours.dtype.names or ():
        np.testing.assert_array_equal(ours[name], theirs[name], err_msg=name)


@st.composite
def executions(draw: st.DrawFn) -> Execution:
    return Execution(
        fill=draw(st.sampled_from(["close", "next_open"])),
        touch=draw(st.sampled_from(["close", "intrabar"])),
        overlap=draw(st.booleans()),
    )


@st.composite
def params(draw: st.DrawFn) -> Params:
    reference = draw(st.sampled_from(["raw", "excess"]))
    filters = EntryFilters(
        max_age_min=draw(st.sampled_from([0.0, 2.0, math.inf])),
        regimes=draw(st.sampled_from([("calm", "normal", "wild"), ("calm", "wild")])),
    )
    if draw(st.booleans()):
        return ReversionParams(
            reference=reference, entry=draw(st.sampled_from([0.05, 0.2])), exit=0.02,
            max_hold=draw(st.integers(1, 20)), min_gap=draw(st.integers(0, 5)), filters=filters,
        )  # fmt: skip
    return LeadFollowParams(
        mode=draw(st.sampled_from(["short", "long"])), reference=reference,
        window=draw(st.integers(1, 6)), move_pct=draw(st.sampled_from([0.01, 0.1])),
        spread_entry=draw(st.sampled_from([0.0, 0.05])), tp=0.2, sl=0.2,
        horizon=draw(st.integers(1, 20)), cooldown=draw(st.integers(0, 5)), filters=filters,
    )  # fmt: skip


@LAW
@given(market=markets(), data=st.data())
def test_flat_and_missing_silence_give_the_same_features(
    market: Market, data: st.DataObject
) -> None:
    flat, missing = panels(market, data)
    assert flat.frame.exclusions == missing.frame.exclusions
    pd.testing.assert_frame_equal(flat.table(), missing.table(), check_exact=True)
    names = [name for name in flat.frame.table if not name.endswith(("volume", "trades"))]
    for name in names:  # of a silent minute the file knows no more than that nothing was traded
        np.testing.assert_array_equal(flat.column(name), missing.column(name), err_msg=name)
    np.testing.assert_equal(flat.edges.low, missing.edges.low)


@LAW
@given(market=markets(), data=st.data(), params=params(), execution=executions())
def test_flat_and_missing_silence_give_the_same_trades(
    market: Market, data: st.DataObject, params: Params, execution: Execution
) -> None:
    flat, missing = panels(market, data)
    ours, theirs = (
        backtest(panel, params, execution=execution, costs=COSTS) for panel in (flat, missing)
    )
    assert_same_positions(ours.positions, theirs.positions)
    assert ours.dropped_by_age == theirs.dropped_by_age
    assert ours.silent_fills == theirs.silent_fills == 0
    binance, dydx = (flat.frame.has_traded(venue) for venue in ("binance", "dydx"))
    for entry in ours.positions["entry"]:
        assert binance[entry]
        assert dydx[entry]


@LAW
@given(market=markets(), data=st.data(), params=params(), execution=executions())
def test_flat_and_missing_silence_give_the_same_grid(
    market: Market, data: st.DataObject, params: Params, execution: Execution
) -> None:
    flat, missing = panels(market, data)
    axes: dict[str, Any] = {"horizon": [2, 9], "tp": [0.1, 0.4], "window": [2, 5]}
    if isinstance(params, ReversionParams):
        axes = {"max_hold": [2, 9], "entry": [0.05, 0.3]}
    spec = grid_spec(params, axes)
    ours, theirs = (
        engine_tally(panel, spec, execution=execution, costs=COSTS) for panel in (flat, missing)
    )
    assert_same_tally(ours, theirs)
    assert_same_tally(ours, law_tally(missing, spec, execution, COSTS, slice(0, len(missing))))


@LAW
@given(market=markets(), params=params())
def test_the_plain_model_knows_no_more_than_what_is_written(market: Market, params: Params) -> None:
    """With every silent minute left out it makes the trades of a model that reads none."""
    binance, dydx = without_silent(market.binance), without_silent(market.dydx)
    missing = features(frame_of(Market(binance, dydx, market.rule)), SHORT)
    given = Execution(fill="close", touch="close", overlap=True)
    plain = replace(given, flat_is_price=True)
    ours, theirs = (
        backtest(missing, params, execution=execution, costs=COSTS) for execution in (given, plain)
    )
    assert_same_positions(ours.positions, theirs.positions)

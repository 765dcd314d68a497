"""Made-up files of venues that stood still, from a report each: what may be traded in them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from research.data.files.read import read_candles
from research.features.panel import Panel, features
from research.frame.frame import Frame, build_frame
from research.frame.presence import presence_sentence
from strategies.backtest.backtest import BacktestResult, backtest
from strategies.lead_follow import LeadFollowParams
from strategies.registry import Params
from strategies.reversion import ReversionParams
from tests.samples.minute_tables import candles

SETS: tuple[Params, ...] = (
    LeadFollowParams(mode="long", spread_entry=0.02, move_pct=0.05),
    LeadFollowParams(mode="short", reference="raw", spread_entry=0.02, move_pct=0.05),
    ReversionParams(entry=0.03, exit=0.01),
)


def rows_that_need_binance(result: BacktestResult) -> np.ndarray:
    """Minutes of signals; of two legs also those of fills and of the decision to leave."""
    needed = ("entry", "entered_at", "exit", "left_at")[: 1 if result.strategy.legs == 1 else 4]
    return np.concatenate([result.positions[name] for name in needed])


@pytest.mark.parametrize(
    ("case", "dydx_file", "silent_min"),
    [("13-binance-flat-fill", "dydx.json", 300), ("28-short-flat-fill", "dydx.csv", 180)],
)
def test_flat_minutes_of_binance_are_named_and_not_traded(
    shared_data: Path, case: str, dydx_file: str, silent_min: int
) -> None:
    folder = shared_data / "cases" / case
    binance = read_candles(folder / "binance.csv", "binance").candles
    dydx = read_candles(folder / dydx_file, "dydx").candles
    flat = build_frame(binance, dydx, market="BTC")
    missing = build_frame(binance[binance["trades"] > 0], dydx, market="BTC")
    assert flat.exclusions == missing.exclusions
    assert len(flat.exclusions) == 1
    assert f"no Binance trade for {silent_min} min" in flat.origin.exclusions[0]
    panel, other = features(flat), features(missing)
    silent = ~flat.has_traded("binance")
    assert silent.sum() >= silent_min
    assert (panel.regime[silent] == -1).all()
    for params in SETS:
        result = backtest(panel, params)
        assert len(result) > 20
        assert not silent[rows_that_need_binance(result)].any()
        assert names(result) == names(backtest(other, params))


def test_gaps_of_dydx_and_flat_candles_in_their_place_give_the_same_trades(
    shared_data: Path,
) -> None:
    folder = shared_data / "cases" / "35-gaps-or-fill"
    binance = read_candles(folder / "binance.csv", "binance").candles

    def panel_of(name: str) -> Panel:
        dydx = pd.read_feather(folder / name)
        dydx.index = pd.DatetimeIndex(dydx["date"]).as_unit("ms")
        return features(build_frame(binance, dydx.assign(trades=np.nan), market="BTC"))

    gaps, filled = panel_of("gaps.feather"), panel_of("filled.feather")
    assert len(gaps) == len(filled) == 2880
    for params in SETS:
        ours, theirs = backtest(gaps, params), backtest(filled, params)
        assert names(ours) == names(theirs)
        assert len(ours) > 20
        assert ours.dropped_by_age == theirs.dropped_by_age > 0


def names(result: BacktestResult) -> list[tuple[float, ...]]:
    columns = ["entry", "exit", "reason", "entry_price", "exit_price", "net_pct"]
    return [tuple(row) for row in result.positions[columns].tolist()]


def test_each_minute_is_counted_once() -> None:
    traded = np.array([float(not 20 <= t < 60 and t != 5) for t in range(120)])
    dydx = candles(120, volume=traded, trades=traded)
    frame: Frame = build_frame(candles(120).drop(dydx.index[[3, 30]]), dydx, market="X")
    assert presence_sentence(frame) == (
        "missing: binance 1, dydx 0; flat without a trade: binance 0, dydx 2; left out: 44"
    )


def test_ages_count_from_trades_before_the_common_span_at_both_venues() -> None:
    quiet = candles(10, volume=[1.0] + [0.0] * 9, trades=[1.0] + [0.0] * 9)
    frame = build_frame(quiet, candles(10, first=4), market="X")
    assert frame.column("binance_age_min").tolist() == [4.0, 5.0, 6.0, 7.0, 8.0, 9.0]
    assert frame.column("dydx_age_min").tolist() == [0.0] * 6

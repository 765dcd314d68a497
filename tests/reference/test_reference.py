"""The reference judges the fast code; here it is judged by hand, and by the recorded week."""

import ast
import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reference.features import (
    atr_pct,
    basis_pct,
    binance_ret_window_pct,
    completed_bars,
    mtf_aligned,
    quantile,
    realized_vol_pct,
    regime,
    regime_edges,
    rsi,
    session,
    spread_compress,
    spread_excess_pct,
    spread_pct,
)
from tests.reference.frame import NAN, Candle, Frame, as_read, build_frame, is_comparable, priced
from tests.reference.frames import frames, lead_params, reversion_params
from tests.reference.golden_btc_week import cases, read_week
from tests.reference.lead import lead_trades
from tests.reference.report import REVERSION_SHARES, report
from tests.reference.reversion import reversion_trades
from tests.reference.trade import Trade

Bar = Any  # a close alone, which is a flat bar, or (open, high, low, close)

QUICK = settings(max_examples=60, deadline=None)
LONG: dict[str, Any] = {
    "mode": "long",
    "reference": "raw",
    "window": 3,
    "move_pct": 1.0,
    "spread_entry": 0.5,
    "tp": 1.0,
    "sl": 2.0,
    "horizon": 4,
    "cooldown": 10,
    "fill": "close",
    "touch": "close",
    "overlap": True,
    "max_age_min": 0.0,
    "fees_bps": 0.0,
    "slippage_bps": 0.0,
    "funding_on": True,
}
REVERT: dict[str, Any] = {
    "reference": "raw",
    "entry": 1.0,
    "exit": 0.25,
    "max_hold": 3,
    "min_gap": 1,
    "fill": "close",
    "overlap": True,
    "max_age_min": 0.0,
    "fees_bps": 0.0,
    "slippage_bps": 0.0,
    "funding_on": True,
}
# Binance steps from 100 to 101 at row 3: its move over 3 minutes is 1 % at rows 3, 4 and 5
STEP_UP = [100.0, 100.0, 100.0, 101.0, 101.0, 101.0, 101.0, 101.0, 101.0, 101.0]


def frame_of(
    binance: Sequence[Bar],
    dydx: Sequence[Bar],
    *,
    age: Sequence[float] | None = None,
    funding: dict[int, float] | None = None,
) -> Frame:
    """Return a frame of bars given as closes or as (open, high, low, close)."""
    frame: Frame = {}
    for venue, bars in (("binance", binance), ("dydx", dydx)):
        full = [bar if isinstance(bar, tuple) else (bar,) * 4 for bar in bars]
        for i, field in enumerate(("open", "high", "low", "close")):
            frame[f"{venue}_{field}"] = [bar[i] for bar in full]
        frame[f"{venue}_volume"] = [1.0 for _ in full]
        frame[f"{venue}_trades"] = [1.0 for _ in full]
    frame["binance_age_min"] = [0.0 for _ in binance]
    frame["dydx_age_min"] = list(age) if age else [0.0 for _ in dydx]
    frame["funding_rate"] = [(funding or {}).get(t, 0.0) for t in range(len(dydx))]
    return frame


def long_on(dydx: Sequence[Bar], **changes: Any) -> list[Trade]:
    """Return the long trades on dYdX bars under Binance's step, and on the extras of a frame."""
    extras = {name: changes.pop(name) for name in ("age", "funding") if name in changes}
    return lead_trades(frame_of(STEP_UP[: len(dydx)], dydx, **extras), **{**LONG, **changes})


def brief(trades: Sequence[Trade]) -> list[tuple[int, int, str]]:
    """Return entry, exit and reason of each trade."""
    return [(trade.entry, trade.exit, trade.reason) for trade in trades]


# --- independence ------------------------------------------------------------------------------


def test_the_reference_imports_nothing_of_the_project_and_no_numpy() -> None:
    allowed = {
        "__future__",
        "bisect",
        "collections",
        "csv",
        "datetime",
        "functools",
        "hypothesis",
        "itertools",
    }
    allowed |= {"json", "math", "pathlib", "statistics", "sys", "tests", "typing"}
    for path in set(Path(__file__).parent.glob("*.py")) - {Path(__file__)}:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            else:
                continue
            assert {name.split(".")[0] for name in names} <= allowed, path.name
            assert all(n.startswith("tests.reference") for n in names if n.startswith("tests"))


# --- frame -------------------------------------------------------------------------------------


def test_the_frame_spans_what_both_venues_cover_and_leaves_gaps_open() -> None:
    binance = [Candle(m, 1, 1, 1, 1, 1.0, 1.0) for m in (10, 11, 13, 14, 15)]
    dydx = [Candle(m, 2, 2, 2, 2, 1.0, 1.0) for m in (11, 12, 14)]
    minutes, frame = build_frame(binance, dydx, [(12, 0.5), (99, 0.7)])
    assert minutes == [11, 12, 13, 14]
    assert [x == 1 for x in frame["binance_close"]] == [True, False, True, True]
    assert [math.isnan(x) for x in frame["dydx_open"]] == [False, False, True, False]
    assert frame["funding_rate"] == [0.0, 0.5, 0.0, 0.0]


def test_the_age_counts_from_the_last_trade_by_count_or_else_by_volume() -> None:
    binance = [Candle(m, 1, 1, 1, 1, 1.0) for m in range(6)]
    counted = [(0, 0.0, 0.0), (1, 0.0, 3.0), (2, 9.0, 0.0), (5, 1.0, 1.0)]  # minute, volume, trades
    dydx = [Candle(m, 1, 1, 1, 1, volume, trades) for m, volume, trades in counted]
    ages = build_frame(binance, dydx)[1]["dydx_age_min"]
    assert math.isnan(ages[0])
    assert ages[1:] == [0.0, 1.0, 2.0, 3.0, 0.0]
    by_volume = [Candle(m, 1, 1, 1, 1, volume) for m, volume, _ in counted]
    ages = build_frame(binance, by_volume)[1]["dydx_age_min"]
    assert [math.isnan(x) for x in ages[:2]] == [True, True]
    assert ages[2:] == [0.0, 1.0, 2.0, 0.0]


def test_a_long_silence_of_either_venue_blanks_both_but_for_its_first_minute() -> None:
    full = [Candle(m, 1, 1, 1, 1, 1.0, 1.0) for m in range(20)]
    flat = [Candle(m, 1, 1, 1, 1, 1.0, float(not 5 <= m < 10)) for m in range(20)]
    none = [c for c in flat if c.trades]
    blank = [6 <= m < 12 for m in range(20)]
    for quiet in (flat, none):
        for pair in ((quiet, full), (full, quiet)):
            frame = build_frame(*pair, halt_min=4, settle_min=2)[1]
            assert [math.isnan(x) for x in frame["dydx_open"]][6:] == blank[6:]
            assert [math.isnan(x) for x in frame["binance_open"]][6:] == blank[6:]
            frame = build_frame(*pair, halt_min=5, settle_min=2)[1]
            assert not any(map(math.isnan, frame["dydx_open"][10:]))


def test_a_flat_candle_has_no_price_but_for_the_plain_model() -> None:
    bars = [
        (1, 1.0, 0.0),
        (2, 0.0, 0.0),
        (3, 0.0, NAN),
        (4, 2.0, NAN),
        (5, NAN, NAN),
        (6, 0.0, 3.0),
    ]
    candles = [Candle(m, 1, 1, 1, 1, volume, trades) for m, volume, trades in bars]
    frame = build_frame(candles, candles)[1]
    for name in ("binance_close", "dydx_open"):
        known = [not math.isnan(x) for x in priced(frame)[name]]
        assert known == [True, False, False, True, True, True]
    assert as_read(frame, flat_is_price=True) == frame


def test_a_minute_is_comparable_with_both_closes_and_a_young_enough_one() -> None:
    frame = frame_of([1.0, NAN, 1.0, 1.0], [1.0, 1.0, NAN, 1.0], age=[0.0, 0.0, 0.0, NAN])
    assert [is_comparable(frame, t, 5.0) for t in range(4)] == [True, False, False, False]
    assert is_comparable(frame, 3, math.inf)
    assert is_comparable(frame_of([1.0], [1.0], age=[2.0]), 0, 2.0)
    assert not is_comparable(frame_of([1.0], [1.0], age=[2.0]), 0, 1.0)


# --- features ----------------------------------------------------------------------------------


def test_the_spread_is_measured_on_binance() -> None:
    frame = frame_of([100.0, 200.0, 100.0], [101.0, 199.0, 98.0])
    assert spread_pct(frame) == [1.0, -0.5, -2.0]
    assert spread_compress(frame, 1)[:2] == [0.5, -3.0]
    assert math.isnan(spread_compress(frame, 1)[2])


def test_the_basis_is_the_median_before_t_from_at_least_a_sixth() -> None:
    spread = [3.0, NAN, 1.0, 2.0, 9.0]
    out = basis_pct(spread, 3)  # a single present value is enough: 1 >= 3/6
    assert math.isnan(out[0])
    assert out[1:] == [3.0, 3.0, 2.0, 1.5]
    out = basis_pct(spread, 12)  # two are needed
    assert [math.isnan(x) for x in out] == [True, True, True, False, False]
    assert out[3:] == [2.0, 2.0]
    frame = frame_of([100.0] * 3, [101.0, 103.0, 104.0])
    assert spread_excess_pct(frame, 6)[1:] == [2.0, 2.0]  # 3 - 1, 4 - median(1, 3)


def test_the_lead_return_is_unknown_where_the_minute_it_looks_back_to_is_missing() -> None:
    out = binance_ret_window_pct(frame_of([100.0, NAN, 110.0, 121.0], [1.0] * 4), 2)
    assert [math.isnan(x) for x in out] == [True, True, False, True]
    assert out[2] == 10.0


def test_wilders_atr_by_hand() -> None:
    bars = [(10.0, 10.0, 10.0, 10.0), (10.0, 12.0, 9.0, 11.0), (11.0, 11.0, 10.0, 10.0)]
    bars += [(14.0, 15.0, 14.0, 15.0)]  # true ranges 3, 1, 5 (the gap up from 10)
    out = atr_pct(frame_of(bars, [1.0] * 4), 2)
    assert [math.isnan(x) for x in out[:2]] == [True, True]
    assert out[2:] == pytest.approx([2 / 10 * 100, (2 * 1 + 5) / 2 / 15 * 100])


def test_a_missing_bar_is_passed_over_by_the_atr() -> None:
    flat = [(10.0, 11.0, 10.0, 10.0)] * 3
    out = atr_pct(frame_of([*flat, (NAN,) * 4, (14.0, 14.0, 14.0, 14.0)], [1.0] * 5), 2)
    assert [math.isnan(x) for x in out] == [True, True, False, True, False]
    assert out[4] == pytest.approx((1 + 4) / 2 / 14 * 100)  # from the close before the gap


def test_the_realized_volatility_needs_every_return_of_its_window() -> None:
    closes = [1.0, math.e, 1.0, 1.0, NAN, 1.0]  # log returns 1, -1, 0
    out = realized_vol_pct(frame_of(closes, [1.0] * 6), 2)
    assert [math.isnan(x) for x in out] == [True, True, False, False, True, True]
    assert out[2:4] == pytest.approx([math.sqrt(2) * 100, math.sqrt(0.5) * 100])


def test_the_rsi_by_hand() -> None:
    closes = [10.0, 12.0, 11.0, 13.0]  # n = 2: gains (2, 0, 2), losses (0, 1, 0)
    out = rsi(list(range(4)), closes, 1, n=2)
    assert [math.isnan(x) for x in out[:2]] == [True, True]
    # averages 1 and 0.5, then (1 + 2) / 2 and (0.5 + 0) / 2
    assert out[2:] == pytest.approx([100 * 1 / 1.5, 100 * 1.5 / 1.75])


def test_a_bar_counts_from_the_minute_at_which_it_is_complete() -> None:
    minutes = list(range(3, 17))  # 5-minute bars 5..9 and 10..14; 0..4 and 15..19 are cut
    closes = [float(m) for m in minutes]
    closes[6] = NAN  # minute 9: the bar's last close is that of minute 8
    assert completed_bars(minutes, closes, 5) == [(6, 8.0), (11, 14.0)]
    known = rsi(minutes, closes, 5, n=1)  # needs two bars: from minute 14 on
    assert [math.isnan(x) for x in known] == [True] * 11 + [False] * 3
    assert known[11:] == [100.0] * 3


def test_the_rsi_needs_fifteen_bars() -> None:
    closes = [100.0 + (t % 3) for t in range(80)]
    out = rsi(list(range(80)), closes, 5)
    assert [math.isnan(x) for x in out] == [True] * 74 + [False] * 6


def test_timeframes_are_aligned_only_when_all_agree() -> None:
    minutes = list(range(8))
    rising = [float(m) for m in minutes]
    up = mtf_aligned(minutes, rising, timeframes=(1, 2), fast=1, slow=2)
    # the slow average of 2-minute bars is known with the second of them, at minute 3
    assert [math.isnan(x) for x in up[:3]] == [True] * 3
    assert up[3:] == [1.0] * 5
    assert mtf_aligned(minutes, rising[::-1], timeframes=(1, 2), fast=1, slow=2)[3:] == [-1.0] * 5
    turning = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 4.5, 5.5]  # at minute 6 one minute falls
    assert mtf_aligned(minutes, turning, timeframes=(1, 2), fast=1, slow=2)[6] == 0.0


def test_sessions_cover_the_day() -> None:
    by_hour = [session(60 * (24 * 20_000 + hour) + 59) for hour in range(24)]
    assert by_hour == ["asia"] * 8 + ["europe"] * 8 + ["us"] * 8
    moved = [session(60 * hour, cuts=(1, 9, 17)) for hour in range(24)]
    assert moved == ["us"] + ["asia"] * 8 + ["europe"] * 8 + ["us"] * 7


def test_regimes_by_quantile_edges() -> None:
    edges = regime_edges([4.0, NAN, 1.0, 2.0, 3.0])
    assert edges == pytest.approx([2.0, 3.0])
    labels = [regime(x, [2.0, 3.0]) for x in (1.9, 2.0, 2.9, 3.0, NAN)]
    assert labels == ["calm", "normal", "normal", "wild", None]


@QUICK
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.floats(0, 1))
def test_quantiles_are_those_of_numpy(values: list[float], q: float) -> None:
    assert quantile(values, q) == np.quantile(values, q)


# --- lead/follow: signals ----------------------------------------------------------------------


def test_thresholds_are_inclusive() -> None:
    spread = (100.0 - 101.0) / 101.0 * 100
    flat = [100.0] * 10
    assert brief(long_on(flat, spread_entry=-spread)) == [(3, 7, "HORIZON")]
    assert long_on(flat, spread_entry=math.nextafter(-spread, 9)) == []
    assert brief(long_on(flat, move_pct=1.0)) == [(3, 7, "HORIZON")]
    assert long_on(flat, move_pct=math.nextafter(1.0, 9)) == []


def test_a_short_mirrors_a_long() -> None:
    frame = frame_of([100.0] * 3 + [99.0] * 7, [100.0] * 5 + [99.0] * 5)
    (trade,) = lead_trades(frame, **{**LONG, "mode": "short"})
    assert (trade.entry, trade.exit, trade.side, trade.reason) == (3, 5, -1, "TP")
    assert trade.gross_pct == (100.0 - 99.0) / 100.0 * 100
    assert trade.spread_pct == (100.0 - 99.0) / 99.0 * 100
    assert trade.lead_pct == -1.0


def test_cooldown_counts_minutes_since_the_last_entry() -> None:
    flat = [100.0] * 10
    assert [t.entry for t in long_on(flat, cooldown=1)] == [3, 4, 5]
    assert [t.entry for t in long_on(flat, cooldown=2)] == [3, 5]
    assert [t.entry for t in long_on(flat, cooldown=3)] == [3]


def test_a_single_position_waits_for_the_exit_minute_of_the_last() -> None:
    flat = [100.0] * 10
    single = {"cooldown": 1, "overlap": False}
    assert [t.entry for t in long_on(flat, horizon=1, **single)] == [3, 4, 5]
    assert [t.entry for t in long_on(flat, horizon=2, **single)] == [3, 5]
    assert [t.entry for t in long_on(flat, horizon=3, **single)] == [3]


def test_entries_need_a_comparable_and_allowed_minute() -> None:
    flat = [100.0] * 10
    old = [0.0, 0.0, 0.0, 1.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    assert [t.entry for t in long_on(flat, age=old)] == [5]
    assert [t.entry for t in long_on(flat, age=old, max_age_min=1.0)] == [3]
    assert [t.entry for t in long_on(flat, age=[NAN] * 10)] == []
    assert [t.entry for t in long_on(flat, age=[NAN] * 10, max_age_min=math.inf)] == [3]
    mask = [t != 3 for t in range(10)]
    assert [t.entry for t in long_on(flat, allowed=mask)] == [4]


def test_a_window_that_starts_in_a_gap_is_no_signal() -> None:
    frame = frame_of([NAN, *STEP_UP[1:]], [100.0] * 10)
    assert [t.entry for t in lead_trades(frame, **LONG)] == [4]


def test_the_last_minute_is_never_an_entry() -> None:
    assert long_on([100.0] * 4) == []
    assert long_on([100.0] * 4, fill="next_open") == []
    assert brief(long_on([100.0] * 5)) == [(3, 4, "END")]


def test_the_excess_is_measured_from_the_basis() -> None:
    # dYdX always 1 % low: no event against its own basis; at row 5 it falls a further 1 %
    dydx = [99.0, 99.0, 99.0, 99.99, 99.99, 98.98, 98.98, 98.98, 98.98, 98.98]
    changes = {"reference": "excess", "basis_min": 6, "spread_entry": 0.9, "move_pct": 0.9}
    (trade,) = long_on(dydx, **changes)
    assert (trade.entry, trade.exit, trade.reason) == (5, 9, "HORIZON")
    assert trade.spread_pct == (98.98 - 101.0) / 101.0 * 100  # the raw one is kept


# --- lead/follow: exits ------------------------------------------------------------------------


def test_a_close_at_the_goal_is_a_goal() -> None:
    (trade,) = long_on([*[100.0] * 4, 99.5, 101.0, 100.0, 100.0], fees_bps=8.0, slippage_bps=1.0)
    assert (trade.entry, trade.exit, trade.reason) == (3, 5, "TP")
    assert (trade.entry_price, trade.exit_price, trade.gross_pct) == (100.0, 101.0, 1.0)
    assert trade.net_pct == 1.0 - 0.08 - 0.02
    assert (trade.mae_pct, trade.mfe_pct) == (-0.5, 1.0)
    assert math.isnan(trade.binance_entry_price)


def test_a_close_at_the_stop_is_a_stop() -> None:
    (trade,) = long_on([*[100.0] * 4, 100.5, 98.0, 105.0, 100.0])
    assert (trade.exit, trade.reason, trade.gross_pct) == (5, "SL", -2.0)
    assert (trade.mae_pct, trade.mfe_pct) == (-2.0, 0.5)


def test_horizon_or_end() -> None:
    assert brief(long_on([100.0] * 8)) == [(3, 7, "HORIZON")]
    assert brief(long_on([100.0] * 7)) == [(3, 6, "END")]
    assert brief(long_on([*[100.0] * 6, 101.0])) == [(3, 6, "TP")]  # late, and yet a goal


def test_missing_minutes_are_passed_over() -> None:
    assert brief(long_on([*[100.0] * 4, NAN, 101.0, 100.0, 100.0])) == [(3, 5, "TP")]
    assert brief(long_on([*[100.0] * 6, NAN, NAN, 101.0])) == [(3, 5, "HORIZON")]


def test_a_signal_into_silence_is_no_trade_but_starts_the_cooldown() -> None:
    dydx = [*[100.0] * 4, NAN, 100.0, 100.0, 100.0, 100.0]
    assert brief(long_on(dydx, horizon=1, cooldown=2)) == [(5, 6, "HORIZON")]
    assert brief(long_on(dydx, horizon=1, cooldown=3)) == []


def test_next_open_fills_one_bar_later() -> None:
    dydx = [*[100.0] * 4, (100.5, 100.5, 100.5, 100.5), 101.6, (101.2,) * 4, 100.0, 100.0]
    (trade,) = long_on(dydx, fill="next_open", funding={4: 0.1, 5: 0.001, 6: 0.002, 7: 0.1})
    assert (trade.entry, trade.exit, trade.reason) == (3, 5, "TP")
    assert (trade.entry_price, trade.exit_price) == (100.5, 101.2)
    assert trade.gross_pct == (101.2 - 100.5) / 100.5 * 100
    assert trade.funding_pct == pytest.approx(0.3)  # after the open of 4, up to the open of 6
    assert trade.mfe_pct == (101.6 - 100.5) / 100.5 * 100  # seen, though not filled


def test_next_open_without_a_next_bar() -> None:
    dydx = [*[100.0] * 4, NAN, 100.0, 100.0, NAN, 102.0, 100.0]
    trades = long_on(dydx, fill="next_open", cooldown=1, horizon=1)
    assert brief(trades) == [(5, 6, "HORIZON")]  # 3: nothing at 4, no cooldown; 4 is missing
    assert trades[0].exit_price == 102.0  # passed over the gap at 7
    (last,) = long_on([*[100.0] * 6, 100.3], fill="next_open")
    assert (last.reason, last.exit_price) == ("END", 100.3)


def test_an_intrabar_touch_fills_at_its_price_or_at_an_open_beyond_it() -> None:
    goal = [*[100.0] * 4, (100.0, 101.5, 99.0, 100.2), 100.0, 100.0, 100.0]
    (trade,) = long_on(goal, touch="intrabar")
    assert (trade.exit, trade.reason, trade.exit_price) == (4, "TP", 100.0 * (1 + 1.0 / 100))
    assert (trade.mae_pct, trade.mfe_pct) == (-1.0, trade.gross_pct)  # the low came first
    gap = [*[100.0] * 4, 100.5, (101.5, 101.6, 99.5, 100.2), 100.0, 100.0]
    (trade,) = long_on(gap, touch="intrabar")
    assert (trade.exit, trade.reason, trade.exit_price) == (5, "TP", 101.5)
    assert (trade.mae_pct, trade.mfe_pct) == (-0.5, 1.5)


def test_a_minute_that_touches_both_is_a_stop() -> None:
    both = [*[100.0] * 4, (100.4,) * 4, (100.0, 102.0, 97.0, 101.5), 100.0, 100.0]
    (trade,) = long_on(both, touch="intrabar")
    assert (trade.exit, trade.reason, trade.exit_price) == (5, "SL", 100.0 * (1 - 2.0 / 100))
    assert trade.mae_pct == trade.gross_pct == -2.0
    assert trade.mfe_pct == (100.4 - 100.0) / 100.0 * 100  # nothing of row 5
    below = [*[100.0] * 4, (96.0, 102.0, 95.0, 101.5), 100.0, 100.0, 100.0]
    (trade,) = long_on(below, touch="intrabar")
    assert (trade.exit_price, trade.gross_pct, trade.mae_pct) == (96.0, -4.0, -4.0)


def test_a_short_is_stopped_above() -> None:
    dydx = [*[100.0] * 4, (100.0, 102.0, 100.0, 100.0), *[100.0] * 5]
    frame = frame_of([100.0] * 3 + [99.0] * 7, dydx)
    (trade,) = lead_trades(frame, **{**LONG, "mode": "short", "touch": "intrabar"})
    assert (trade.exit, trade.reason, trade.exit_price) == (4, "SL", 100.0 * (1 + 2.0 / 100))


def test_intrabar_looks_from_the_fill_minute_on() -> None:
    # the signal minute's own high is history; the fill minute's counts from its open
    dydx = [*[100.0] * 3, (100.0, 150.0, 50.0, 100.0), (100.2, 101.3, 100.1, 100.2), *[100.2] * 4]
    (trade,) = long_on(dydx, touch="intrabar", fill="next_open")
    assert (trade.entry_price, trade.exit, trade.reason) == (100.2, 4, "TP")
    assert trade.exit_price == 100.2 * (1 + 1.0 / 100)


def test_the_last_bar_of_a_horizon_counts_whole() -> None:
    dydx = [*[100.0] * 7, (100.0, 100.9, 98.1, 100.0), 100.0]
    (trade,) = long_on(dydx, touch="intrabar")
    assert (trade.exit, trade.reason) == (7, "HORIZON")
    assert trade.mae_pct == (98.1 - 100.0) / 100.0 * 100
    assert trade.mfe_pct == (100.9 - 100.0) / 100.0 * 100


def test_funding_is_paid_after_the_entry_fill_and_up_to_the_exit_fill() -> None:
    flat = [100.0] * 10
    # filled at the close of 3 (time 4), out at the close of 7 (time 8)
    rates = {3: 0.1, 4: 0.1, 5: 0.001, 6: NAN, 8: 0.002, 9: 0.1}
    (trade,) = long_on(flat, funding=rates, fees_bps=10.0)
    assert trade.funding_pct == pytest.approx(0.3)
    assert trade.net_pct == pytest.approx(-0.1 - 0.3)
    assert long_on(flat, funding=rates, funding_on=False)[0].funding_pct == 0.0
    touched = [*[100.0] * 5, (100.0, 103.0, 100.0, 100.0), *[100.0] * 4]  # within minute 5
    (trade,) = long_on(touched, touch="intrabar", funding={4: 0.1, 5: 0.001, 6: 0.1})
    assert trade.funding_pct == pytest.approx(0.1)
    frame = frame_of([100.0] * 3 + [99.0] * 7, flat, funding={5: 0.001})
    (short,) = lead_trades(frame, **{**LONG, "mode": "short"})
    assert short.funding_pct == pytest.approx(-0.1)  # received


# --- reversion ---------------------------------------------------------------------------------


def reversion_on(
    dydx: Sequence[Bar], *, binance: Sequence[Bar] | None = None, **changes: Any
) -> list[Trade]:
    """Return the reversion trades on dYdX bars against a Binance that stands at 100."""
    extras = {name: changes.pop(name) for name in ("age", "funding") if name in changes}
    frame = frame_of(binance or [100.0] * len(dydx), dydx, **extras)
    return reversion_trades(frame, **{**REVERT, **changes})


def test_a_wide_spread_is_sold_until_it_is_narrow() -> None:
    binance = [100.0, 100.0, 100.0, 101.0, 100.0]
    (trade,) = reversion_on(
        [100.0, 101.0, 100.5, 101.25, 100.0], binance=binance, fees_bps=20.0, slippage_bps=1.0
    )
    assert (trade.entry, trade.exit, trade.side, trade.reason) == (1, 3, -1, "REVERT")
    assert (trade.entry_price, trade.exit_price) == (101.0, 101.25)
    assert (trade.binance_entry_price, trade.binance_exit_price) == (100.0, 101.0)
    assert trade.gross_pct == (101.0 - 101.25) / 101.0 * 100 + 1.0
    assert trade.net_pct == pytest.approx(trade.gross_pct - 0.2 - 0.04)
    assert math.isnan(trade.mae_pct)


def test_a_negative_spread_is_bought() -> None:
    (trade,) = reversion_on([100.0, 99.0, 99.75, 100.0], funding={2: 0.1, 3: 0.001})
    assert (trade.exit, trade.side, trade.reason) == (2, 1, "REVERT")
    assert trade.gross_pct == (99.75 - 99.0) / 99.0 * 100
    assert trade.funding_pct == pytest.approx(0.1)


def test_the_binance_leg_pays_with_the_other_side_whenever_binance_says() -> None:
    frame = frame_of([100.0] * 6, [100.0, 99.0, 99.5, 99.75, 100.0, 100.0], funding={3: 0.003})
    (alone,) = reversion_trades(frame, **REVERT)
    frame["binance_funding_rate"] = [0.1, 0.1, 0.1, 0.001, 0.0005, 0.1]
    (trade,) = reversion_trades(frame, **REVERT)
    assert (trade.entry, trade.exit, trade.side) == (1, 3, 1)  # filled at instants 2 and 4
    assert alone.funding_pct == pytest.approx(0.3)
    assert trade.funding_pct == pytest.approx(0.3 - 0.15)
    assert trade.net_pct == pytest.approx(trade.gross_pct - 0.15)


def test_only_a_crossing_is_an_entry() -> None:
    wide = [101.0, 101.0, 102.0, 101.0, 100.0, 99.0, 100.0]
    assert [t.entry for t in reversion_on(wide)] == [5]
    assert [t.entry for t in reversion_on([100.0, NAN, 101.0, 100.0])] == []
    stale = [1.0, 0.0, 0.0, 0.0]
    assert [t.entry for t in reversion_on([100.0, 101.0, 100.0, 100.0], age=stale)] == []


def test_timeout_or_end() -> None:
    wide = [100.0, 101.0, 101.0, 101.0, 101.0, 100.0]
    assert brief(reversion_on(wide)) == [(1, 4, "TIMEOUT")]
    assert brief(reversion_on(wide[:5])) == [(1, 4, "TIMEOUT")]
    assert brief(reversion_on(wide[:4])) == [(1, 3, "END")]
    gap = [100.0, 101.0, 101.0, NAN, NAN, 100.0]
    assert brief(reversion_on(gap)) == [(1, 2, "TIMEOUT")]


def test_gap_and_single_position() -> None:
    saw = [100.0, 101.0, 100.5, 101.0, 100.5, 101.0, 100.5, 100.5, 100.5]
    assert [t.entry for t in reversion_on(saw)] == [1, 3, 5]
    assert [t.entry for t in reversion_on(saw, min_gap=3)] == [1, 5]
    assert [t.entry for t in reversion_on(saw, overlap=False)] == [1, 5]  # held to 4
    assert [t.entry for t in reversion_on(saw, overlap=False, max_hold=2)] == [1, 3, 5]


def test_both_legs_fill_at_the_next_open() -> None:
    dydx = [100.0, 101.0, (101.5, 101.5, 100.2, 100.2), NAN, (100.4,) * 4]
    binance = [100.0, 100.0, (100.1, 100.1, 100.0, 100.0), 100.0, (99.0,) * 4]
    (trade,) = reversion_on(dydx, binance=binance, fill="next_open")
    assert (trade.entry, trade.exit, trade.reason) == (1, 2, "REVERT")
    assert (trade.entry_price, trade.binance_entry_price) == (101.5, 100.1)
    assert (trade.exit_price, trade.binance_exit_price) == (100.4, 99.0)
    assert reversion_on([100.0, 101.0, NAN, 100.0], fill="next_open") == []
    assert reversion_on([100.0, 101.0], fill="next_open") == []  # nothing after the last minute


# --- report ------------------------------------------------------------------------------------


def trade_of(net: float, *, hold: int, reason: str) -> Trade:
    """Return a trade of which only what the report reads is of interest."""
    prices = (100.0, 100.0, NAN, NAN)
    return Trade(0, hold, 1, *prices, net + 0.1, 0.0, net, reason, -0.2, 0.3, 0.0, 0.0)


def test_the_report_by_hand() -> None:
    net = [0.5, -0.2, -0.3, 0.0, 0.4]
    reasons = ["TP", "SL", "HORIZON", "HORIZON", "END"]
    holds = [1, 2, 3, 4, 10]
    rows = zip(net, holds, reasons, strict=True)
    out = report([trade_of(x, hold=h, reason=r) for x, h, r in rows])
    std = math.sqrt(0.508 / 4)  # deviations from 0.08: 0.42, -0.28, -0.38, -0.08, 0.32
    assert out == pytest.approx(
        {
            "events": 5,
            "win_rate": 40.0,  # 0.0 is no win
            "avg_pnl": 0.08,
            "median_pnl": 0.0,
            "pnl_std": std,
            "pnl_q05": -0.28,  # a fifth of the way from -0.3 to -0.2
            "pnl_q25": -0.2,
            "pnl_q75": 0.4,
            "pnl_q95": 0.48,
            "total_pnl": 0.4,
            "profit_factor": 1.8,
            "avg_hold": 4.0,
            "median_hold": 3.0,
            "tp_share": 20.0,
            "sl_share": 20.0,
            "horizon_share": 40.0,
            "end_share": 20.0,
            "max_loss": -0.3,
            "max_losing_streak": 3,
            "max_drawdown": 0.5,
            "mae_mean": -0.2,
            "mfe_mean": 0.3,
            "lcb_pnl": 0.08 - 2.1318468 * std / math.sqrt(5),  # t with 4 degrees of freedom
            "breakeven_bps": 18.0,
        }
    )


def test_one_winner_has_no_spread_and_no_loss() -> None:
    out = report([trade_of(0.5, hold=1, reason="REVERT")], REVERSION_SHARES)
    assert math.isinf(out["profit_factor"])
    assert math.isnan(out["pnl_std"])
    assert math.isnan(out["lcb_pnl"])
    assert (out["revert_share"], out["timeout_share"]) == (100.0, 0.0)
    assert (out["max_drawdown"], out["max_losing_streak"]) == (0.0, 0.0)


def test_no_events_are_nothing_not_zero() -> None:
    out = report([])
    assert out.pop("events") == 0.0
    assert all(math.isnan(x) for x in out.values())


# --- laws on nasty frames ----------------------------------------------------------------------


@QUICK
@given(st.data())
def test_lead_trades_keep_their_rules(data: st.DataObject) -> None:
    frame = data.draw(frames())
    params = data.draw(lead_params(frame))
    trades = lead_trades(frame, **params)
    for trade in trades:
        assert is_comparable(frame, trade.entry, params["max_age_min"])
        assert trade.entry < trade.exit <= trade.entry + params["horizon"]
        assert trade.mae_pct <= 0 <= trade.mfe_pct
        assert math.isfinite(trade.net_pct)
        cut_short = trade.entry + params["horizon"] >= len(frame["dydx_close"])
        assert trade.reason in {"TP", "SL", "END" if cut_short else "HORIZON"}
    for before, after in pairwise(trades):
        assert after.entry - before.entry >= params["cooldown"]
        assert params["overlap"] or after.entry >= before.exit


@QUICK
@given(st.data())
def test_reversion_trades_keep_their_rules(data: st.DataObject) -> None:
    frame = data.draw(frames())
    params = data.draw(reversion_params(frame))
    trades = reversion_trades(frame, **params)
    for trade in trades:
        assert trade.entry < trade.exit <= trade.entry + params["max_hold"]
        assert math.isfinite(trade.net_pct)
    for before, after in pairwise(trades):
        assert after.entry - before.entry >= params["min_gap"]
        assert params["overlap"] or after.entry >= before.exit


@QUICK
@given(st.data())
def test_the_future_changes_no_finished_trade(data: st.DataObject) -> None:
    frame = data.draw(frames(min_rows=10))
    params = {**data.draw(lead_params(frame)), "fill": "close"}
    cut = data.draw(st.integers(5, len(frame["dydx_close"])))
    poisoned = {name: [*x[:cut], *(3 * v + 7 for v in x[cut:])] for name, x in frame.items()}
    # a fill at the close of row cut - 1 may pay the rate of row cut, which is poisoned
    known = [t for t in lead_trades(frame, **params) if t.exit < cut - 1]
    assert str(known) == str([t for t in lead_trades(poisoned, **params) if t.exit < cut - 1])


@QUICK
@given(frames())
def test_drawn_candles_are_coherent(frame: Frame) -> None:
    for venue in ("binance", "dydx"):
        columns = [frame[f"{venue}_{x}"] for x in ("low", "open", "close", "high")]
        for bar in zip(*columns, strict=True):
            assert all(map(math.isnan, bar)) or (bar[0] <= min(bar[1:3]) and bar[3] >= max(bar))


# --- the recorded week -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def week(shared_data: Path) -> dict[str, list[Trade]]:
    return cases(read_week(shared_data / "btc_week")[1])


def test_the_week_has_the_known_rows(shared_data: Path) -> None:
    minutes, frame = read_week(shared_data / "btc_week")
    assert len(minutes) == 10_081
    assert sum(map(math.isnan, frame["dydx_close"])) == 10
    assert not any(map(math.isnan, frame["binance_close"]))


def test_the_plain_model_gives_the_known_lead_numbers(week: dict[str, list[Trade]]) -> None:
    trades = week["plain lead long"]
    reasons = [t.reason for t in trades]
    assert len(trades) == 53
    assert [reasons.count(r) for r in ("TP", "SL", "HORIZON", "END")] == [6, 1, 46, 0]
    assert report(trades)["avg_pnl"] == pytest.approx(-0.0274, abs=5e-5)
    assert report(trades)["win_rate"] == pytest.approx(37.7, abs=0.05)
    assert week["plain lead short 0.08"] == []


def test_the_plain_model_gives_the_known_reversion_numbers(week: dict[str, list[Trade]]) -> None:
    trades = week["plain reversion"]
    assert [t.reason for t in trades] == ["TIMEOUT"] * 12
    assert report(trades)["avg_pnl"] == pytest.approx(-0.0800, abs=5e-5)


def test_the_executable_model_enters_only_where_dydx_traded(week: dict[str, list[Trade]]) -> None:
    counts = {name: len(trades) for name, trades in week.items() if "executable" in name}
    assert counts == {
        "executable lead long": 11,
        "executable lead short": 26,
        "executable reversion": 11,
    }

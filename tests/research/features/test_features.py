"""Features against textbook formulas, pandas and hand-made cases."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from research.arrays import Floats
from research.features.bars import TIMEFRAMES, completed_closes
from research.features.kernels import ema, median_before, wilder_mean
from research.features.lead import lead_return_pct
from research.features.rsi import rsi, rsi_by_timeframe
from research.features.spread import basis_pct, spread_excess_pct, spread_pct
from research.features.trend import mtf_aligned
from research.features.volatility import atr_pct, realized_vol_pct, true_range
from tests.laws.kernels import FIRST_MINUTE, market

NAN = np.nan
ticks = st.integers(-6, 6).map(lambda tick: tick / 100)
tick_series = st.lists(ticks | st.just(NAN), max_size=60).map(lambda ticks: np.array(ticks, float))
prices = st.integers(1, 10_000_000).map(lambda tick: tick / 10)


def close_series(rows: int = 400, seed: int = 7) -> Floats:
    """Binance closes without a gap."""
    rng = np.random.default_rng(seed)
    return 1000 + np.cumsum(rng.normal(0, 1, rows).round(1))


def with_gaps(values: Floats, share: float = 0.1) -> Floats:
    rng = np.random.default_rng(1)
    return np.where(rng.random(values.size) < share, NAN, values)


# spread


@settings(deadline=None)  # the first call may compile
@given(arrays(float, 20, elements=prices), arrays(float, 20, elements=prices))
def test_spread_keeps_its_order_of_operations(dydx: Floats, binance: Floats) -> None:
    expected = [(d - b) / b * 100 for d, b in zip(dydx.tolist(), binance.tolist(), strict=True)]
    assert spread_pct(dydx, binance).tolist() == expected


@settings(deadline=None)  # the first call may compile
@given(tick_series, st.integers(1, 25))
def test_basis_is_the_exact_median_of_the_minutes_before(spread: Floats, n: int) -> None:
    expected = []
    for t in range(spread.size):
        window = spread[max(0, t - n) : t]
        present = window[~np.isnan(window)]
        enough = present.size >= max(1.0, n / 6)
        expected.append(np.median(present) if enough else NAN)
    np.testing.assert_array_equal(basis_pct(spread, n), np.array(expected, float))


def test_basis_agrees_with_a_shifted_rolling_median_of_pandas() -> None:
    spread = with_gaps(close_series(3000))
    expected = pd.Series(spread).shift(1).rolling(720, min_periods=120).median()
    np.testing.assert_array_equal(basis_pct(spread, 720), expected)


def test_basis_needs_a_sixth_of_its_minutes() -> None:
    spread = np.full(200, NAN)
    spread[:19] = 0.5
    assert np.isnan(basis_pct(spread, 120)[19])  # 19 of 120
    spread[19] = 0.5
    assert basis_pct(spread, 120)[20] == 0.5  # 20 of 120: exactly a sixth
    assert basis_pct(spread, 120)[120] == 0.5
    assert np.isnan(basis_pct(spread, 120)[121])  # the first of the twenty has left


def test_a_minute_is_not_part_of_its_own_basis() -> None:
    spread = np.array([0.0, 0.0, 9.0, 0.0])
    assert basis_pct(spread, 1).tolist()[1:] == [0.0, 0.0, 9.0]


def test_a_constant_premium_is_no_excess() -> None:
    spread = np.full(300, -0.15)
    excess = spread_excess_pct(spread, basis_pct(spread, 60))
    assert set(excess[10:].tolist()) == {0.0}


# lead


@settings(deadline=None)  # the first call may compile
@given(arrays(float, 15, elements=prices | st.just(NAN)), st.integers(1, 20))
def test_lead_return_is_measured_in_minutes(close: Floats, window: int) -> None:
    expected = [
        (close[t] - close[t - window]) / close[t - window] * 100 if t >= window else NAN
        for t in range(close.size)
    ]
    np.testing.assert_array_equal(lead_return_pct(close, window), expected)


# volatility


def test_wilder_mean_is_an_exponential_mean_from_its_seed_on() -> None:
    values, n = close_series(200), 14
    seeded = pd.Series([values[:n].mean(), *values[n:]])
    expected = seeded.ewm(alpha=1 / n, adjust=False).mean()
    np.testing.assert_allclose(wilder_mean(values, n)[n - 1 :], expected, rtol=1e-12)


def test_ema_is_an_exponential_mean_from_its_seed_on() -> None:
    values, n = close_series(200), 9
    seeded = pd.Series([values[:n].mean(), *values[n:]])
    expected = seeded.ewm(span=n, adjust=False).mean()
    np.testing.assert_allclose(ema(values, n)[n - 1 :], expected, rtol=1e-12)


@settings(deadline=None)  # the first call may compile
@given(tick_series, st.integers(1, 10))
def test_running_means_pass_over_what_is_unknown(values: Floats, n: int) -> None:
    is_present = ~np.isnan(values)
    for mean in (wilder_mean, ema):
        np.testing.assert_array_equal(
            mean(values, n)[is_present], mean(values[is_present].copy(), n)
        )


def test_true_range_is_the_largest_of_wilders_three() -> None:
    bars = market(300)
    venue = [bars[f"binance_{name}"] for name in ("high", "low", "close")]
    high, low, close = (pd.Series(values) for values in venue)
    before = close.shift(1).where(close.shift(1).notna(), close.shift(2))  # gaps of one minute
    three = [high - low, (high - before).abs(), (low - before).abs()]
    expected = pd.concat(three, axis=1).max(axis=1, skipna=False)
    ours = true_range(*venue)
    np.testing.assert_array_equal(ours, expected)
    assert np.isnan(ours).sum() > 1


def test_atr_of_equal_bars_is_their_range() -> None:
    close = np.full(50, 200.0)
    atr = atr_pct(close + 1, close - 1, close, 10)
    assert np.isnan(atr[:10]).all()
    assert set(atr[10:].tolist()) == {1.0}  # 2 of 200


def test_atr_counts_a_jump_across_a_gap_once_and_is_unknown_within() -> None:
    close = np.full(20, 100.0)
    close[10] = NAN
    close[11:] = 104.0
    atr = atr_pct(close, close, close, 4)
    assert atr[9] == 0
    assert np.isnan(atr[10])
    assert atr[11] * 104 / 100 == pytest.approx(4 / 4)
    assert atr[12] * 104 / 100 == pytest.approx(4 / 4 * 3 / 4)


@pytest.mark.parametrize("n", [2, 60])
def test_realized_vol_is_the_deviation_of_log_returns(n: int) -> None:
    close = with_gaps(close_series(2000), share=0.003)
    returns = pd.Series(np.log(close)).diff()
    expected = returns.rolling(n, min_periods=n).std() * 100
    np.testing.assert_allclose(realized_vol_pct(close, n), expected, rtol=1e-7, atol=1e-11)


def test_realized_vol_of_steady_growth_is_nothing() -> None:
    """A running sum of squares would leave noise of the size of its own cancellation."""
    close = np.concatenate((np.array([1e-3, 1e6]), 1e6 * 1.5 ** np.arange(30.0)))
    assert realized_vol_pct(close, 10)[15:].max() < 1e-12


def test_realized_vol_is_unknown_for_a_full_window_after_a_gap() -> None:
    close = close_series(50)
    close[20] = NAN
    vol = realized_vol_pct(close, 10)
    assert np.isfinite(vol[10:20]).all()
    assert np.isnan(vol[20:31]).all()
    assert np.isfinite(vol[31:]).all()


# bars


def test_a_bar_is_known_at_its_last_minute_and_not_before() -> None:
    close = np.arange(20.0)
    bars = completed_closes(close, 7, 5)  # minute 7: bars begin on rows 3, 8, 13, 18
    assert np.flatnonzero(~np.isnan(bars)).tolist() == [7, 12, 17]
    assert bars[[7, 12, 17]].tolist() == [7.0, 12.0, 17.0]


def test_a_bar_closes_at_its_last_present_minute_or_not_at_all() -> None:
    close = np.array([1, 2, NAN, NAN, NAN, NAN, 7, 8, NAN], float)
    bars = completed_closes(close, 0, 3)
    np.testing.assert_array_equal(bars, [NAN, NAN, 2, NAN, NAN, NAN, NAN, NAN, 8])


@pytest.mark.parametrize("bar_min", TIMEFRAMES.values())
def test_bars_are_those_of_a_clock_aligned_resampling(bar_min: int) -> None:
    close = with_gaps(close_series(1500), share=0.4)
    minute = pd.to_datetime((np.arange(close.size) + FIRST_MINUTE) * 60, unit="s", utc=True)
    resampled = pd.Series(close, index=minute).resample(f"{bar_min}min", origin="epoch")
    is_whole = resampled.size() == bar_min
    expected = resampled.last()[is_whole].dropna()
    bars = pd.Series(completed_closes(close, FIRST_MINUTE, bar_min), index=minute).dropna()
    np.testing.assert_array_equal(bars, expected)
    known_at = pd.DatetimeIndex(expected.index).shift(bar_min - 1, freq="min")
    assert bars.index.equals(known_at)


# RSI and trend


def test_rsi_of_the_published_worked_example() -> None:
    """The twenty closes of the usual textbook table, and its column of RSI(14)."""
    table = (
        "44.3389 44.0902 44.1497 43.6124 44.3278 44.8264 45.0955 45.4245 45.8433 46.0826 "
        "45.8931 46.0328 45.6140 46.2820 46.2820 46.0028 46.0328 46.4116 46.2222 45.6439"
    )
    closes = np.array(table.split(), float)
    assert np.isnan(rsi(closes, 14)[:14]).all()
    published = [70.53, 66.32, 66.55, 69.41, 66.36, 57.97]
    np.testing.assert_allclose(rsi(closes, 14)[14:], published, atol=0.006)


@settings(deadline=None)  # the first call may compile
@given(st.lists(st.integers(1, 30), min_size=2, max_size=60).map(lambda v: np.array(v, float)))
def test_rsi_of_the_mirrored_price_is_mirrored(closes: Floats) -> None:
    up, down = rsi(closes, 5), rsi(40 - closes, 5)
    np.testing.assert_allclose(up + down, np.where(np.isnan(up), NAN, 100.0))
    assert ((up >= 0) & (up <= 100))[~np.isnan(up)].all()


def test_rsi_is_full_without_a_loss_and_unknown_without_a_move() -> None:
    assert rsi(np.arange(1.0, 30), 14)[-1] == 100
    assert rsi(-np.arange(1.0, 30), 14)[-1] == 0
    assert np.isnan(rsi(np.full(30, 5.0), 14)).all()


def test_rsi_of_a_timeframe_needs_one_bar_more_than_its_length() -> None:
    by_timeframe = rsi_by_timeframe(close_series(5000), 0, 14)
    for name, bar_min in TIMEFRAMES.items():
        first_known = np.flatnonzero(~np.isnan(by_timeframe[name]))[0]
        assert first_known == 15 * bar_min - 1


def test_rsi_of_a_timeframe_stands_still_while_its_bar_runs() -> None:
    rsi_1h = rsi_by_timeframe(close_series(2000), FIRST_MINUTE, 14)["1h"]
    is_known = ~np.isnan(rsi_1h[:-1])
    changed = np.flatnonzero((np.diff(rsi_1h) != 0) & is_known) + 1
    assert changed.size > 10
    assert set(((changed + FIRST_MINUTE) % 60).tolist()) == {59}


def test_alignment_follows_a_trend_and_its_turn() -> None:
    rows = 6 * 1440
    rising = np.linspace(100, 200, rows)
    aligned = mtf_aligned(rising, 0)
    first_known = 21 * 240 - 1
    assert np.isnan(aligned[:first_known]).all()
    assert set(aligned[first_known:].tolist()) == {1.0}
    assert set(mtf_aligned(300 - rising, 0)[first_known:].tolist()) == {-1.0}
    rising[-40:] = np.linspace(200, 190, 40)
    assert mtf_aligned(rising, 0)[-1] == 0  # the short timeframes have turned, the long have not


def test_median_of_one_row_is_the_row_before() -> None:
    values = close_series(50)
    np.testing.assert_array_equal(median_before(values, 1)[1:], values[:-1])

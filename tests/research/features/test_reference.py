"""Features against the independent plain-Python reference, on nasty frames with gaps."""

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from research.arrays import Floats
from research.features.bars import TIMEFRAMES, completed_closes
from research.features.labels import REGIMES, SESSIONS, RegimeEdges, session_codes
from research.features.lead import lead_return_pct
from research.features.rsi import rsi
from research.features.spread import basis_pct, spread_excess_pct, spread_pct
from research.features.trend import mtf_aligned
from research.features.volatility import atr_pct, realized_vol_pct
from research.measures.report import spread_compress
from tests.laws.kernels import FIRST_MINUTE
from tests.reference import features as reference
from tests.reference.frame import Frame
from tests.reference.frames import frames

# the first call may compile
law = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def column(frame: Frame, name: str) -> Floats:
    return np.array(frame[name], dtype=np.float64)


def gapless_closes(rows: int, seed: int = 11) -> list[float]:
    steps = np.random.default_rng(seed).normal(0, 2, rows).round(1)
    return [float(price) for price in 1000 + np.cumsum(steps)]


def same(ours: Floats, theirs: list[float], rtol: float = 0.0) -> None:
    np.testing.assert_allclose(ours, np.array(theirs, float), rtol=rtol, atol=rtol)


@law
@given(frames(), st.integers(1, 20))
def test_spread_basis_and_excess_agree_to_the_bit(frame: Frame, n: int) -> None:
    spread = spread_pct(column(frame, "dydx_close"), column(frame, "binance_close"))
    same(spread, reference.spread_pct(frame))
    same(basis_pct(spread, n), reference.basis_pct(spread.tolist(), n))
    same(spread_excess_pct(spread, basis_pct(spread, n)), reference.spread_excess_pct(frame, n))


@law
@given(frames(), st.integers(1, 12))
def test_lead_returns_agree_to_the_bit(frame: Frame, window: int) -> None:
    ours = lead_return_pct(column(frame, "binance_close"), window)
    same(ours, reference.binance_ret_window_pct(frame, window))


@law
@given(frames(), st.integers(2, 12))
def test_realized_volatility_agrees(frame: Frame, n: int) -> None:
    ours = realized_vol_pct(column(frame, "binance_close"), n)
    same(ours, reference.realized_vol_pct(frame, n), rtol=1e-12)


@law
@given(frames(), st.integers(1, 12))
def test_atr_agrees(frame: Frame, n: int) -> None:
    high, low, close = (column(frame, f"binance_{name}") for name in ("high", "low", "close"))
    same(atr_pct(high, low, close, n), reference.atr_pct(frame, n), rtol=1e-12)


@law
@given(frames(), st.integers(0, 5))
def test_the_compression_of_the_spread_agrees(frame: Frame, k: int) -> None:
    spread = np.array(reference.spread_pct(frame), float)
    rows = np.arange(spread.size)
    same(spread_compress(spread, rows, k), reference.spread_compress(frame, k))


@law
@given(frames(), st.integers(0, 10_000), st.sampled_from([1, 2, 5, 15]))
def test_completed_bars_agree(frame: Frame, first_minute: int, bar_min: int) -> None:
    closes = frame["binance_close"]
    minutes = [first_minute + t for t in range(len(closes))]
    ours = completed_closes(column(frame, "binance_close"), first_minute, bar_min)
    expected = [math.nan] * len(closes)
    for done, close in reference.completed_bars(minutes, closes, bar_min):
        expected[done] = close
    same(ours, expected)


@law
@given(frames(), st.integers(0, 10_000), st.sampled_from([1, 2, 5]), st.integers(1, 6))
def test_rsi_agrees(frame: Frame, first_minute: int, bar_min: int, n: int) -> None:
    closes = frame["binance_close"]
    ours = rsi(completed_closes(column(frame, "binance_close"), first_minute, bar_min), n)
    minutes = range(first_minute, first_minute + len(closes))
    same(ours, reference.rsi(minutes, closes, bar_min, n), rtol=1e-9)


@pytest.mark.parametrize("bar_min", TIMEFRAMES.values())
def test_rsi_of_every_timeframe_agrees_minute_by_minute(bar_min: int) -> None:
    closes = gapless_closes(17 * bar_min)
    minutes = range(FIRST_MINUTE, FIRST_MINUTE + len(closes))
    ours = rsi(completed_closes(np.array(closes), FIRST_MINUTE, bar_min), 14)
    same(ours, reference.rsi(minutes, closes, bar_min), rtol=1e-12)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_alignment_agrees(seed: int) -> None:
    closes = gapless_closes(4 * 1440 + 700, seed)
    for t in np.random.default_rng(seed).integers(0, len(closes), 400):
        closes[t] = math.nan
    minutes = range(FIRST_MINUTE, FIRST_MINUTE + len(closes))
    ours = mtf_aligned(np.array(closes), FIRST_MINUTE)
    expected = np.array(reference.mtf_aligned(minutes, closes), float)
    same(ours, expected.tolist())
    assert (~np.isnan(ours)).sum() > 400


cuts = st.sets(st.integers(0, 23), min_size=3, max_size=3).map(sorted)


@given(cuts, st.integers(0, 40_000_000))
def test_sessions_agree(hours: list[int], minute: int) -> None:
    asia, europe, us = hours
    ours = session_codes(np.array([minute]), (asia, europe, us))
    assert SESSIONS[ours[0]] == reference.session(minute, hours)


@given(st.lists(st.integers(0, 9).map(float) | st.just(math.nan), max_size=30))
def test_regimes_agree(atr: list[float]) -> None:
    ours = RegimeEdges.fit(np.array(atr, float), fitted_on="here", is_in_sample=True)
    edges = reference.regime_edges(atr)
    same(np.array([ours.low, ours.high]), edges)
    names = [None if code < 0 else REGIMES[code] for code in ours.codes(np.array(atr, float))]
    assert names == [reference.regime(value, edges) for value in atr]

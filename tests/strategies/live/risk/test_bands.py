"""Bands follow the market between their ends; fills walk the book; volatility of one second."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies.live.risk import SecondVolatility, bands_of, depth_usdt, fill_of
from strategies.live.settings import RiskSettings
from tests.samples.gates import config

LIMITS = config().guards
assert LIMITS is not None
ENDS = LIMITS.spread
unknown_or = st.one_of(st.none(), st.just(math.nan), st.floats(0, 1e9))


def test_the_entry_band_is_the_largest_claim_within_its_ends() -> None:
    settings = RiskSettings()
    calm = bands_of(ENDS, settings, vol_1s=0.0, book_spread=0.0, latency_ms=0.0)
    assert calm == (ENDS.base_entry, ENDS.min_halt)
    wide = bands_of(ENDS, settings, vol_1s=0.0, book_spread=0.0015, latency_ms=0.0)
    assert wide.entry == pytest.approx(0.003)
    fast = bands_of(ENDS, settings, vol_1s=0.001, book_spread=0.0, latency_ms=0.0)
    assert fast == (pytest.approx(0.006), pytest.approx(0.018))
    late = bands_of(ENDS, settings, vol_1s=0.001, book_spread=0.0, latency_ms=4000.0)
    assert late.entry == pytest.approx(0.008)


@given(unknown_or, unknown_or, unknown_or)
def test_bands_stay_within_their_ends(
    vol: float | None, spread: float | None, latency: float | None
) -> None:
    found = bands_of(ENDS, RiskSettings(), vol_1s=vol, book_spread=spread, latency_ms=latency)
    assert ENDS.min_entry <= found.entry <= ENDS.max_entry
    assert ENDS.min_halt <= found.halt <= ENDS.max_halt
    assert found.entry <= found.halt


def test_an_order_walks_the_book_level_by_level() -> None:
    levels = ((100.0, 1.0), (101.0, 2.0), (110.0, 5.0))
    assert fill_of(levels, 0.5) == (100.0, 1)
    assert fill_of(levels, 2.0) == (100.5, 2)
    assert fill_of(levels, 9.0) is None
    assert depth_usdt(levels, 0.01) == 302.0
    assert depth_usdt((), 0.01) == 0.0


def test_second_volatility_is_that_of_the_last_mids_of_each_second() -> None:
    rng = np.random.default_rng(3)
    mids = 100 * np.exp(np.cumsum(rng.normal(0, 1e-4, 40)))
    tested = SecondVolatility(10)
    for second, mid in enumerate(mids.tolist()):
        tested.push(second * 1000 + 100, mid * 1.5)  # a mid within the second does not count
        tested.push(second * 1000 + 900, mid)
    returns = np.diff(np.log(mids[:-1]))[-10:]
    assert tested.value == pytest.approx(float(np.sqrt(np.mean(returns**2))))


def test_a_quiet_second_repeats_its_price_and_time_never_goes_back() -> None:
    tested = SecondVolatility(10)
    assert math.isnan(tested.push(0, 100.0))
    tested.push(8000, 101.0)
    assert tested.value == 0.0
    tested.push(9000, 101.0)
    found = tested.value
    assert found == pytest.approx(math.log(1.01) / 3)
    for late, mid in ((4000, 500.0), (9500, -1.0), (9600, math.nan)):
        assert tested.push(late, mid) == found

"""Who closes a gap: known processes, statsmodels, and Cholesky by hand."""

import numpy as np
import pytest

from research.errors import EvidenceError
from research.leadlag.cointegration import cointegration
from research.leadlag.correction import Correction, error_correction, shares
from research.leadlag.minutes import PairMinutes
from research.leadlag.resample import CELL_MIN, block_counts
from tests.samples.pairs import corrected, delayed, pair_of


def correction(pair: PairMinutes, lags: int = 2) -> Correction:
    counts = block_counts(-(-len(pair) // CELL_MIN), 4, 200, seed=1)
    return error_correction(pair, np.ones(len(pair), dtype=np.bool_), lags, counts)


def test_a_price_made_on_one_venue_is_all_its_share() -> None:
    found = correction(corrected(lead_speed=0.0, follow_speed=-0.3))
    assert found.component_share == pytest.approx(1.0, abs=0.05)
    assert found.info_low == pytest.approx(1.0, abs=0.02)
    assert found.info_high == pytest.approx(1.0, abs=0.02)
    assert abs(found.lead_speed_t) < 3
    assert found.follow_speed == pytest.approx(-0.3, abs=0.03)
    assert found.is_identified


def test_made_on_the_other_venue_it_is_none_of_its_share() -> None:
    found = correction(corrected(lead_speed=0.3, follow_speed=0.0))
    assert found.component_share == pytest.approx(0.0, abs=0.05)
    assert found.info_high == pytest.approx(0.0, abs=0.02)
    assert found.lead_speed == pytest.approx(0.3, abs=0.03)


def test_venues_alike_have_half_each_within_their_bounds() -> None:
    found = correction(corrected(lead_speed=0.2, follow_speed=-0.2, rho=0.6))
    assert found.component_share == pytest.approx(0.5, abs=0.05)
    assert found.component_low < 0.5 < found.component_high
    assert found.info_low == pytest.approx((1 - 0.6) / 2, abs=0.05)
    assert found.info_high == pytest.approx((1 + 0.6) / 2, abs=0.05)
    assert found.info_low_band < found.info_low < found.info_high < found.info_high_band
    assert found.shock_correlation == pytest.approx(0.6, abs=0.03)


def test_where_nobody_closes_gaps_no_share_is_claimed() -> None:
    found = correction(corrected(lead_speed=0.0, follow_speed=0.0))
    assert not found.is_identified


@pytest.mark.parametrize("seed", range(20))
def test_bounds_are_those_of_both_cholesky_orders(seed: int) -> None:
    generator = np.random.default_rng(seed)
    speeds = np.array([generator.uniform(-0.2, 0.4), generator.uniform(-0.5, -0.05)])
    root = generator.standard_normal((2, 2))
    shocks = root @ root.T
    weight = np.array([-speeds[1], speeds[0]]) / (speeds[0] - speeds[1])
    wanted = []
    for order in ([0, 1], [1, 0]):
        factor = np.linalg.cholesky(shocks[np.ix_(order, order)])
        parts = (weight[order] @ factor) ** 2 / (weight @ shocks @ weight)
        wanted.append(parts[order.index(0)])
    found = shares(speeds, shocks)
    assert found[1] == pytest.approx(weight[0])
    assert found[2:].tolist() == pytest.approx(sorted(wanted))


def test_speeds_are_those_of_statsmodels() -> None:
    pair = corrected(lead_speed=0.05, follow_speed=-0.2, rho=0.5)
    other = cointegration(pair)
    mine = correction(pair, lags=other.lags)
    assert other.vector == pytest.approx(-1, abs=4 * other.vector_error)
    assert other.trace > other.trace_95
    assert mine.lead_speed == pytest.approx(other.lead_speed, abs=0.002)
    assert mine.follow_speed == pytest.approx(other.follow_speed, abs=0.002)


def test_two_walks_of_their_own_do_not_hang_together() -> None:
    generator = np.random.default_rng(8)
    price = np.cumsum(generator.standard_normal((3000, 2)), axis=0) * 4e-4
    other = cointegration(pair_of(*price.T))
    assert other.trace < other.trace_95


def test_a_silent_minute_takes_the_rows_that_need_it_and_no_others() -> None:
    pair = corrected(lead_speed=0.0, follow_speed=-0.3, n=2000)
    pair.follow[500], pair.gap_pct[500] = np.nan, np.nan
    # row 500 and 501 have no return, 501 no gap before it, 502 and 503 lags that are missing
    assert (
        correction(pair).minutes
        == correction(corrected(lead_speed=0.0, follow_speed=-0.3, n=2000)).minutes - 4
    )


def test_too_few_complete_minutes_are_refused() -> None:
    with pytest.raises(EvidenceError, match="known minutes for 12 regressors"):
        correction(delayed(1, 200), lags=5)

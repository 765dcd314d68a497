"""Correlation by shift: against double sums, on planted lags, with holes."""

import numpy as np
import pytest

from research.errors import EvidenceError
from research.leadlag.minutes import PairMinutes, moved
from research.leadlag.resample import CELL_MIN, block_counts
from research.leadlag.shifts import contrast, contrast_sums, cross_correlation
from tests.samples.pairs import delayed, pair_of

SHIFTS = np.arange(-10, 11)


def everything(pair: PairMinutes) -> np.ndarray:
    return np.ones(len(pair), dtype=np.bool_)


def counts(pair: PairMinutes, draws: int = 200) -> np.ndarray:
    return block_counts(-(-len(pair) // CELL_MIN), 4, draws, seed=1)


def double_sum(pair: PairMinutes, shift: int, longest: int = 30) -> float:
    """Every pair of increments whose intervals overlap, Binance's moved by ``shift``."""
    total = 0.0
    seen = [np.flatnonzero(~np.isnan(price)).tolist() for price in (pair.lead, pair.follow)]
    for s, e in zip(seen[0], seen[0][1:], strict=False):
        for u, v in zip(seen[1], seen[1][1:], strict=False):
            is_short = e - s <= longest and v - u <= longest
            if is_short and u < e + shift and v > s + shift:
                total += (pair.lead[e] - pair.lead[s]) * (pair.follow[v] - pair.follow[u])
    return total


@pytest.mark.parametrize("seed", range(5))
def test_the_contrast_is_the_double_sum_over_overlapping_increments(seed: int) -> None:
    pair = delayed(2, 240, seed=seed, holes=0.35)
    sums = contrast_sums(pair, everything(pair), SHIFTS).sum(axis=0)
    wanted = [double_sum(pair, shift) for shift in SHIFTS.tolist()]
    error = np.abs(sums[:-2] - wanted).max() / np.abs(wanted).max()
    assert error < 1e-12


def test_no_increment_goes_across_a_long_silence() -> None:
    pair = delayed(1, 300, seed=4)
    pair.follow[100:140] = np.nan
    sums = contrast_sums(pair, everything(pair), SHIFTS).sum(axis=0)
    wanted = [double_sum(pair, shift) for shift in SHIFTS.tolist()]
    np.testing.assert_allclose(sums[:-2], wanted, rtol=1e-9, atol=1e-15)
    across = [double_sum(pair, shift, longest=1000) for shift in SHIFTS.tolist()]
    assert not np.allclose(sums[:-2], across, rtol=1e-3, atol=0)


@pytest.mark.parametrize("lag", [-7, -1, 0, 1, 3, 9])
@pytest.mark.parametrize("holes", [0.0, 0.3])
def test_a_planted_lag_is_recovered_by_both_estimators(lag: int, holes: float) -> None:
    pair = delayed(lag, holes=holes)
    for estimator in (cross_correlation, contrast):
        curve = estimator(pair, everything(pair), SHIFTS, counts(pair))
        assert curve.best_shift == lag
        assert curve.best_share > 0.95
        if lag > 0:
            assert curve.ratio_low > 1
        if lag < 0:
            assert curve.ratio_high < 1


def test_with_many_silent_minutes_the_contrast_uses_what_the_correlation_cannot() -> None:
    pair = delayed(3, holes=0.6)
    plain = cross_correlation(pair, everything(pair), SHIFTS, counts(pair))
    moved_sums = contrast(pair, everything(pair), SHIFTS, counts(pair))
    assert moved_sums.best_shift == 3
    assert moved_sums.pairs > 2 * plain.pairs


def test_a_cross_correlation_is_that_of_numpy() -> None:
    pair = delayed(2, 600, holes=0.1)
    curve = cross_correlation(pair, everything(pair), SHIFTS, counts(pair))
    x, y = np.diff(pair.lead, prepend=np.nan), np.diff(pair.follow, prepend=np.nan)
    for k, shift in enumerate(SHIFTS.tolist()):
        later = moved(y, shift)
        known = ~np.isnan(x) & ~np.isnan(later)
        wanted = np.corrcoef(x[known], later[known])[0, 1]
        assert curve.value[k] == pytest.approx(wanted, abs=1e-12)


def test_bands_hold_the_estimate_and_a_seed_gives_the_same_bytes() -> None:
    pair = delayed(1, 2000)
    one, other = (contrast(pair, everything(pair), SHIFTS, counts(pair)) for _ in range(2))
    assert (one.low <= one.value).all()
    assert (one.value <= one.high).all()
    assert one.low.tobytes() == other.low.tobytes()


def test_without_a_lead_the_ratio_holds_one_about_as_often_as_it_says() -> None:
    missed = 0
    for seed in range(60):
        generator = np.random.default_rng(seed)
        price = np.cumsum(generator.standard_normal((1500, 2)), axis=0) * 4e-4
        price[:, 1] = 0.9 * price[:, 0] + 0.3 * price[:, 1]
        curve = contrast(pair := pair_of(*price.T), everything(pair), SHIFTS, counts(pair))
        missed += not curve.ratio_low <= 1 <= curve.ratio_high
    assert missed <= 7  # 60 * 5 % is 3; 7 or fewer in 98 of 100


def test_too_few_returns_and_constant_ones_are_refused() -> None:
    pair = delayed(1, 300)
    few = np.arange(300) < 40
    with pytest.raises(EvidenceError, match="pairs of returns; a curve needs 60"):
        cross_correlation(pair, few, SHIFTS, counts(pair))
    with pytest.raises(EvidenceError, match="pairs of returns; a curve needs 60"):
        contrast(pair, few, SHIFTS, counts(pair))
    flat = pair_of(pair.lead, np.zeros(300))
    for estimator in (cross_correlation, contrast):
        with pytest.raises(EvidenceError, match="all the same"):
            estimator(flat, everything(flat), SHIFTS, counts(flat))

"""Resamples in blocks: as many cells as there are, in runs of the length asked for."""

import numpy as np
import pytest

from research.errors import EvidenceError
from research.leadlag.resample import (
    CELL_MIN,
    band,
    block_counts,
    cell_sums,
    check_blocks,
    resampled,
)


def test_a_resample_has_as_many_cells_as_the_original() -> None:
    counts = block_counts(97, 4.0, 300, seed=5)
    assert counts.shape == (300, 97)
    assert (counts.sum(axis=1) == 97).all()
    assert (counts.mean(axis=0) > 0.7).all()  # around the circle no cell is favoured


def test_a_seed_gives_the_same_resamples() -> None:
    assert np.array_equal(block_counts(50, 3, 20, seed=1), block_counts(50, 3, 20, seed=1))
    assert not np.array_equal(block_counts(50, 3, 20, seed=1), block_counts(50, 3, 20, seed=2))


def test_blocks_widen_the_band_of_what_comes_in_clusters() -> None:
    generator = np.random.default_rng(2)
    clustered = np.repeat(generator.standard_normal(60), 10)[:, np.newaxis]
    spread = [resampled(clustered, block_counts(600, m, 400, seed=3)).std() for m in (1, 20)]
    true = np.sqrt(60) * 10
    assert spread[0] < 0.5 * true
    assert 0.7 * true < spread[1] < 1.3 * true


def test_resampled_sums_are_counts_times_cells() -> None:
    generator = np.random.default_rng(1)
    sums = generator.standard_normal((40, 3))
    sums[10:30] = 0.0
    counts = block_counts(40, 2, 150, seed=9)
    np.testing.assert_allclose(resampled(sums, counts), counts @ sums, atol=1e-12)


def test_cells_are_quarters_of_an_hour_or_what_they_are_told() -> None:
    values = np.arange(40.0)[:, np.newaxis]
    by_clock = cell_sums(values)
    assert by_clock[:, 0].tolist() == [sum(range(15)), sum(range(15, 30)), sum(range(30, 40))]
    day = np.array([3, 3, 4, 9, 9, 9])
    assert cell_sums(values[:6], day)[:, 0].tolist() == [1.0, 2.0, 12.0]


def test_a_band_is_two_percentiles_and_unknown_where_a_draw_is() -> None:
    draws = np.column_stack((np.arange(1001.0), np.full(1001, np.nan)))
    low, high = band(draws)
    assert (low[0], high[0]) == pytest.approx((25.0, 975.0))
    assert np.isnan([low[1], high[1]]).all()


def test_one_block_is_no_evidence() -> None:
    check_blocks(32, 4)
    with pytest.raises(EvidenceError, match=r"465 minutes hold 7.8 blocks of 60 minutes"):
        check_blocks(31, 60 / CELL_MIN)

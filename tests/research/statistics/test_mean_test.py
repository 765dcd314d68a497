"""The one test of one claim."""

import doctest
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.errors import EvidenceError
from research.statistics import mean_test as module
from research.statistics.mean_test import FEW_DAYS, mean_test, studentised

DAYS = np.repeat(np.arange(20), 2)
NET = np.array([0.20, -0.10] * 19 + [0.20, -0.60])


def test_the_example_of_the_page_is_true() -> None:
    assert doctest.testmod(module).failed == 0


def test_same_seed_same_numbers_and_another_seed_others() -> None:
    assert mean_test(NET, DAYS, seed=7) == mean_test(NET, DAYS, seed=7)
    net = np.random.default_rng(1).exponential(0.1, 40) - 0.08
    assert mean_test(net, DAYS, seed=7).upper != mean_test(net, DAYS, seed=8).upper


def test_over_few_days_it_is_the_t_test_of_a_textbook() -> None:
    # scipy's one-sample test, with one trade a day
    from scipy.stats import ttest_1samp

    net = np.array([0.1, 0.3, -0.2, 0.25, 0.05, 0.4])
    found = mean_test(net, np.arange(6), seed=1)
    known = ttest_1samp(net, 0.0, alternative="greater")
    assert found.t == pytest.approx(known.statistic, rel=1e-12)
    assert found.p_value == pytest.approx(known.pvalue, rel=1e-9)
    assert found.method == "Student's t over 6 days"


def test_a_resample_is_counted_as_by_hand() -> None:
    sums, counts = np.array([0.3, -0.1, 0.2]), np.array([2.0, 1.0, 1.0])
    first = np.array([[1, 0, 2], [2, 2, 2]])
    new = np.array([[False, False, True], [False, False, False]])
    found = studentised(sums, counts, first, new)

    def by_hand(days: list[int]) -> float:
        total, trades = sum(sums[d] for d in days), sum(counts[d] for d in days)
        mean = total / trades
        squares = sum((sums[d] - mean * counts[d]) ** 2 for d in days)
        return (mean - 0.1) / (math.sqrt(3 / 2 * squares) / trades)

    # first row: day 1, the day after it (2), then a new block at 2; second: 2 and round the end
    assert found.tolist() == pytest.approx([by_hand([1, 2, 2]), by_hand([2, 0, 1])], rel=1e-12)


def test_trades_of_one_day_are_one_witness() -> None:
    rng = np.random.default_rng(3)
    net = np.repeat(rng.normal(0.05, 0.2, 30), 10)
    clustered = mean_test(net, np.repeat(np.arange(30), 10), seed=1)
    scattered = mean_test(net, np.arange(300), seed=1)
    assert clustered.std_error > 2.5 * scattered.std_error
    assert clustered.p_value > scattered.p_value


@given(shift=st.floats(-0.2, 0.2), scale=st.floats(0.1, 10))
def test_scale_and_shift_move_the_mean_and_its_bound_with_them(shift: float, scale: float) -> None:
    plain = mean_test(NET, DAYS, seed=7, resamples=200)
    moved = mean_test(NET * scale + shift, DAYS, seed=7, resamples=200)
    assert moved.mean == pytest.approx(plain.mean * scale + shift, abs=1e-9)
    assert moved.lower == pytest.approx(plain.lower * scale + shift, abs=1e-9)


def test_a_positive_lower_bound_and_a_small_p_value_say_the_same() -> None:
    rng = np.random.default_rng(5)
    for k in range(40):
        net = rng.normal(0.03, 0.2, 60)
        found = mean_test(net, np.arange(60) // 2, seed=k, resamples=999)
        assert (found.p_value <= 0.05) == (found.lower > 0) or abs(found.p_value - 0.05) < 0.003


@pytest.mark.parametrize(
    ("net", "day", "words"),
    [
        ([0.1], [1], "1 trades on 1 days"),
        ([0.1, 0.2, 0.3], [4, 4, 4], "3 trades on 1 days"),
        ([0.1, math.nan], [1, 2], "1 of 2 trades have no pnl"),
        ([0.1, 0.1, 0.1], [1, 2, 3], "every day has the same mean"),
        ([0.1, 0.2], [1], "one day a trade"),
    ],
)
def test_what_cannot_carry_the_claim_is_refused(
    net: list[float], day: list[int], words: str
) -> None:
    with pytest.raises(EvidenceError, match=words):
        mean_test(np.array(net), np.array(day), seed=1)


def test_the_bootstrap_begins_where_there_are_days_enough() -> None:
    rng = np.random.default_rng(1)
    net = rng.normal(0, 1, FEW_DAYS)
    assert "bootstrap" in mean_test(net, np.arange(FEW_DAYS), seed=1).method
    assert "bootstrap" not in mean_test(net[1:], np.arange(1, FEW_DAYS), seed=1).method


def test_the_level_is_kept_for_skewed_pnl() -> None:
    # TP/SL-like: many small wins, few large losses, mean 0; 5 % of 400 is 20, sd 4.4
    rng = np.random.default_rng(2)
    rejected = 0
    for k in range(400):
        u = rng.random(100)
        net = np.where(u < 0.7, 0.2, np.where(u < 0.9, -0.6, rng.normal(0, 0.1, 100))) - 0.02
        rejected += mean_test(net, np.arange(100) // 2, seed=k, resamples=499).p_value <= 0.05
    assert 7 <= rejected <= 33

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t as student

from research.arrays import Floats
from research.jit import kernel
from research.statistics.bounds import lower_bound, lower_bounds, quantiles

percent = st.floats(-1e3, 1e3)


@kernel
def compiled(mean: Floats, std: Floats, n: Floats) -> Floats:
    out = np.empty(mean.size)
    for i in range(mean.size):
        out[i] = lower_bound(mean[i], std[i], n[i])
    return out


@pytest.mark.parametrize("n", range(2, 30))
def test_few_values_have_the_quantile_of_students_t(n: int) -> None:
    assert quantiles(n) == pytest.approx(student.ppf(0.95, n - 1), rel=1e-14)


def test_the_table_is_the_one_in_print() -> None:
    printed = {2: 6.314, 3: 2.920, 6: 2.015, 11: 1.812, 21: 1.725, 29: 1.701}  # df = n - 1
    assert {n: round(float(quantiles(n)), 3) for n in printed} == printed


def test_thirty_values_and_more_have_the_rounded_normal_quantile() -> None:
    np.testing.assert_array_equal(quantiles([30, 31, 10**12]), [1.645] * 3)


@pytest.mark.parametrize("confidence", [0.6, 0.9, 0.975, 1 - 0.05 / 30, 1 - 0.05 / 5000])
def test_other_confidences_have_their_quantiles(confidence: float) -> None:
    n = np.arange(2, 30)
    ours, theirs = quantiles(n, confidence), student.ppf(confidence, n - 1)
    np.testing.assert_allclose(ours, theirs, rtol=1e-11)
    assert quantiles(30, confidence) == NormalDist().inv_cdf(confidence)


@pytest.mark.parametrize("confidence", [0.5, 1.0, math.nan])
def test_a_confidence_that_bounds_nothing_is_refused(confidence: float) -> None:
    with pytest.raises(ValueError, match=r"must be in \(0.5, 1\), was"):
        quantiles(5, confidence)


def test_below_two_values_nothing_is_known() -> None:
    assert np.isnan(lower_bounds([0.0, 1.0], [0.0, 1.0], [0, 1])).all()
    assert np.isnan(lower_bounds([0.0, 1.0], [0.0, 1.0], [0, 1], 0.99)).all()
    assert np.isnan(compiled(np.zeros(2), np.zeros(2), np.array([0.5, 1.0]))).all()


def test_a_bound_by_hand() -> None:
    values = [0.3, -0.1, -0.2, 0.1]  # 2.3534: printed for 3 degrees of freedom
    std = math.sqrt((0.275**2 + 0.125**2 + 0.225**2 + 0.075**2) / 3)
    bound = lower_bounds(np.mean(values), np.std(values, ddof=1), 4)
    assert bound == pytest.approx(0.025 - 2.3534 * std / 2, abs=1e-5)


@given(st.lists(st.tuples(percent, st.floats(0, 1e3), st.integers(0, 99)), min_size=1))
def test_a_kernel_has_the_bits_of_the_arrays(sums: list[tuple[float, float, int]]) -> None:
    known = [each for each in sums if each[2] >= 1] or [(0.0, 1.0, 1)]
    mean, std, n = (np.array(column, dtype=np.float64) for column in zip(*known, strict=True))
    arrays = lower_bounds(mean, std, n.astype(np.int64))
    np.testing.assert_array_equal(compiled(mean, std, n), arrays)
    plain = [lower_bound.py_func(*each) for each in zip(mean, std, n, strict=True)]
    np.testing.assert_array_equal(plain, arrays)


@given(percent, st.floats(1e-6, 1e3), st.integers(2, 40), st.floats(0.51, 0.999))
def test_more_values_and_less_confidence_raise_the_bound(
    mean: float, std: float, n: int, confidence: float
) -> None:
    assert lower_bounds(mean, std, n) <= mean
    assert lower_bounds(mean, std, n) <= lower_bounds(mean, std, n + 1)
    assert lower_bounds(mean, std, n, confidence + 0.0009) <= lower_bounds(mean, std, n, confidence)

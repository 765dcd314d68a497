"""Sharpe ratios against luck."""

import doctest
import math

import numpy as np
import pytest

from research.errors import EvidenceError
from research.statistics import sharpe as module
from research.statistics.sharpe import (
    Moments,
    expected_maximum,
    minimum_track_record,
    moments_of,
    probabilistic_sharpe,
)


def test_the_published_example_comes_out() -> None:
    assert doctest.testmod(module).failed == 0


def test_the_moments_are_those_of_scipy() -> None:
    from scipy.stats import kurtosis, skew

    net = np.random.default_rng(1).gamma(2, 1, 500) - 2
    found = moments_of(net)
    assert found.skewness == pytest.approx(skew(net), rel=1e-12)
    assert found.kurtosis == pytest.approx(kurtosis(net, fisher=False), rel=1e-12)


def test_the_expected_maximum_is_that_of_many_normal_draws() -> None:
    rng = np.random.default_rng(4)
    for trials in (10, 100, 1000):
        drawn = rng.normal(0, 0.3, (4000, trials)).max(axis=1).mean()
        assert expected_maximum(trials=trials, variance=0.09) == pytest.approx(drawn, rel=0.03)
    assert expected_maximum(trials=1, variance=0.09) == 0.0


def test_more_looks_need_more_proof() -> None:
    moments = Moments(200, 0.2, -0.5, 4.0)
    chances = [
        probabilistic_sharpe(moments, expected_maximum(trials=n, variance=0.005))
        for n in (1, 10, 1000, 100_000)
    ]
    assert chances == sorted(chances, reverse=True)


def test_a_track_record_of_the_minimum_length_is_just_believed() -> None:
    moments = Moments(1, 0.1, -1.0, 6.0)
    n = minimum_track_record(moments, 0.02)
    believed = probabilistic_sharpe(moments._replace(n=math.ceil(n)), 0.02)
    doubted = probabilistic_sharpe(moments._replace(n=math.floor(n) - 1), 0.02)
    assert doubted < 0.95 <= believed
    assert minimum_track_record(moments, 0.2) == math.inf


def test_an_unknown_number_of_looks_is_refused() -> None:
    with pytest.raises(EvidenceError, match="0 trials: the number of sets looked at is unknown"):
        expected_maximum(trials=0, variance=0.1)
    with pytest.raises(EvidenceError, match="must be >= 0"):
        expected_maximum(trials=5, variance=math.nan)
    with pytest.raises(EvidenceError, match="without spread"):
        moments_of(np.full(5, 0.1))
    with pytest.raises(EvidenceError, match="at least 3"):
        moments_of(np.array([0.1, 0.2]))

"""Means that borrow from their parent."""

import doctest

import numpy as np
import pytest

from research.errors import EvidenceError
from research.statistics import shrinkage as module
from research.statistics.shrinkage import shrink


def test_the_example_of_the_page_is_true() -> None:
    assert doctest.testmod(module).failed == 0


def test_children_that_scatter_by_their_errors_alone_become_their_parent() -> None:
    means, errors = np.array([0.01, -0.01, 0.0]), np.array([0.05, 0.05, 0.05])
    assert shrink(means, errors, 0.0).tolist() == [0.0, 0.0, 0.0]


def test_children_that_are_known_exactly_keep_their_own_mean() -> None:
    means = np.array([0.1, -0.1, 0.3])
    assert shrink(means, np.zeros(3), 0.0) == pytest.approx(means)


def test_an_unknown_child_gets_its_parents_mean() -> None:
    found = shrink(np.array([0.2, np.nan]), np.array([0.1, np.nan]), 0.05)
    assert found[1] == 0.05


def test_shrunken_means_are_nearer_to_the_truth() -> None:
    rng = np.random.default_rng(1)
    own = shrunken = 0.0
    for _ in range(500):
        truth = rng.normal(0.02, 0.03, 9)
        errors = rng.uniform(0.02, 0.1, 9)
        seen = truth + errors * rng.normal(size=9)
        own += float(((seen - truth) ** 2).sum())
        shrunken += float(((shrink(seen, errors, 0.02) - truth) ** 2).sum())
    assert shrunken < 0.45 * own


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(EvidenceError, match="one error >= 0"):
        shrink(np.zeros(2), np.zeros(3), 0.0)
    with pytest.raises(EvidenceError, match="known parent"):
        shrink(np.zeros(2), np.zeros(2), float("nan"))

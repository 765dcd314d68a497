"""Splits in time: nothing of the test is in the training, and everything is tested."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.errors import EvidenceError
from research.statistics.splits import combinatorial, paths, walk_forward


@given(
    n=st.integers(50, 5000),
    stretches=st.integers(1, 12),
    share=st.floats(0.2, 0.7),
    purge=st.integers(0, 5),
    kind=st.sampled_from(["anchored", "rolling"]),
)
def test_a_walk_tests_every_later_row_once_and_looks_back_only(
    n: int, stretches: int, share: float, purge: int, kind: str
) -> None:
    first = int(n * share)
    walk = walk_forward(
        n,
        stretches=stretches,
        first_train=first,
        purge=purge,
        kind=kind,  # type: ignore[arg-type]
    )
    tested = np.concatenate([np.arange(n)[each.test] for each in walk])
    assert tested.tolist() == list(range(first, n))
    for train, test in walk:
        assert train.stop == test.start - purge
        assert train.start == (0 if kind == "anchored" else test.start - first)


@pytest.mark.parametrize(("groups", "tests"), [(6, 2), (8, 2), (10, 5), (5, 1)])
def test_the_choices_and_paths_are_as_many_as_the_book_counts(groups: int, tests: int) -> None:
    splits = list(combinatorial(600, groups=groups, tests=tests, purge=0))
    assert len(splits) == math.comb(groups, tests)
    times = np.sum([split.is_test for split in splits], axis=0)
    assert set(times.tolist()) == {paths(groups, tests)}  # every row is in as many histories


def test_training_keeps_its_distance_on_both_sides() -> None:
    for split in combinatorial(120, groups=6, tests=2, purge=7, embargo=4):
        test_rows = np.flatnonzero(split.is_test)
        for row in np.flatnonzero(split.is_train):
            later, earlier = test_rows[test_rows > row], test_rows[test_rows < row]
            assert not later.size or later[0] - row > 7
            assert not earlier.size or row - earlier[-1] > 4


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(EvidenceError, match="do not fit"):
        walk_forward(100, stretches=5, first_train=97, purge=0)
    with pytest.raises(EvidenceError, match="0 < tests < groups"):
        list(combinatorial(100, groups=4, tests=4, purge=0))
    with pytest.raises(EvidenceError, match="leave no training row"):
        list(combinatorial(40, groups=4, tests=2, purge=30))

"""Training and test rows in time: walk-forward, and combinatorial purged cross-validation.

A trade that begins in training and ends in the test has seen the test. So training rows within
``purge`` rows before a test are dropped (at least the longest hold), and those within ``embargo``
rows after it as well, where training goes on there (Lopez de Prado, "Advances in financial machine
learning", 2018, chapters 7 and 12).
"""

import math
from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import Literal, NamedTuple

import numpy as np

from research.arrays import Bools
from research.errors import EvidenceError

__all__ = ["PurgedSplit", "Stretch", "combinatorial", "paths", "walk_forward"]


class Stretch(NamedTuple):
    """One step of a walk: searched on ``train``, traded on ``test``, frozen in between."""

    train: slice
    test: slice


class PurgedSplit(NamedTuple):
    """One choice of test groups."""

    groups: tuple[int, ...]
    is_train: Bools  # shape (n,)
    is_test: Bools


def walk_forward(
    n: int,
    *,
    stretches: int,
    first_train: int,
    purge: int,
    kind: Literal["anchored", "rolling"] = "anchored",
) -> list[Stretch]:
    """Consecutive test stretches that cover rows ``first_train .. n`` once, each with its past.

    Parameters
    ----------
    n
        Rows in all.
    stretches
        How many tests; the last takes what does not divide.
    first_train
        Rows of the first training span.
    purge
        Rows left out between training and test, >= the longest hold.
    kind
        ``anchored`` trains on everything before the test, ``rolling`` on the last
        ``first_train`` rows of it.

    Raises
    ------
    EvidenceError
        Not a row left for a training span or a test.
    """
    if stretches < 1 or purge < 0 or first_train - purge < 1 or n - first_train < stretches:
        raise EvidenceError(
            f"{n:,} rows: {stretches} stretches after {first_train:,} training rows with "
            f"{purge:,} purged do not fit; take a longer span or fewer stretches"
        )
    cuts = np.linspace(first_train, n, stretches + 1).astype(int).tolist()
    found = []
    for start, stop in pairwise(cuts):
        begin = 0 if kind == "anchored" else start - first_train
        found.append(Stretch(slice(begin, start - purge), slice(start, stop)))
    return found


def combinatorial(
    n: int, *, groups: int, tests: int, purge: int, embargo: int = 0
) -> Iterator[PurgedSplit]:
    """Every choice of ``tests`` of ``groups`` consecutive groups of rows as the test.

    There are C(groups, tests) choices, which make :func:`paths` whole out-of-sample histories.

    Raises
    ------
    EvidenceError
        ``0 < tests < groups <= n`` does not hold, or a choice leaves no training row.
    """
    if not 0 < tests < groups <= n:
        raise EvidenceError(f"{tests} of {groups} groups of {n:,} rows: need 0 < tests < groups")
    cuts = np.linspace(0, n, groups + 1).astype(int)
    for chosen in combinations(range(groups), tests):
        is_test, is_train = np.zeros(n, np.bool_), np.ones(n, np.bool_)
        for group in chosen:
            start, stop = cuts[group], cuts[group + 1]
            is_test[start:stop] = True
            is_train[max(start - purge, 0) : min(stop + embargo, n)] = False
        is_train &= ~is_test
        if not is_train.any():
            raise EvidenceError(
                f"groups {chosen} of {groups}: purge {purge:,} and embargo {embargo:,} leave no "
                "training row; take a longer span or fewer groups"
            )
        yield PurgedSplit(chosen, is_train, is_test)


def paths(groups: int, tests: int) -> int:
    """How many whole histories the choices make: C(groups, tests) * tests / groups."""
    return math.comb(groups, tests) * tests // groups

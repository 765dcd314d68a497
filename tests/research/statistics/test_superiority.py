"""SPA and StepM, as far as they are ours: what goes in and what comes out."""

import numpy as np
import pytest

from research.errors import EvidenceError
from research.statistics.superiority import superiority

pytest.importorskip("arch")


def test_one_good_set_among_many_is_found_and_named() -> None:
    rng = np.random.default_rng(6)
    pnl = rng.normal(0, 1, (200, 30))
    pnl[:, 11] += 0.6
    pnl[:, 4] = 0.0  # never traded
    found = superiority(pnl, seed=3)
    assert found.superior.tolist() == [11]
    assert found.p_lower <= found.p_consistent <= found.p_upper < 0.01


def test_no_set_is_found_where_there_is_none() -> None:
    rng = np.random.default_rng(2)
    found = superiority(rng.normal(0, 1, (200, 30)), seed=3)
    assert found.p_consistent > 0.05
    assert not found.superior.size


def test_the_same_numbers_as_asking_arch_itself() -> None:
    from arch.bootstrap import SPA

    pnl = np.random.default_rng(3).normal(0.02, 1, (150, 12))
    spa = SPA(np.zeros(150), -pnl, seed=5, block_size=3, reps=1000, bootstrap="stationary")
    spa.compute()
    found = superiority(pnl, seed=5)
    assert found.p_consistent == spa.pvalues["consistent"]


@pytest.mark.parametrize("seed", range(20))
def test_the_superior_sets_are_those_of_arch_or_all_where_arch_fails(seed: int) -> None:
    from arch.bootstrap import StepM

    pnl = np.random.default_rng(seed).normal([1.0, 0.32, 0.3], 1, (60, 3))
    options = {"block_size": 3, "reps": 300, "bootstrap": "stationary", "seed": 3}
    steps = StepM(np.zeros(60), -pnl, size=0.05, **options)
    try:
        steps.compute()
        wanted = [int(each) for each in steps.superior_models]
    except ValueError:  # its last step is left without a set
        wanted = [0, 1, 2]
    assert superiority(pnl, seed=3, resamples=300).superior.tolist() == wanted


@pytest.mark.parametrize(
    ("pnl", "words"),
    [
        (np.zeros((5, 3)), "periods >= 10"),
        (np.zeros((20, 3)), "none with a pnl that varies"),
        (np.full((20, 3), np.nan), "unknown"),
    ],
)
def test_what_cannot_be_tested_is_refused(pnl: np.ndarray, words: str) -> None:
    with pytest.raises(EvidenceError, match=words):
        superiority(pnl, seed=1)

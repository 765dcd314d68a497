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


PLAIN = {"block": 3, "is_studentised": False}


def test_plain_means_give_the_numbers_of_arch() -> None:
    from arch.bootstrap import SPA

    pnl = np.random.default_rng(3).normal(0.02, 1, (150, 12))
    spa = SPA(np.zeros(150), -pnl, seed=5, block_size=3, reps=1000, bootstrap="stationary")
    spa.compute()
    found = superiority(pnl, seed=5, **PLAIN)
    assert (found.p_lower, found.p_consistent, found.p_upper) == tuple(spa.pvalues)


@pytest.mark.parametrize("seed", range(20))
def test_the_superior_sets_are_those_of_arch_or_all_where_arch_fails(seed: int) -> None:
    from arch.bootstrap import StepM

    pnl = np.random.default_rng(seed).normal([1.0, 0.32, 0.3], 1, (60, 3))
    options = {"block_size": 3, "reps": 301, "bootstrap": "stationary", "seed": 3}
    steps = StepM(np.zeros(60), -pnl, size=0.05, **options)
    try:
        steps.compute()
        wanted = [int(each) for each in steps.superior_models]
    except ValueError:  # its last step is left without a set
        wanted = [0, 1, 2]
    assert superiority(pnl, seed=3, resamples=301, **PLAIN).superior.tolist() == wanted


def test_every_draw_has_a_deviation_of_its_own() -> None:
    """The p-value against its definition, draw by draw."""
    from arch.bootstrap import StationaryBootstrap

    pnl = np.random.default_rng(9).normal(0.2, [1, 5, 0.2], (40, 3)) ** 3
    t = np.sqrt(40) * pnl.mean(0) / pnl.std(0)
    above = 0
    for (drawn, *_), _ in StationaryBootstrap(2, np.arange(40), seed=6).bootstrap(200):
        mine = pnl[drawn]
        above += np.max(np.sqrt(40) * (mine.mean(0) - pnl.mean(0)) / mine.std(0)) > t.max()
    assert superiority(pnl, seed=6, resamples=200).p_upper == above / 200


def test_a_wild_set_hides_no_quiet_good_one() -> None:
    pnl = np.random.default_rng(4).normal([0.05, 0.0], [0.1, 20.0], (120, 2))
    assert superiority(pnl, seed=1).superior.tolist() == [0]
    assert not superiority(pnl, seed=1, is_studentised=False).superior.size


def test_a_set_that_hardly_traded_is_left_out() -> None:
    pnl = np.random.default_rng(4).normal(0.5, 0.1, (60, 2))
    pnl[19:, 0] = 0.0
    found = superiority(pnl, seed=1)
    assert (found.tested, found.superior.tolist()) == (1, [1])


@pytest.mark.parametrize(
    ("pnl", "words"),
    [
        (np.zeros((19, 3)), "periods >= 20"),
        (np.zeros((20, 3)), "none with a pnl that varies in 20 periods .the busiest has 0."),
        (np.full((20, 3), np.nan), "unknown"),
    ],
)
def test_what_cannot_be_tested_is_refused(pnl: np.ndarray, words: str) -> None:
    with pytest.raises(EvidenceError, match=words):
        superiority(pnl, seed=1)

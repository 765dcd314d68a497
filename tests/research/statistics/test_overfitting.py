"""Cross-validation by halves, against the definition spelled out."""

import itertools
import math

import numpy as np
import pytest

from research.errors import EvidenceError
from research.statistics.overfitting import overfitting


def brute_force(net: np.ndarray, events: np.ndarray) -> list[float]:
    """Lambda of every choice, one set and one block at a time."""
    sets, blocks = net.shape
    logits = []
    for half in itertools.combinations(range(blocks), blocks // 2):
        rest = [b for b in range(blocks) if b not in half]

        def mean(s: int, chosen: list[int] | tuple[int, ...]) -> float:
            return sum(net[s, b] for b in chosen) / sum(events[s, b] for b in chosen)

        inside = [mean(s, half) for s in range(sets)]
        best = inside.index(max(inside))
        outside = [mean(s, rest) for s in range(sets)]
        below = sum(value < outside[best] for value in outside)
        ties = sum(value == outside[best] for value in outside)
        rank = (below + (ties + 1) / 2) / (sets + 1)
        logits.append(math.log(rank / (1 - rank)))
    return logits


def test_it_is_the_definition_spelled_out() -> None:
    rng = np.random.default_rng(1)
    net, events = rng.normal(0, 1, (7, 6)), rng.integers(1, 9, (7, 6)).astype(float)
    found = overfitting(net, events)
    known = brute_force(net, events)
    assert found.logits.tolist() == pytest.approx(known, abs=1e-12)
    assert found.pbo == np.mean(np.array(known) <= 0)


def test_without_an_edge_the_best_is_no_better_than_the_median() -> None:
    rng = np.random.default_rng(2)
    pbo = [overfitting(rng.normal(0, 1, (50, 8)), np.full((50, 8), 10.0)).pbo for _ in range(60)]
    assert 0.4 < np.mean(pbo) < 0.65


def test_a_set_with_a_real_edge_is_found_again() -> None:
    rng = np.random.default_rng(3)
    net = rng.normal(0, 1, (50, 10))
    net[17] += 4.0
    found = overfitting(net, np.full((50, 10), 10.0))
    assert found.pbo == 0.0
    assert found.loss_share == 0.0


def test_sets_with_few_trades_are_not_chosen() -> None:
    net, events = np.zeros((3, 4)), np.full((3, 4), 10.0)
    net[1], net[2] = 5.0, 1.0
    events[1] = 1.0
    few = overfitting(net, events)
    enough = overfitting(net, events, min_events=10)
    assert few.sample.max() == 5.0
    assert enough.sample.max() == 0.1


@pytest.mark.parametrize(
    ("shape", "words"),
    [((3, 5), "5 blocks"), ((3, 2), "2 blocks"), ((1, 4), "sets >= 2"), ((3, 18), "18 blocks")],
)
def test_shapes_that_cannot_be_halved_are_refused(shape: tuple[int, int], words: str) -> None:
    with pytest.raises(EvidenceError, match=words):
        overfitting(np.zeros(shape), np.ones(shape))


def test_unknown_sums_and_empty_grids_are_refused() -> None:
    net = np.zeros((3, 4))
    with pytest.raises(EvidenceError, match="nothing to choose"):
        overfitting(net, np.zeros((3, 4)))
    net[0, 0] = np.nan
    with pytest.raises(EvidenceError, match="unknown"):
        overfitting(net, np.ones((3, 4)))

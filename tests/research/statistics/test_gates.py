"""Gates against closed tests spelled out, and their error rate by simulation."""

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.errors import EvidenceError
from research.statistics import gates as module
from research.statistics.gates import adjusted_p


def holm(p: np.ndarray) -> np.ndarray:
    order, n, out, largest = np.argsort(p, kind="stable"), p.size, np.empty(p.size), 0.0
    for rank, i in enumerate(order):
        largest = max(largest, min((n - rank) * p[i], 1.0))
        out[i] = largest
    return out


def test_the_example_of_the_page_is_true() -> None:
    assert doctest.testmod(module).failed == 0


@given(st.lists(st.floats(0, 1), min_size=2, max_size=7))
def test_equal_claims_that_share_everything_are_holms_procedure(p: list[float]) -> None:
    n = len(p)
    arrows = (np.ones((n, n)) - np.eye(n)) / (n - 1)
    found = adjusted_p(np.array(p), np.full(n, 1 / n), arrows)
    np.testing.assert_allclose(found, holm(np.array(p)), rtol=1e-9, atol=1e-12)


@given(st.lists(st.floats(0, 1), min_size=3, max_size=6))
def test_a_chain_of_claims_is_tested_in_its_order(p: list[float]) -> None:
    n = len(p)
    arrows = np.eye(n, k=1)
    weights = np.eye(n)[0]
    np.testing.assert_allclose(
        adjusted_p(np.array(p), weights, arrows), np.maximum.accumulate(p), rtol=1e-12
    )


def test_a_claim_that_cannot_be_tested_is_not_proven_and_blocks_its_children() -> None:
    arrows = np.array([[0, 1.0], [0, 0]])
    found = adjusted_p(np.array([np.nan, 1e-9]), np.array([1.0, 0.0]), arrows)
    assert found.tolist() == [1.0, 1.0]


def test_false_proofs_stay_within_alpha_however_claims_hang_together() -> None:
    rng = np.random.default_rng(1)
    arrows = np.array([[0, 0.5, 0.5, 0], [0, 0, 0.5, 0.5], [0, 0.5, 0, 0.5], [0.5, 0.25, 0.25, 0]])
    weights = np.array([0.5, 0.2, 0.2, 0.1])
    false = 0
    for k in range(4000):
        common = rng.normal()
        z = 0.6 * common + 0.8 * rng.normal(size=4)
        if k % 2:
            z[0] += 6  # a true claim hands its share on
        p = 0.5 * np.vectorize(__import__("math").erfc)(z / 2**0.5)
        proven = adjusted_p(p, weights, arrows) <= 0.05
        false += bool(proven[1:].any() if k % 2 else proven.any())
    assert false / 4000 < 0.06


@pytest.mark.parametrize(
    ("p", "weights", "arrows", "words"),
    [
        ([0.1, 0.2], [0.7, 0.7], [[0, 1], [1, 0]], "at most 1 can be given away"),
        ([0.1, 0.2], [0.5, 0.5], [[0, 2], [1, 0]], "arrows of a claim"),
        ([0.1, 1.2], [0.5, 0.5], [[0, 1], [1, 0]], "outside"),
        ([0.1], [0.5, 0.5], [[0, 1], [1, 0]], "do not fit"),
    ],
)
def test_graphs_that_make_alpha_out_of_nothing_are_refused(
    p: list[float], weights: list[float], arrows: list[list[float]], words: str
) -> None:
    with pytest.raises(EvidenceError, match=words):
        adjusted_p(np.array(p), np.array(weights), np.array(arrows))

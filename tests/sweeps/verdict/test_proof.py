"""All claims together are wrong with one error rate."""

import math

import numpy as np
import pytest

from sweeps.settings import VerdictSettings
from sweeps.verdict import proof as module
from sweeps.verdict.claims import Claim, claims_of
from sweeps.verdict.proof import beyond_p, family_p, graph, prove
from tests.samples.listed import two_bases
from tests.samples.verdicts import BAD, GOOD, LONG, earning, walked

SHORT = Claim("lead-short", "lead", 0)
BACK = Claim("reversion", "reversion", 0)
SETTINGS = VerdictSettings(resamples=499)


def test_the_example_of_the_page_is_true() -> None:
    assert family_p(pooled=0.004, sides=[0.011, 0.30]) == [0.011, 0.30]
    assert family_p(pooled=0.2, sides=[0.011, 0.30]) == [0.2, 0.3]
    assert family_p(pooled=0.2, sides=[0.011]) == [0.011]


def test_every_share_of_alpha_is_given_once() -> None:
    claims = [claim for claim in claims_of(two_bases()) if not claim.is_everywhere]
    families = [0 if claim.strategy == "lead" else 1 for claim in claims]
    weights, arrows = graph([2, 1], families, 0.2)
    assert weights.sum() == pytest.approx(1.0)
    np.testing.assert_allclose(arrows.sum(axis=1), 1.0)
    assert weights[0] == pytest.approx(2 / 3 * 0.8)
    assert weights[1] == pytest.approx(1 / 3 * 0.8)


def test_a_family_alone_keeps_all_of_alpha() -> None:
    weights, arrows = graph([2], [], 0.2)
    assert weights.tolist() == [1.0]
    assert arrows.tolist() == [[0.0]]


def adjusted(p: dict[Claim, float], gates: dict[str, float]) -> dict[Claim, float]:
    """p after the gates, from p before them."""
    claims = claims_of(two_bases())
    families: dict[str, list[Claim]] = {}
    for claim in claims:
        if claim.is_everywhere:
            families.setdefault(claim.strategy, []).append(claim)

    def tested(value: float) -> object:
        return (None, "") if math.isnan(value) else (type("T", (), {"p_value": value})(), "")

    tests = {claim: tested(p[claim]) for claim in claims}
    doors = {name: tested(value) for name, value in gates.items()}
    return module._adjusted(families, tests, doors, claims, 0.2)  # type: ignore[arg-type]


def test_false_claims_stay_within_alpha_when_nothing_is_true() -> None:
    rng, claims = np.random.default_rng(3), claims_of(two_bases())
    wrong = 0
    for _ in range(400):
        p = {claim: float(value) for claim, value in zip(claims, rng.random(48), strict=True)}
        gates = {"lead": float(rng.random()), "reversion": p[BACK]}
        wrong += min(adjusted(p, gates).values()) <= 0.05
    assert wrong / 400 <= 0.05 + 1.645 * math.sqrt(0.05 * 0.95 / 400)


def test_false_claims_stay_within_alpha_when_one_side_is_true() -> None:
    rng, claims = np.random.default_rng(4), claims_of(two_bases())
    wrong = 0
    for _ in range(400):
        p = {claim: float(value) for claim, value in zip(claims, rng.random(48), strict=True)}
        for claim in claims:
            if claim.base == "lead-long":
                p[claim] = 1e-9
        found = adjusted(p, {"lead": 1e-9, "reversion": p[BACK]})
        assert found[LONG] <= 0.05
        wrong += min(q for claim, q in found.items() if claim.base != "lead-long") <= 0.05
    assert wrong / 400 <= 0.05 + 1.645 * math.sqrt(0.05 * 0.95 / 400)


def test_two_sides_cost_no_more_than_one() -> None:
    p = dict.fromkeys(claims_of(two_bases()), 1.0)
    p |= {LONG: 0.02, SHORT: 0.02}
    found = adjusted(p, {"lead": 0.01, "reversion": 1.0})
    assert found[LONG] == found[SHORT] == pytest.approx(0.02 / (2 / 3 * 0.8))


def test_a_side_that_cannot_be_tested_is_not_proven_by_the_pool_and_hands_nothing_on() -> None:
    p = dict.fromkeys(claims_of(two_bases()), 1.0) | {LONG: 1e-6, SHORT: math.nan}
    in_asia = next(claim for claim in p if claim.base == "lead-long" and claim.segment == 1)
    found = adjusted(p | {in_asia: 0.0015}, {"lead": 1e-6, "reversion": 1.0})
    assert found[SHORT] == 1.0
    assert found[LONG] <= 0.05
    assert found[in_asia] > 0.05  # the share of its own is 0.05 * 2 / 3 * 0.2 / 30


def test_a_closed_gate_closes_both_sides() -> None:
    p = dict.fromkeys(claims_of(two_bases()), 1.0) | {LONG: 1e-6}
    assert adjusted(p, {"lead": 0.5, "reversion": 1.0})[LONG] == pytest.approx(0.5 / (2 / 3 * 0.8))


def test_a_segment_can_be_proven_where_its_side_is_not() -> None:
    asia = Claim("lead-long", "lead", 1)
    p = dict.fromkeys(claims_of(two_bases()), 1.0) | {asia: 1e-5}
    found = adjusted(p, {"lead": 1.0, "reversion": 1.0})
    assert found[asia] <= 0.05
    assert found[LONG] > 0.05


def test_what_cannot_be_tested_is_never_proven() -> None:
    p = dict.fromkeys(claims_of(two_bases()), math.nan)
    assert set(adjusted(p, {"lead": math.nan, "reversion": math.nan}).values()) == {1.0}


def test_a_side_without_trades_has_no_p_value_of_its_pool() -> None:
    found = prove(walked({LONG: earning(GOOD)}), SETTINGS, seed=7)
    assert found[LONG].holds(0.05)
    assert found[SHORT].gate_p < 0.01
    assert found[SHORT].p_adjusted == 1.0
    assert not found[SHORT].holds(1.0)


def test_good_trades_prove_and_bad_ones_do_not() -> None:
    found = prove(walked({LONG: earning(GOOD), SHORT: earning(BAD)}), SETTINGS, seed=7)
    assert not found[SHORT].holds(0.05)
    both = prove(walked({LONG: earning(GOOD), SHORT: earning(GOOD)}), SETTINGS, seed=7)
    assert both[LONG].holds(0.05)
    assert both[SHORT].holds(0.05)
    assert not both[BACK].holds(0.05)
    assert both[BACK].untestable == "0 trades out of sample, needs 10"


def test_a_segment_is_beyond_its_side_only_where_it_earns_more_than_elsewhere() -> None:
    asia = Claim("lead-long", "lead", 1)
    net = [0.10, 0.14, 0.08, 0.12] * 6
    child = prove(walked({asia: earning(net)}), SETTINGS, seed=7)[asia]
    here, there = earning(net), earning([value - 0.1 for value in net])
    elsewhere = there.of(np.ones(len(there), np.bool_))
    elsewhere.session[:] = 2
    assert beyond_p(child, elsewhere, SETTINGS, 7) < 0.01
    alike = earning(net)
    alike.session[:] = 2
    assert beyond_p(child, alike, SETTINGS, 7) == pytest.approx(0.5, abs=0.01)
    assert child.test is not None
    assert beyond_p(child, here, SETTINGS, 7) == child.test.p_value  # it trades nowhere else

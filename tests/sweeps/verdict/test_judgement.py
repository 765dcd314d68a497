"""Which sets may trade, and the first reason why not."""

import re
from dataclasses import replace

import numpy as np
import pytest

from research.errors import EvidenceError
from sweeps.settings import VerdictSettings
from sweeps.verdict.claims import Claim
from sweeps.verdict.judgement import judge, with_set
from sweeps.verdict.power import days_needed
from sweeps.verdict.walk import Trades, Walk
from tests.samples.verdicts import BAD, GOOD, LONG, PARAMS, earning, judged, small_walk, walked

SHORT = Claim("lead-short", "lead", 0)
SETTINGS = VerdictSettings(resamples=499)


def checks(walk: Walk, claim: Claim) -> dict[str, bool | None]:
    found = {each.claim: each for each in judge(walk, SETTINGS, 7)}[claim]
    return {line.check: line.passed for line in found.lines}


def test_a_proven_claim_may_trade_and_says_with_what() -> None:
    good = judged(GOOD)
    assert good.enabled
    assert "over 24 trades on 12 days" in good.reason


@pytest.mark.parametrize(
    ("net", "reason"),
    [
        (BAD, r"mean -0.0750 % over 20 trades .*: not proven, needs at most 0.05"),
        (GOOD[:5], "5 trades out of sample, needs 10"),
        ([], "0 trades out of sample, needs 10"),
    ],
)
def test_a_refusal_names_its_reason(net: list[float], reason: str) -> None:
    bad = judged(net)
    assert not bad.enabled
    assert re.search(reason, bad.reason)


def test_what_the_last_search_does_not_find_cannot_trade() -> None:
    walk = small_walk()
    emptied = replace(walk, last=replace(walk.last, seen={}))
    found = judge(emptied, SETTINGS, 7)
    assert all(each.params is None and not each.enabled for each in found)
    assert "no set with enough trades" in found[0].lines[-1].sentence


def test_a_set_that_loses_on_the_holdout_is_refuted() -> None:
    walk = small_walk()
    losing = replace(PARAMS, tp=0.01, sl=0.05, spread_entry=0.0, move_pct=0.02, cooldown=1)
    choice = replace(walk.last.seen[LONG], params=losing, t=1.0)
    worse = replace(walk, last=replace(walk.last, seen={LONG: choice}))
    (found,) = (each for each in judge(worse, SETTINGS, 7) if each.claim == LONG)
    assert found.lines[-1].check == "holdout"
    assert found.lines[-1].passed is False
    assert "refuted by the holdout" in found.lines[-1].sentence


def test_a_segment_trades_alone_only_where_nothing_around_it_trades() -> None:
    walk = small_walk()
    asia, calm, cell = (Claim("lead-long", "lead", segment) for segment in (1, 4, 7))
    assert cell.parents() == (1, 4, 0)
    very_good = [0.30, 0.34, 0.32, 0.31] * 6
    choice = walk.last.seen[LONG]
    seen = {claim: replace(choice, t=1.0) for claim in (LONG, asia, calm, cell, SHORT)}
    base = replace(walked({}), last=replace(walk.last, seen=seen))

    def of(trades: dict[Claim, Trades]) -> set[str]:
        made = replace(base, trades=base.trades | trades)
        found = judge(made, VerdictSettings(), 7)  # small shares need all resamples
        return {each.name for each in found if each.enabled}

    both = {LONG: earning(GOOD), SHORT: earning(GOOD)}
    assert of(both | {asia: earning(very_good)}) == {"lead-long.all", "lead-short.all"}
    alone = {asia: earning(very_good * 8, days=60), cell: earning(very_good * 8, days=60)}
    assert of(alone) == {"lead-long.asia"}


def test_a_set_of_another_search_is_tried_on_the_same_holdout() -> None:
    walk = small_walk()
    (side,) = (each for each in judge(walk, SETTINGS, 7) if each.claim == LONG)
    other = with_set(side, walk, walk.panel, PARAMS, slice(0, 9000), 40, 7)
    assert other.params == PARAMS
    assert other.inside is not None
    assert (other.inside.positions["entry"] < 9000).all()
    assert other.held_out is not None
    assert (other.held_out.positions["entry"] >= walk.last.test.start).all()
    assert other.sets_tried == side.sets_tried + 40
    assert [line.check for line in other.lines].count("holdout") == 1


def test_a_search_that_saw_the_holdout_is_refused() -> None:
    walk = small_walk()
    side = judge(walk, SETTINGS, 7)[0]
    with pytest.raises(EvidenceError, match=r"the holdout begins at .*lower study\.train_share"):
        with_set(side, walk, walk.panel, PARAMS, slice(0, walk.last.test.start + 1), 40, 7)


def test_twice_the_error_needs_four_times_the_days() -> None:
    test = judged(GOOD).proof.test
    assert test is not None
    once = days_needed(test, 10, 0.05)
    twice = days_needed(replace(test, std_error=2 * test.std_error), 10, 0.05)
    assert twice == pytest.approx(4 * once)
    assert days_needed(replace(test, mean=-0.1), 10, 0.05) == np.inf
    # one-sided z-test, 5 % and 80 %: (1.645 + 0.842)^2 = 6.18
    assert once == pytest.approx(10 * 6.1826 * (test.std_error / test.mean) ** 2, rel=1e-3)

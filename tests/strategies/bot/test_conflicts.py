"""Two sets that claim the same minutes: one rule decides, in the file and for the bot."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from research.features.labels import REGIMES, SEGMENTS, SESSIONS, Segment
from strategies.bot.conflicts import acting, conflicts_of, rank
from strategies.bot.contract import BotConfig
from strategies.bot.sets import BotSet
from tests.strategies.bot.test_config import evidence, one_set, whole_file


def bot_set(segment: Segment, bound: float = 0.02, **changes: Any) -> BotSet:
    session, regime = segment
    made = one_set(bound)
    filters = made["filters"] | {
        "sessions": list(SESSIONS) if session is None else [SESSIONS[session]],
        "regimes": list(REGIMES) if regime is None else [REGIMES[regime]],
    }
    name = f"lead-long.{segment.name.replace('/', '-')}"
    return BotSet.model_validate(
        made | {"id": name, "segment": segment.name, "filters": filters} | changes
    )


ALL, ASIA, WILD, ASIA_WILD = (
    bot_set(Segment(*each)) for each in ((None, None), (0, None), (None, 2), (0, 2))
)
FORCED = {"forced": True, "failed": ["proven: no"], "out_of_sample": evidence(-0.1)}


def test_the_more_specific_segment_wins() -> None:
    found = conflicts_of([ALL, ASIA, ASIA_WILD])
    assert {(each.segment, each.winner, each.loser) for each in found} == {
        ("asia", "lead-long.asia", "lead-long.all"),
        ("asia/wild", "lead-long.asia-wild", "lead-long.all"),
        ("asia/wild", "lead-long.asia-wild", "lead-long.asia"),
    }
    assert acting([ALL, ASIA], "lead", "long", "asia", "calm") == ASIA
    assert acting([ALL, ASIA], "lead", "long", "us", "calm") == ALL
    assert acting([ASIA], "lead", "long", "us", "calm") is None


def test_a_session_and_a_regime_meet_in_a_cell_and_the_higher_bound_wins() -> None:
    strong = bot_set(Segment(None, 2), 0.05)
    (found,) = conflicts_of([ASIA, strong])
    assert (found.segment, found.winner) == ("asia/wild", "lead-long.wild")
    assert acting([ASIA, strong], "lead", "long", "asia", "wild") == strong
    assert acting([ASIA, strong], "lead", "long", "asia", None) == ASIA


def test_a_forced_set_never_takes_minutes_from_a_proven_one() -> None:
    forced = bot_set(Segment(0, 2), **FORCED)
    (found,) = conflicts_of([ALL, forced])
    assert found.winner == "lead-long.all"
    assert acting([ALL, forced], "lead", "long", "asia", "wild") == ALL


def test_other_sides_and_refused_sets_are_no_conflict() -> None:
    short = bot_set(Segment(), id="lead-short.all", mode="short")
    refused = bot_set(Segment(0, None), enabled=False)
    assert conflicts_of([ALL, short, refused]) == ()
    assert conflicts_of([bot_set(Segment(0, None)), bot_set(Segment(1, None))]) == ()


def test_a_file_whose_conflicts_are_not_those_of_its_sets_is_refused() -> None:
    sets = [ALL.model_dump(mode="json"), ASIA.model_dump(mode="json")]
    with pytest.raises(ValidationError, match="conflicts are not those of the enabled sets"):
        BotConfig.model_validate(whole_file(*sets))
    right = [each.model_dump() for each in conflicts_of([ALL, ASIA])]
    config = BotConfig.model_validate(whole_file(*sets, conflicts=right))
    assert config.acting("lead", "long", "asia", "wild") == config.sets[1]


@given(st.lists(st.sampled_from(SEGMENTS), min_size=1, unique=True), st.data())
def test_every_minute_has_one_winner_and_it_won_all_its_conflicts(
    segments: list[Segment], data: st.DataObject
) -> None:
    bounds = [data.draw(st.sampled_from([0.01, 0.02, 0.03])) for _ in segments]
    sets = [bot_set(each, bound) for each, bound in zip(segments, bounds, strict=True)]
    lost = {(each.segment, each.loser) for each in conflicts_of(sets)}
    for session, regime in product(SESSIONS, REGIMES):
        winner = acting(sets, "lead", "long", session, regime)
        inside = [
            each
            for each in sets
            if session in each.filters.sessions and regime in each.filters.regimes
        ]
        assert (winner is None) == (not inside)
        if winner is not None:
            assert winner == max(inside, key=rank)
            assert (f"{session}/{regime}", winner.id) not in lost


def test_a_set_whose_filters_leave_its_segment_is_refused() -> None:
    with pytest.raises(ValidationError, match="outside of segment asia"):
        BotSet.model_validate(one_set(segment="asia"))
    with pytest.raises(ValidationError, match="no such segment"):
        BotSet.model_validate(one_set(segment="mars"))

"""Which set decides a minute that several enabled ones claim: the most specific proven segment.

Sets compete within one strategy and side. A proven set comes before a forced one; among equals
the segment that names more (session and regime before either, either before all), then the
higher lower bound of the out-of-sample mean, then the name.
"""

from collections.abc import Iterable, Iterator
from itertools import combinations

from pydantic import Field

from research.features.labels import REGIMES, SESSIONS, Segment
from strategies.bot.parts import Part
from strategies.bot.sets import BotSet

__all__ = ["RULE", "Conflict", "acting", "conflicts_of", "rank"]

RULE = "the most specific proven segment wins"


class Conflict(Part):
    """Two enabled sets of one strategy and side that claim the same minutes."""

    segment: str = Field(description="the minutes that both claim")
    winner: str
    loser: str


def rank(bot_set: BotSet) -> tuple[bool, int, float, str]:
    """What the rule compares: the larger wins."""
    named = sum(part is not None for part in bot_set.where)
    return not bot_set.forced, named, bot_set.lower_bound, bot_set.id


def conflicts_of(sets: Iterable[BotSet]) -> tuple[Conflict, ...]:
    """Every pair of enabled sets that claim the same minutes, and who decides there."""
    return tuple(_conflicts(sorted((each for each in sets if each.enabled), key=rank)))


def _conflicts(enabled: list[BotSet]) -> Iterator[Conflict]:
    for loser, winner in combinations(enabled, 2):
        shared = _shared(loser.where, winner.where)
        if loser.base == winner.base and shared is not None:
            yield Conflict(segment=shared.name, winner=winner.id, loser=loser.id)


def _shared(one: Segment, two: Segment) -> Segment | None:
    both = []
    for mine, theirs in zip(one, two, strict=True):
        if mine is not None and theirs is not None and mine != theirs:
            return None
        both.append(theirs if mine is None else mine)
    return Segment(*both)


def acting(
    sets: Iterable[BotSet], strategy: str, mode: str, session: str, regime: str | None
) -> BotSet | None:
    """The enabled set of one strategy and side that decides minutes of these labels.

    ``regime`` None: unknown, which only segments that do not ask for one hold.
    """
    inside = [
        each
        for each in sets
        if each.enabled
        and (each.strategy, each.mode) == (strategy, mode)
        and _holds(each.where, session, regime)
    ]
    return max(inside, key=rank, default=None)


def _holds(where: Segment, session: str, regime: str | None) -> bool:
    its_session = where.session is None or SESSIONS[where.session] == session
    return its_session and (where.regime is None or REGIMES[where.regime] == regime)

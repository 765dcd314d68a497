"""Sets enabled by hand: the file says so, and which checks they did not pass."""

import difflib
from collections.abc import Iterable

from research.errors import ExportError
from strategies.bot.conflicts import conflicts_of
from strategies.bot.contract import BotConfig
from strategies.bot.sets import BotSet
from sweeps.export.bot_config import signed

__all__ = ["forced"]


def forced(config: BotConfig, names: Iterable[str]) -> BotConfig:
    """``config`` with the sets ``names`` enabled, whatever the verdict says of them.

    What is enabled already stays as it is: it needs no force.

    Raises
    ------
    ExportError
        There is no set of that name.
    """
    wanted, known = list(names), {each.id: each for each in config.sets}
    for name in wanted:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=3, cutoff=0.0)
            more = ", ..." if len(near) < len(known) else ""
            cure = f"take one of {', '.join(near)}{more}" if near else "the file holds none"
            raise ExportError(f"--force {name}: no such set; {cure}")
    sets = tuple(_forced(each) if each.id in wanted else each for each in config.sets)
    changed = config.model_copy(update={"sets": sets, "conflicts": conflicts_of(sets)})
    # a file without a digest does not get one: nobody knows whether its numbers were touched
    return changed if config.evidence_sha256 is None else signed(changed)


def _forced(bot_set: BotSet) -> BotSet:
    if bot_set.enabled:
        return bot_set
    failed = bot_set.verdict.failed if bot_set.verdict else ()
    changes = {"enabled": True, "forced": True, "failed": failed or (bot_set.reason,)}
    return BotSet.model_validate(bot_set.model_dump() | changes)

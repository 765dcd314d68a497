"""An export on a terminal: what may trade, what not, and who decides where two would."""

from strategies.bot.conflicts import RULE
from strategies.bot.contract import BotConfig
from sweeps.cli.terminal import say, warn

__all__ = ["show_sets"]

_FEW = 12


def show_sets(config: BotConfig) -> None:
    """What is enabled, then the sides that are not; conflicts, and until when it holds."""
    if config.synthetic:
        warn("made on a synthetic market: nothing of it may be traded")
    is_short = len(config.sets) <= _FEW
    shown = [each for each in config.sets if is_short or each.enabled or each.segment == "all"]
    for each in sorted(shown, key=lambda one: not one.enabled):
        say(f"{_word(each.enabled, each.forced)} {each.id}: {each.reason}")
        for failed in each.failed:
            say(f"         did not pass {failed}")
    if len(shown) < len(config.sets):
        say(f"disabled {len(config.sets) - len(shown)} more; the file has the reason of each")
    for clash in config.conflicts:
        say(f"in {clash.segment} minutes {clash.winner} decides, not {clash.loser}: {RULE}")
    if config.validity is None:
        warn("until when it holds is unknown: export it anew from the minutes, not from a file")
    elif config.enabled:
        say(f"holds until {config.validity.expires_at}, while ATR and spread stay in their ranges")


def _word(enabled: bool, forced: bool) -> str:
    if forced:
        return "FORCED  "
    return "ENABLED " if enabled else "disabled"

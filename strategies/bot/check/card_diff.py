"""What changes for the bot between two cards, in words: our entries first, then other values."""

from collections.abc import Iterator, Mapping
from typing import Any

from strategies.bot.check.values import changed, differences, said

__all__ = ["card_changes"]

_OURS = ("lead_follow", "spread_reversion")
_SEALS = ("section_sha256", "config_sha256")  # follow from what else changed


def card_changes(one: Mapping[str, Any], two: Mapping[str, Any]) -> list[str]:
    """Sentences; empty where nothing changes for the bot."""
    found = [line for name in _OURS for line in _entries(name, _of(one, name), _of(two, name))]
    for path, before, after in differences("", _without(one), _without(two)):
        found.append(changed(path, before, after))
    return found


def _entries(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Entries by segment and side."""
    for key in dict.fromkeys([*before, *after]):
        old, new = before.get(key), after.get(key)
        place = f"{name}, {key}"
        if old is None:
            yield f"{place}: may trade now: {_told(new)}"
        elif new is None:
            yield f"{place}: may trade no more"
        else:
            yield from (f"{place}: {changed(*each)}" for each in differences("", old, new))


def _of(card: Mapping[str, Any], name: str) -> dict[str, Any]:
    section = card.get(name)
    entries = section.get("entries") if isinstance(section, dict) else None
    return {
        f"{each.get('mode')} {each.get('segment')}": each
        for each in (entries if isinstance(entries, list) else ())
        if isinstance(each, dict)
    }


def _told(entry: Any) -> str:
    shown = {
        key: value for key, value in entry.items() if key.endswith(("_pct", "_min", "_minutes"))
    }
    forced = "FORCED, " if entry.get("forced") is True else ""
    return forced + ", ".join(f"{key} {said(value)}" for key, value in shown.items())


def _without(card: Mapping[str, Any]) -> dict[str, Any]:
    """The card without our entries and seals; a section that is no object stays as it is."""
    left = {}
    for name, value in card.items():
        if name in _OURS and isinstance(value, dict):
            hidden = (*_SEALS, "entries") if isinstance(value.get("entries"), list) else _SEALS
            value = {key: each for key, each in value.items() if key not in hidden}
        left[name] = value
    return left

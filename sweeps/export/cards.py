"""Winners into a trading card: what would change, then the change, whole or not at all."""

import difflib
import glob
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from research.atomic import atomic_path, temporaries_of
from research.clock import Clock
from research.errors import ExportError, StoreError
from research.lock import file_lock
from strategies.bot.card.card import bots_own, symbol_of, whole_card
from strategies.bot.card.entries import our_sections
from strategies.bot.card.json_text import changed_text, same_value
from strategies.bot.config import BotConfig, parse_object, read_bytes

__all__ = ["SECTIONS", "CardChange", "new_card", "updated_card", "write_card"]

SECTIONS = ("_meta", "targets_and_stops", "fees", "risk_control", "spread_guard")
"""The bot's own sections that an update may write where it is asked to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardChange:
    """A card before and after.

    Attributes
    ----------
    path
        Where it is to be written: the file itself, not a link to it.
    before
        Its bytes; None where there is no such file.
    notes
        Where the bot's own sections say other than the evidence, and are left alone.
    """

    path: Path
    before: bytes | None
    after: bytes
    notes: tuple[str, ...] = ()

    @property
    def is_change(self) -> bool:
        """Whether anything is to be written."""
        return self.before != self.after

    def lines(self) -> Iterator[str]:
        """The difference, line by line: minus before, plus after, a little around it."""
        old = (self.before or b"").decode().splitlines()
        new = self.after.decode().splitlines()
        yield from list(difflib.unified_diff(old, new, lineterm="", n=2))[2:]


def new_card(config: BotConfig, path: Path, *, now: datetime, maker_fee_bps: float) -> CardChange:
    """A card of its own at ``path``, in place of what is there."""
    card = whole_card(config, now=now, maker_fee_bps=maker_fee_bps)
    text = json.dumps(card, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    target = path.resolve()
    return CardChange(
        path=target,
        before=read_bytes(target) if target.exists() else None,
        after=text.encode(),
    )


def updated_card(
    config: BotConfig,
    base: Path,
    out: Path | None = None,
    *,
    maker_fee_bps: float,
    update: Collection[str] = (),
) -> CardChange:
    """The card ``base`` with our sections written, and every other byte as it is.

    Parameters
    ----------
    out
        Where it goes; left out, to ``base`` itself.
    update
        Sections of the bot's own (:data:`SECTIONS`) whose known keys are written, too.

    Raises
    ------
    ExportError
        ``base`` is no card, or one of another market; a section of ``update`` is unknown.
    """
    for name in update:
        if name not in SECTIONS:
            raise ExportError(f"--update {name}: must be one of {', '.join(SECTIONS)}")
    data = read_bytes(base)
    card = parse_object(data, str(base), cure="give a trading card")
    _check(card, config, base)
    text, notes = data.decode(), []
    for section, values in our_sections(config).items():
        if section in card or values["entries"] or section in ("lead_follow", "spread_reversion"):
            text = changed_text(text, (section,), values)
    for section, values in bots_own(config, maker_fee_bps=maker_fee_bps).items():
        for key, value in values.items():
            if section in update:
                text = changed_text(text, (section, key), _as_there(card, section, key, value))
            else:
                notes += _note(card, section, key, value)
    if "_meta" in update and text != data.decode():
        text = _next_version(text, card)
    target = (out or base).resolve()
    before = data if out is None or target == base.resolve() else _there(target)
    return CardChange(path=target, before=before, after=text.encode(), notes=tuple(notes))


def write_card(change: CardChange, *, now: datetime) -> Path | None:
    """Writes the card atomically; the one before is kept beside it under a dated name.

    Returns
    -------
    The backup, None where there was nothing to keep.

    Raises
    ------
    ExportError
        The file changed since the difference was made.
    StoreError, LockError
        It cannot be written, or another process is at it.
    """
    path = change.path
    lock = path.with_name(f".{path.name}.lock")
    with file_lock(lock, busy="another export writes this card; run it again", clock=Clock()):
        for left in _leftovers(path):
            left.unlink(missing_ok=True)
        if _there(path) != change.before:
            raise ExportError(
                f"{path}: was changed by somebody since the difference was shown; run it again"
            )
        mode = path.stat().st_mode & 0o777 if change.before is not None else 0o644
        backup = None if change.before is None else _backup(path, now)
        if backup is not None and change.before is not None:
            _write(backup, change.before, mode)
        _write(path, change.after, mode)
    return backup


def _check(card: dict[str, Any], config: BotConfig, base: Path) -> None:
    """A card of another market is none of ours. Raises :class:`ExportError`."""
    for name in (*SECTIONS, "basic", "lead_follow", "spread_reversion"):
        if name in card and not isinstance(card[name], dict):
            raise ExportError(f"{base}: {name}: must be an object; give a trading card")
    known = [name for name in (*SECTIONS, "basic", "_extends", "lead_follow") if name in card]
    if not known:
        raise ExportError(
            f"{base}: no trading card: none of _meta, basic, targets_and_stops ... is in it"
        )
    theirs, ours = card.get("basic", {}).get("symbol"), symbol_of(config)
    if isinstance(theirs, str) and _base_of(theirs) != _base_of(ours):
        raise ExportError(
            f"{base}: basic.symbol is {theirs}, the sets are of {ours}; give the card of that "
            "market"
        )


def _base_of(symbol: str) -> str:
    return symbol.upper().replace("-", "/").split("/")[0]


def _as_there(card: dict[str, Any], section: str, key: str, value: Any) -> Any:
    """A win rate as the card spells it: 65 where it has percent, 0.65 where it has fractions."""
    there = card.get(section, {}).get(key)
    is_number = isinstance(there, int | float) and not isinstance(there, bool)
    if key == "expected_win_rate" and is_number and there > 1:
        return round(value * 100, 2)
    return value


def _note(card: dict[str, Any], section: str, key: str, value: Any) -> list[str]:
    if key not in card.get(section, {}):
        return []
    there, ours = card[section][key], _as_there(card, section, key, value)
    if same_value(there, ours):
        return []
    words = json.dumps(there, ensure_ascii=False)
    return [
        f"{section}.{key} is {words} and stays; the evidence has {ours:g}: "
        f"--update {section} writes it"
    ]


def _next_version(text: str, card: dict[str, Any]) -> str:
    """``1.4.2`` after ``1.4.1``; any other spelling is left alone."""
    version = card.get("_meta", {}).get("version")
    parts = version.split(".") if isinstance(version, str) else []
    if len(parts) < 2 or not all(part.isascii() and part.isdigit() for part in parts):
        return text
    return changed_text(
        text, ("_meta", "version"), ".".join([*parts[:-1], str(int(parts[-1]) + 1)])
    )


def _there(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"{path}: cannot be read ({error.strerror}); give another file") from None


def _leftovers(path: Path) -> Iterator[Path]:
    """What exports that were killed left beside the card: a bot may read every *.json."""
    yield from temporaries_of(path)
    yield from path.parent.glob(f".{glob.escape(path.name)}.*.bak")


def _backup(path: Path, now: datetime) -> Path:
    """A dated name that is free, and that no bot takes for a card."""
    stamp, number = f"{now:%Y%m%dT%H%M%SZ}", 1
    found = path.with_name(f"{path.name}.{stamp}.bak")
    while found.exists():
        number += 1
        found = path.with_name(f"{path.name}.{stamp}-{number}.bak")
    return found


def _write(path: Path, data: bytes, mode: int) -> None:
    with atomic_path(path) as temporary:
        temporary.chmod(mode | 0o600)
        temporary.write_bytes(data)
        temporary.chmod(mode)

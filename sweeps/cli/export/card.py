"""``leadfollow export --format card``: the difference, the question, the write."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import typer

from research.errors import ExportError
from strategies.bot.contract import BotConfig
from sweeps.cli.terminal import say, warn
from sweeps.export.cards import CardChange, new_card, updated_card, write_card
from sweeps.settings import load_settings

__all__ = ["export_card"]

_CARD = Path("card.json")
_MOST_LINES = 400


def export_card(
    found: BotConfig,
    base: Path | None,
    out: Path | None,
    update: Sequence[str],
    *,
    is_sure: bool,
    config: Path | None,
) -> None:
    """Shows what would change in the card, asks, and writes it.

    Raises
    ------
    ExportError
        The base is no card of this market, or nobody is there to be asked.
    """
    now, maker = datetime.now(UTC), load_settings(config).bot.maker_fee_bps
    if base is None:
        if update:
            raise ExportError("--update is about a card that is there: give it with --base")
        change = new_card(found, out or _CARD, now=now, maker_fee_bps=maker)
    else:
        change = updated_card(found, base, out, maker_fee_bps=maker, update=update)
    for note in change.notes:
        say(f"note: {note}")
    if not change.is_change:
        say(f"{change.path}: says all that already; nothing written")
        return
    if change.before is not None and not is_sure:
        _ask(change)
    backup = write_card(change, now=now)
    if found.synthetic:
        warn("the card says so: a synthetic market")
    kept = f"; the one before is {backup.name}" if backup else ""
    say(f"wrote {change.path}{kept}")


def _ask(change: CardChange) -> None:
    """Shows the difference; ends the command where the answer is no, or nobody answers."""
    say(f"{change.path} would change:")
    lines = list(change.lines())
    for line in lines[:_MOST_LINES]:
        say(line)
    if len(lines) > _MOST_LINES:
        say(f"... and {len(lines) - _MOST_LINES:,} lines more")
    if not sys.stdin.isatty():
        raise ExportError("nothing was written: nobody is there to be asked; --yes writes it")
    if not typer.confirm("Write it?"):
        raise ExportError("nothing was written")

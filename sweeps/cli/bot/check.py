"""``leadfollow config check`` and ``config diff``: a file of the contract, or two."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from strategies.bot.check.finding import Finding

__all__ = ["NowOption", "register"]

NowOption = Annotated[
    str | None,
    typer.Option("--now", help="Judge as of this moment, such as 2026-01-08T00:00Z [default: now]"),
]


def register(app: typer.Typer) -> None:
    """The two commands into the group ``config``."""
    app.command("check")(check)
    app.command("diff")(diff)


def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A bot config or a trading card")],
    now: NowOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON")] = False,
) -> None:
    """What is wrong with a bot config or a card: schema, ranges, units, age, conflicts.

    Exit code 0 where nothing is, 1 where something is, 2 where the file cannot be read.

    Example: leadfollow config check bot_config.json
    """
    import json

    from sweeps.cli.terminal import say

    found = findings_of(file, moment(now))
    faults = [each for each in found if each.is_fault]
    if as_json:
        typer.echo(json.dumps({"file": str(file), "findings": [x.to_json() for x in found]}))
    else:
        for each in found:
            say(f"{'FAULT' if each.is_fault else 'note '} {each.where}: {each.sentence}")
        count = f"{len(faults)} fault{'s' * (len(faults) > 1)}"
        say(f"{file}: {count if faults else 'nothing is wrong with it'}")
    raise typer.Exit(1 if faults else 0)


def diff(
    before: Annotated[Path, typer.Argument(metavar="A", help="A bot config or a trading card")],
    after: Annotated[Path, typer.Argument(metavar="B", help="Another one of the same kind")],
) -> None:
    """What changes for the bot if B takes the place of A, in words.

    Example: leadfollow config diff old/bot_config.json bot_config.json
    """
    from research.errors import ExportError
    from strategies.bot.card.check import is_card
    from strategies.bot.check.card_diff import card_changes
    from strategies.bot.check.diff import config_changes
    from strategies.bot.config import config_of
    from sweeps.cli.terminal import say

    one, two = raw_of(before), raw_of(after)
    if is_card(one) != is_card(two):
        raise ExportError(f"{before} and {after}: a card and a bot config; give two of a kind")
    changes = (
        card_changes(one, two)
        if is_card(one)
        else config_changes(config_of(one, str(before)), config_of(two, str(after)))
    )
    for line in changes:
        say(line)
    if not changes:
        say("nothing changes for the bot")


def raw_of(file: Path) -> Mapping[str, Any]:
    """The JSON object in ``file``. Raises ExportError."""
    from strategies.bot.config import parse_object, read_bytes

    return parse_object(read_bytes(file), str(file))


def findings_of(file: Path, now: datetime) -> "list[Finding]":
    """What is wrong with a file of either kind. Raises ExportError where it is of none."""
    from strategies.bot.card.check import card_findings, is_card
    from strategies.bot.check.config import config_findings
    from strategies.bot.config import config_of

    raw = raw_of(file)
    if is_card(raw):
        return card_findings(raw, now)
    return config_findings(config_of(raw, str(file)), now)


def moment(text: str | None) -> datetime:
    """``--now``, or the clock. Raises SettingsError where it is no moment with a zone."""
    from research.errors import SettingsError
    from strategies.bot.validity import moment_of

    if text is None:
        return datetime.now(UTC)
    try:
        return moment_of(text)
    except ValueError as error:
        raise SettingsError(f"--now {text}: {error}; write 2026-01-08T00:00Z") from None

"""``leadfollow export``: the winners into a bot config."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sweeps.cli.groups import FilterOptions, Overrides, SearchOptions, Source, spelled_out

if TYPE_CHECKING:
    from sweeps.cli.session import Session

__all__ = ["export"]

_MEMORY_MIB = 1024


@spelled_out
def export(
    source: Source,
    search: SearchOptions,
    overrides: Overrides,
    filters: FilterOptions,
    out: Annotated[Path, typer.Option("--out", help="JSON file to write")] = Path(
        "bot_config.json"
    ),
    studies: Annotated[
        Path | None, typer.Option("--studies", help="Folder of the studies [default: runs/studies]")
    ] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of the file and stop")
    ] = False,
) -> None:
    """Judges the best set of every study and writes what may trade, and what not and why.

    Its claim must be proven by a walk-forward over the grids of the settings, in which every
    search is made anew, and the holdout, which no study saw, must not refute it: see
    `leadfollow verdict`.

    What changed the searches (--seed, --min-events, --fill, ...) is to be given here, too.

    Example: leadfollow export --market BTC --studies runs/studies --out bot_config.json
    """
    if schema:
        import json

        from strategies.bot.config import json_schema

        typer.echo(json.dumps(json_schema(), indent=2))
        return
    from sweeps.cli.study.searches import study_session

    _export(study_session(source, search, overrides, filters), out, studies)


def _export(session: "Session", out: Path, studies: Path | None) -> None:
    from sweeps.cli.study.searches import warn_if_cold
    from sweeps.cli.terminal import say
    from sweeps.cli.verdict.reach import reach
    from sweeps.export.bot_config import bot_config, write_bot_config

    folder = studies or session.settings.store.runs / "studies"
    warn_if_cold()
    found = reach(session, folder, _MEMORY_MIB, now=datetime.now(UTC))
    made = bot_config(session.panel, session.settings, found.judged, command=sys.argv)
    write_bot_config(made, out)
    for each in made.sets:
        say(f"{'ENABLED ' if each.enabled else 'disabled'} {each.id}: {each.reason}")
    say(f"wrote {out}: {len(made.enabled)} of {len(made.sets)} sets enabled")

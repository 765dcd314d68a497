"""``leadfollow export``: the winners into a bot config."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sweeps.cli.groups import FilterOptions, Overrides, SearchOptions, Source, spelled_out
from sweeps.cli.options import LeadMode

if TYPE_CHECKING:
    from sweeps.cli.session import Session

__all__ = ["export"]


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
    """Puts the best set of every study on trial and writes what survived, and what did not.

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
    from research.errors import SearchError
    from sweeps.cli.study.searches import chosen_studies
    from sweeps.cli.terminal import say
    from sweeps.export.bot_config import bot_config, write_bot_config
    from sweeps.study.search import found_in
    from sweeps.verdict.trial import trial_all

    folder = studies or session.settings.store.runs / "studies"
    specs = chosen_studies(session, None, LeadMode.BOTH, None)
    found = found_in(session.panel, specs, folder)
    if all(best is None for _, best in found):
        raise SearchError(
            f"{folder}: no study with a feasible set over this data; "
            "run `leadfollow study run` with the same market and settings first"
        )
    judged = trial_all(session.panel, found, session.settings.export.min_events_out)
    made = bot_config(session.panel, session.settings, judged, command=sys.argv)
    write_bot_config(made, out)
    for each in made.sets:
        say(f"{'ENABLED ' if each.enabled else 'disabled'} {each.id}: {each.reason}")
    say(f"wrote {out}: {len(made.enabled)} of {len(made.sets)} sets enabled")

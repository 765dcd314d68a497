"""``leadfollow export``: the winners into a bot config."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from sweeps.cli.options import ConfigOption, FrameOption, LeadMode, MarketOption, StoreOption

__all__ = ["export"]


def export(
    out: Annotated[Path, typer.Option("--out", help="JSON file to write")] = Path(
        "bot_config.json"
    ),
    studies: Annotated[
        Path | None, typer.Option("--studies", help="Folder of the studies [default: runs/studies]")
    ] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of the file and stop")
    ] = False,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="As in study run")] = None,
    min_events: Annotated[
        int | None, typer.Option("--min-events", min=2, help="As in study run")
    ] = None,
    market: MarketOption = None,
    frame: FrameOption = None,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Puts the best set of every study on trial and writes what survived, and what did not.

    Example: leadfollow export --market BTC --studies runs/studies --out bot_config.json
    """
    if schema:
        import json

        from strategies.bot.config import json_schema

        typer.echo(json.dumps(json_schema(), indent=2))
        return
    _export(out, studies, {"seed": seed, "min_events": min_events}, market, frame, store, config)


def _export(
    out: Path,
    studies: Path | None,
    changes: dict[str, int | None],
    market: str | None,
    frame: Path | None,
    store: Path | None,
    config: Path | None,
) -> None:
    from research.errors import SearchError
    from sweeps.cli.study.searches import chosen_studies, study_session
    from sweeps.cli.terminal import say
    from sweeps.export.bot_config import bot_config, write_bot_config
    from sweeps.study.search import found_in
    from sweeps.verdict.trial import trial_all

    session = study_session(config=config, market=market, frame=frame, store=store, changes=changes)
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

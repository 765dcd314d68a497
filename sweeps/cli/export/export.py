"""``leadfollow export``: the winners into a bot config or a trading card."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sweeps.cli.groups import FilterOptions, Overrides, SearchOptions, Source, spelled_out

if TYPE_CHECKING:
    from strategies.bot.contract import BotConfig

__all__ = ["Form", "export"]

_MEMORY_MIB = 1024


class Form(StrEnum):
    """What is written."""

    CONFIG = "config"
    CARD = "card"


@spelled_out
def export(
    source: Source,
    search: SearchOptions,
    overrides: Overrides,
    filters: FilterOptions,
    path: Annotated[
        Path | None,
        typer.Argument(
            metavar="[RUN|STUDIES|CONFIG]",
            help="A run's folder, a folder of studies, or a bot config "
            "[default: the studies in runs/studies]",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="JSON file to write [default: bot_config.json, or --base, or card.json]"
        ),
    ] = None,
    form: Annotated[
        Form, typer.Option("--format", help="The bot config, or a trading card of it")
    ] = Form.CONFIG,
    base: Annotated[
        Path | None, typer.Option("--base", help="Card to update: what is not ours stays as it is")
    ] = None,
    update: Annotated[
        list[str] | None,
        typer.Option(
            "--update",
            metavar="SECTION",
            help="Section of the card that the evidence may write, too: _meta, targets_and_stops, "
            "fees, risk_control, spread_guard; repeatable",
        ),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Write a card without asking for its difference")
    ] = False,
    studies: Annotated[Path | None, typer.Option("--studies", help="The same as STUDIES")] = None,
    force: Annotated[
        list[str] | None,
        typer.Option(
            "--force",
            metavar="SET",
            help="Enable a set that the verdict refuses; the file says so; repeatable",
        ),
    ] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of the bot config and stop")
    ] = False,
) -> None:
    """Writes what may trade, and what not and why, as the verdict decided.

    RUN: the sets of that run. STUDIES: the best set of every study; its claim must be proven by a
    walk-forward over the grids of the settings, in which every search is made anew, and the
    holdout, which no study saw, must not refute it: see `leadfollow verdict`. What changed the
    searches (--seed, --min-events, --fill, ...) is to be given here, too. CONFIG: an exported file,
    of this schema or an older one, once more.

    A card that is there already (--base, or --out) is shown as a difference first, and kept beside
    the new one under a dated name.

    Example: leadfollow export --market BTC --studies runs/studies --out bot_config.json
    """
    if schema:
        import json

        from strategies.bot.config import json_schema

        typer.echo(json.dumps(json_schema(), indent=2))
        return
    from research.errors import SettingsError
    from sweeps.cli.export.show import show_sets
    from sweeps.cli.terminal import say
    from sweeps.export.bot_config import write_bot_config
    from sweeps.export.force import forced

    found = _written(path or studies) or _judged(
        source, search, overrides, filters, path or studies
    )
    if force:
        found = forced(found, force)
    show_sets(found)
    if form is Form.CARD:
        from sweeps.cli.export.card import export_card

        export_card(found, base, out, update or [], is_sure=yes, config=source.config)
        return
    if base is not None or update:
        raise SettingsError("--base and --update are about cards; add --format card")
    target = out or Path("bot_config.json")
    write_bot_config(found, target)
    say(f"wrote {target}: {len(found.enabled)} of {len(found.sets)} sets enabled")


def _written(path: Path | None) -> "BotConfig | None":
    """What a run or an earlier export wrote; None where ``path`` is neither."""
    from research.errors import ExportError
    from strategies.bot.config import load_bot_config

    if path is None:
        return None
    file = path if path.is_file() else path / "bot_config.json"
    if not file.exists():
        return None
    found = load_bot_config(file)
    if found.evidence_sha256 not in (None, found.digest()):
        raise ExportError(
            f"{file}: a number was changed after the export, and an export would seal it; take it "
            "back, or make the run anew"
        )
    return found


def _judged(
    source: Source,
    search: SearchOptions,
    overrides: Overrides,
    filters: FilterOptions,
    studies: Path | None,
) -> "BotConfig":
    """The best set of each study, as the verdict on its claim decides."""
    import sys
    from datetime import UTC, datetime

    from sweeps.cli.study.searches import study_session, warn_if_cold
    from sweeps.cli.verdict.reach import reach
    from sweeps.export.bot_config import bot_config

    session = study_session(source, search, overrides, filters)
    folder = studies or session.settings.store.runs / "studies"
    warn_if_cold()
    found = reach(session, folder, _MEMORY_MIB, now=datetime.now(UTC))
    return bot_config(
        session.panel, session.settings, found.judged, command=sys.argv, verdict=found
    )

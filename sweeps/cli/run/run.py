"""``leadfollow run``: the main job, from minutes to a bot config."""

import sys
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from sweeps.cli.grid.options import MemoryOption
from sweeps.cli.groups import FilterOptions, Overrides, SearchOptions, Source, spelled_out
from sweeps.cli.options import FeesOption

__all__ = ["run"]


@spelled_out
def run(
    source: Source,
    search: SearchOptions,
    overrides: Overrides,
    filters: FilterOptions,
    synthetic: Annotated[
        bool, typer.Option("--synthetic", help="On the embedded synthetic market")
    ] = False,
    days: Annotated[
        float | None, typer.Option("--days", help="Length of the synthetic market")
    ] = None,
    edge: Annotated[
        float | None, typer.Option("--edge", help="Strength of its planted lead; 0 plants none")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of all runs [default: runs]")
    ] = None,
    fees_bps: FeesOption = None,
    memory: MemoryOption = "1GiB",
) -> None:
    """Analyses, grids, searches, verdict and export, in order, into runs/<time>-<hash>/.

    A run that was stopped goes on where it was when the same command is given again.
    --fill, --touch and the like change the executable model, by which all but the plain analyses
    are made.

    Example: leadfollow run --market BTC
    """
    from sweeps.cli.looks import ledger_of
    from sweeps.cli.memory import memory_mib
    from sweeps.cli.run.folder import run_folder
    from sweeps.cli.session import PLAIN_FEES_BPS, Session
    from sweeps.cli.study.searches import progress_bar, warn_if_cold
    from sweeps.cli.terminal import say
    from sweeps.pipeline import run_pipeline
    from sweeps.settings import changed, load_settings
    from sweeps.study.crew import crew

    budget_mib = memory_mib(memory)
    market_of = {"synthetic": {"days": days, "edge": edge, "seed": search.seed}}
    workers = changed(load_settings(source.config), search.changes()).study.workers
    # they get ready while minutes are read
    with crew(workers, ["sweeps.study.search"]) if workers > 1 else nullcontext() as ready:
        session = Session.open(
            source,
            is_trained=True,
            is_synthetic=synthetic,
            changes=search.changes() | market_of | overrides.changes() | filters.changes(),
        )
        fees = PLAIN_FEES_BPS if fees_bps is None else fees_bps
        say(f"{session.frame.label}: {len(session.frame):,} minutes")
        warn_if_cold()
        now = datetime.now(UTC)
        with run_folder(session, out, fees, now) as (working, final):
            found = run_pipeline(
                session.panel,
                session.settings,
                working,
                command=sys.argv,
                fees_bps=fees,
                stage=progress_bar,
                now=now,
                ledger=ledger_of(out or session.settings.store.runs),
                memory_mib=budget_mib,
                doubts=[finding.sentence for finding in session.findings],
                ready=ready,
            )
    enabled = found.config.enabled if found.config else ()
    for each in enabled:
        say(f"ENABLED {each.id}: {each.reason}")
    if not enabled:
        say("nothing may trade; summary.md says why, claim by claim")
    say(f"wrote {final}/report.html, the page of it all")
    say("  beside it: summary.md, verdict.md, bot_config.json, report.json, heatmaps, trades")

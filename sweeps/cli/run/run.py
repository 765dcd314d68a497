"""``leadfollow run``: the main job, from minutes to a bot config."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from sweeps.cli.grid.options import MemoryOption
from sweeps.cli.options import ConfigOption, FeesOption, FrameOption, MarketOption, StoreOption

__all__ = ["run"]


def run(
    market: MarketOption = None,
    synthetic: Annotated[
        bool, typer.Option("--synthetic", help="On the embedded synthetic market")
    ] = False,
    days: Annotated[
        float | None, typer.Option("--days", help="Length of the synthetic market")
    ] = None,
    edge: Annotated[
        float | None, typer.Option("--edge", help="Strength of its planted lead; 0 plants none")
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="Of market and searches")
    ] = None,
    trials: Annotated[int | None, typer.Option("--trials", min=1, help="Trials per search")] = None,
    min_events: Annotated[
        int | None, typer.Option("--min-events", min=2, help="Trades a set needs to count")
    ] = None,
    workers: Annotated[int | None, typer.Option("--workers", min=1, help="Processes")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of all runs [default: runs]")
    ] = None,
    fees_bps: FeesOption = 8.0,
    memory: MemoryOption = "1GiB",
    frame: FrameOption = None,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Analyses, grids, searches, trial and export, in order, into runs/<time>-<hash>/.

    A run that was stopped goes on where it was when the same command is given again.

    Example: leadfollow run --market BTC
    """
    from sweeps.cli.memory import memory_mib
    from sweeps.cli.run.folder import open_session, run_folder
    from sweeps.cli.study.searches import progress_bar, warn_if_cold
    from sweeps.cli.terminal import say
    from sweeps.pipeline import run_pipeline

    budget_mib = memory_mib(memory)
    study = {"trials": trials, "seed": seed, "min_events": min_events, "workers": workers}
    market_of = {"days": days, "edge": edge, "seed": seed}
    session = open_session(
        config, market, frame, store, {"study": study, "synthetic": market_of}, synthetic
    )
    say(f"{session.frame.label}: {len(session.frame):,} minutes")
    warn_if_cold()
    with run_folder(session, out, fees_bps, datetime.now(UTC)) as (working, final):
        found = run_pipeline(
            session.panel,
            working,
            command=sys.argv,
            fees_bps=fees_bps,
            stage=progress_bar,
            memory_mib=budget_mib,
        )
    enabled = found.config.enabled if found.config else ()
    for each in enabled:
        say(f"ENABLED {each.id}: {each.reason}")
    if not enabled:
        say("nothing survived its trial; summary.md says why, set by set")
    say(f"wrote {final}/summary.md, bot_config.json, report.json, heatmaps, trades, studies")

"""``leadfollow audit``: does anything look ahead?"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from sweeps.cli.groups import Source, spelled_out

__all__ = ["audit"]


@spelled_out
def audit(
    source: Source,
    synthetic: Annotated[
        bool, typer.Option("--synthetic", help="On the embedded synthetic market")
    ] = False,
    days: Annotated[
        float | None,
        typer.Option("--days", help="Only the last so many days [default: 30; synthetic: 7]"),
    ] = None,
    cuts: Annotated[int, typer.Option("--cuts", min=1, help="Minutes at which history ends")] = 100,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of cuts and garbage")] = 0,
    json: Annotated[
        Path | None,
        typer.Option(
            "--json",
            metavar="FILE",
            help="Report as JSON; - prints it alone [default: audit.json in the folder of runs]",
        ),
    ] = None,
) -> None:
    """Does anything look ahead? Everything recomputed on histories that end at so many minutes.

    Each feature, label, filter, signal, trade, fitted edge and search is computed on all minutes,
    and again where they end at a cut or go on with garbage. What was known at the cut must be the
    same to the last bit, or its name and the minute of the leak are told. Cuts lie where sessions,
    regimes and bars change, around silences, signals and trades, and at random. Then how much
    history each feature needs until it no longer hangs on where the data starts.

    Exit code 0: nothing looks ahead; 1: a leak, or a feature that hangs on the start of the data
    against its definition; 2: bad input.

    Example: leadfollow audit --market BTC --days 7 --cuts 100
    """
    from strategies.backtest.model import executable_model, plain_model
    from sweeps.cli.session import PLAIN_FEES_BPS
    from sweeps.cli.study.searches import progress_bar, warn_if_cold
    from sweeps.cli.verdict import show_audit
    from sweeps.cli.verdict.history import history_of
    from sweeps.settings import changed, load_settings
    from sweeps.verdict.audit.audit import audit as audited
    from sweeps.verdict.choice import grid_search

    length = days if days is not None else 7.0 if synthetic else 30.0
    market = {"synthetic": {"days": length if synthetic else None}}
    settings = changed(load_settings(source.config), market)
    history = history_of(settings, source, is_synthetic=synthetic, days=length)
    executable = executable_model(settings)
    is_alone = json is not None and str(json) == "-"
    if not is_alone:
        warn_if_cold()
    with progress_bar("cuts", cuts) as step:
        found = audited(
            history,
            settings.panel,
            (executable, plain_model(PLAIN_FEES_BPS, settings.filters)),
            search=grid_search(settings, executable, threads=2, memory_mib=1024),
            cuts=cuts,
            seed=seed,
            on_cut=step,
        )
    if not is_alone:
        show_audit.show(found)
    file = json or settings.store.runs / "audit.json"
    show_audit.write(found, history.whole, None if is_alone else file, command=sys.argv)
    if not found.is_clean:
        raise typer.Exit(1)

"""``leadfollow study``: search, list, look at the best."""

from pathlib import Path
from typing import Annotated

import typer

from sweeps.cli.groups import FilterOptions, Overrides, SearchOptions, Source, spelled_out
from sweeps.cli.options import ConfigOption, OneStrategyArgument, SideMode, SideModeOption

__all__ = ["app"]

app = typer.Typer(help="Parameter searches with optuna.", no_args_is_help=True)

FolderOption = Annotated[
    Path | None, typer.Option("--out", help="Folder of the studies [default: runs/studies]")
]
SegmentOption = Annotated[
    str | None, typer.Option("--segment", help="One segment only, such as asia/wild")
]


@app.command()
@spelled_out
def run(
    source: Source,
    search: SearchOptions,
    overrides: Overrides,
    filters: FilterOptions,
    strategy: OneStrategyArgument = None,
    mode: SideModeOption = SideMode.BOTH,
    segment: SegmentOption = None,
    out: FolderOption = None,
) -> None:
    """Searches the best parameters of every strategy, mode and segment; resumes what is there.

    The last 15 % of the span (study.train_share) are never seen by the search.

    Example: leadfollow study run lead --mode long --market BTC --trials 200
    """
    from sweeps.cli.study.searches import chosen_studies, progress_bar, study_session, warn_if_cold
    from sweeps.cli.terminal import say
    from sweeps.study.search import run_studies

    session = study_session(source, search, overrides, filters)
    specs = chosen_studies(session, strategy, mode, segment)
    folder = out or session.settings.store.runs / "studies"
    warn_if_cold()
    with progress_bar(f"{len(specs)} studies x {specs[0].trials} trials", len(specs)) as advance:
        found = run_studies(
            session.panel,
            specs,
            folder,
            workers=session.settings.study.workers,
            on_study=lambda _: advance(),
        )
    empty = sum(best is None for _, best in found)
    say(
        f"{session.frame.label}: {len(found)} studies in {folder}; "
        f"{empty} found no set with {specs[0].min_events} trades"
    )
    _print_studies(folder)


@app.command("ls")
def list_(out: FolderOption = None, config: ConfigOption = None) -> None:
    """Lists the studies of a folder: trials, feasible trials, best lower bound in sample.

    Example: leadfollow study ls --out runs/studies
    """
    _print_studies(_folder(out, config))


@app.command()
def best(
    out: FolderOption = None,
    segment: SegmentOption = None,
    config: ConfigOption = None,
) -> None:
    """Prints the best set of every study, in full.

    Example: leadfollow study best --segment us/wild
    """
    from sweeps.cli.terminal import say
    from sweeps.study.study import list_studies

    for row in list_studies(_folder(out, config)):
        if segment is not None and row["segment"] != segment:
            continue
        if row["lcb_pnl"] is None:
            say(f"{row['study']}: no feasible set in {row['trials']} trials")
            continue
        params = ", ".join(f"{name}={value:.6g}" for name, value in row["params"].items())
        say(
            f"{row['study']}: in-sample lower bound {row['lcb_pnl']:+.4f} % over "
            f"{row['events']} trades (best of {row['sets']:,} sets)\n    {params}"
        )


def _folder(out: Path | None, config: Path | None) -> Path:
    from research.errors import SearchError
    from sweeps.settings import load_settings

    folder = out or load_settings(config).store.runs / "studies"
    if not folder.is_dir():
        raise SearchError(f"{folder}: no such folder of studies; run `leadfollow study run` first")
    return folder


def _print_studies(folder: Path) -> None:
    from rich.table import Table

    from sweeps.cli.terminal import console
    from sweeps.study.study import list_studies

    table = Table("study", "segment", "trials", "sets", "feasible", "best lcb_pnl %", "events")
    for row in list_studies(folder):
        value = "-" if row["lcb_pnl"] is None else f"{row['lcb_pnl']:+.4f}"
        events = "-" if row["events"] is None else f"{row['events']}"
        cells = (f"{row['trials']}", f"{row['sets']:,}", f"{row['feasible']}", value, events)
        table.add_row(row["study"], row["segment"], *cells)
    console.print(table)
    console.print("best of many, in sample: `leadfollow verdict` judges them", style="dim")

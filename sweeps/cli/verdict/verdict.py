"""``leadfollow verdict``: walk forward, judge, and say so in one table."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from sweeps.cli.grid.options import MemoryOption
from sweeps.cli.groups import FilterOptions, Overrides, SearchOptions, Source, spelled_out

__all__ = ["verdict"]


@spelled_out
def verdict(
    source: Source,
    search: SearchOptions,
    overrides: Overrides,
    filters: FilterOptions,
    path: Annotated[
        Path | None,
        typer.Argument(
            metavar="[RUN|STUDIES|GRID]",
            help="A run's folder, a folder of studies, or a grid file "
            "[default: the grids of the settings]",
        ),
    ] = None,
    synthetic: Annotated[
        bool, typer.Option("--synthetic", help="On the embedded synthetic market")
    ] = False,
    days: Annotated[
        float | None, typer.Option("--days", help="Length of the synthetic market")
    ] = None,
    edge: Annotated[
        float | None, typer.Option("--edge", help="Strength of its planted lead; 0 plants none")
    ] = None,
    walk: Annotated[
        str | None, typer.Option("--walk", help="anchored or rolling [default: verdict.walk]")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for verdict.json and verdict.md [default: beside PATH]"),
    ] = None,
    memory: MemoryOption = "1GiB",
) -> None:
    """Does searching pay? Searched on the past, frozen, traded on what comes next, again and again.

    One table: claim, number, what it must be, whether it is, one sentence; the same as JSON. A set
    may trade where its claim is proven with all claims together wrong in 1 of 20, and where the
    holdout does not refute it. Where nothing passes, it says how many more days it would take.

    RUN: shows the verdict that the run reached. STUDIES: whether the best set of each study may
    trade. GRID: walks its axes, with its model.

    Example: leadfollow verdict runs/studies --market BTC
    """
    from research.errors import StoreError
    from sweeps.cli.memory import memory_mib
    from sweeps.cli.session import Session
    from sweeps.cli.study.searches import warn_if_cold
    from sweeps.cli.verdict import reach, show

    budget = memory_mib(memory)
    if path is not None and (path / "bot_config.json").exists():
        show.show_run(path)
        return
    is_grid = path is not None and (path.is_file() or path.suffix == ".parquet")
    if path is not None and not is_grid and not any(path.glob("*.journal")):
        raise StoreError(
            f"{path}: neither a run, nor a grid, nor a folder of studies; make one with "
            "`leadfollow run`, `grid` or `study run`, or leave the argument out"
        )
    market = {"synthetic": {"days": days, "edge": edge, "seed": search.seed}}
    session = Session.open(
        source,
        is_trained=True,
        is_synthetic=synthetic,
        changes=search.changes()
        | market
        | overrides.changes()
        | filters.changes()
        | {"verdict": {"walk": walk}},
    )
    warn_if_cold()
    folder = out or reach.folder_beside(session, path)
    found = reach.reach(session, path, budget, now=datetime.now(UTC))
    show.show_verdict(found)
    show.write_verdict(found, session, folder, command=sys.argv)

"""``leadfollow study``: search, list, look at the best."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sweeps.cli.groups import FilterOptions, Overrides, SearchOptions, Source, spelled_out
from sweeps.cli.options import (
    ClusterOption,
    ConfigOption,
    OneStrategyArgument,
    SideMode,
    SideModeOption,
    StorageOption,
)

if TYPE_CHECKING:
    from sweeps.study.books import Books

__all__ = ["app"]

app = typer.Typer(help="Parameter searches with optuna.", no_args_is_help=True)

FolderOption = Annotated[
    Path | None, typer.Option("--out", help="Folder of the studies [default: runs/studies]")
]
SegmentOption = Annotated[
    str | None, typer.Option("--segment", help="One segment only, such as asia/wild")
]
TopOption = Annotated[int, typer.Option("--top", min=1, help="So many sets of every study")]
StudyArgument = Annotated[str, typer.Argument(metavar="STUDY", help="Such as lead-long.all")]


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
    timeout: Annotated[
        str | None, typer.Option("--timeout", help="Stop all studies after 30m, 8h, ...")
    ] = None,
    out: FolderOption = None,
    cluster: ClusterOption = None,
) -> None:
    """Searches the best parameters of every strategy, mode and segment; resumes what is there.

    The last 15 % of the span (study.train_share) are never seen by the search. Ctrl-C keeps every
    finished trial, and the same command goes on.

    Example: leadfollow study run lead --mode long --market BTC --trials 200 --timeout 8h
    """
    from sweeps.cli.study.run import run_and_list

    run_and_list(
        source,
        search,
        overrides,
        filters,
        strategy=strategy,
        mode=mode,
        segment=segment,
        timeout=timeout,
        out=out,
        cluster=cluster,
    )


@app.command("ls")
def list_(
    out: FolderOption = None, storage: StorageOption = None, config: ConfigOption = None
) -> None:
    """Lists studies: trials, best in sample, what is left, which segments fall back to a parent.

    Example: leadfollow study ls --out runs/studies
    """
    from sweeps.cli.study.show import print_studies

    print_studies(_books(out, storage, config))


@app.command()
def best(
    out: FolderOption = None,
    segment: SegmentOption = None,
    top: TopOption = 1,
    storage: StorageOption = None,
    config: ConfigOption = None,
) -> None:
    """Prints the best sets of every study, their folds and the trials nearest to them.

    Example: leadfollow study best --segment us/wild --top 10
    """
    from sweeps.cli.study.show import print_best

    print_best(_books(out, storage, config), segment, top)


@app.command()
def compare(
    one: StudyArgument,
    other: StudyArgument,
    out: FolderOption = None,
    storage: StorageOption = None,
    config: ConfigOption = None,
) -> None:
    """Puts the best sets of two studies side by side.

    Example: leadfollow study compare lead-long.all lead-long.asia
    """
    from sweeps.cli.study.show import print_comparison

    print_comparison(_books(out, storage, config), one, other)


@app.command()
def plot(
    name: StudyArgument,
    out: FolderOption = None,
    storage: StorageOption = None,
    config: ConfigOption = None,
) -> None:
    """Draws a study: history, what matters, slices and contours of what matters most.

    Example: leadfollow study plot lead-long.all
    """
    from sweeps.cli.study.draw import draw_study_of

    books = _books(out, storage, config)
    draw_study_of(books, name, _folder(out, config))


@app.command()
def dashboard(
    name: StudyArgument,
    out: FolderOption = None,
    storage: StorageOption = None,
    config: ConfigOption = None,
    port: Annotated[int, typer.Option("--port", min=1024, max=65535)] = 8080,
) -> None:
    """Opens optuna-dashboard on a study, on this machine only; Ctrl-C ends it.

    Example: leadfollow study dashboard lead-long.all
    """
    from sweeps.cli.study.dashboard import serve_dashboard

    serve_dashboard(_books(out, storage, config), name, port)


def _books(out: Path | None, storage: str | None, config: Path | None) -> "Books":
    from research.errors import SearchError
    from sweeps.settings import load_settings
    from sweeps.study.books import books_at

    asked = load_settings(config).study.storage if storage is None else storage
    folder = _folder(out, config)
    if not asked and not folder.is_dir():
        raise SearchError(f"{folder}: no such folder of studies; run `leadfollow study run` first")
    return books_at(folder, asked)


def _folder(out: Path | None, config: Path | None) -> Path:
    from sweeps.settings import load_settings

    return out or load_settings(config).store.runs / "studies"

"""The work of ``leadfollow grid``: scored, printed, drawn, one grid after the other."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from research.features.panel import Panel
from sweeps.cli.cluster import opened
from sweeps.cli.grid.beside import write_beside, write_best
from sweeps.cli.grid.draw import View, draw_grid
from sweeps.cli.grid.show import show_grid
from sweeps.cli.study.searches import progress_bar, warn_if_cold
from sweeps.cli.terminal import say
from sweeps.cluster.address import Address
from sweeps.grid.about import GridAbout
from sweeps.grid.result import GridResult
from sweeps.grid.run import GridJob, run_grids
from sweeps.grid.stored.identity import grid_digest
from sweeps.ledger import Ledger, Look

__all__ = ["Keep", "run_and_show"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """What a run may use, and what it writes beside the grids."""

    threads: int | None
    memory_mib: int
    resume: bool
    time_blocks: int | None
    quantiles: bool
    top: int
    cluster: Address | None
    ledger: Ledger


def run_and_show(
    panel: Panel, grids: Sequence[tuple[GridAbout, Path]], view: View, keep: Keep
) -> None:
    """Scores and writes grids, then prints and draws them; the folder is ours until the end."""
    warn_if_cold()
    paths = [path for _, path in grids]
    names = " and ".join(about.name for about, _ in grids)
    total = sum(about.spec.size for about, _ in grids)
    with ExitStack() as ours:
        cluster = None if keep.cluster is None else ours.enter_context(opened(keep.cluster))
        with progress_bar(f"{names}, sets", total) as progress, _telling_how_to_resume(paths):
            results = ours.enter_context(
                run_grids(
                    panel,
                    [GridJob(about=about, path=path) for about, path in grids],
                    threads=keep.threads,
                    memory_mib=keep.memory_mib,
                    resume=keep.resume,
                    command=sys.argv,
                    progress=progress,
                    cluster=cluster,
                    min_events=view.min_events,
                )
            )
            for about, _ in grids:  # before it is looked at: a kill hides nothing
                keep.ledger.add(_look_at(panel, about))
            made = list(results)
        for path, result in zip(paths, made, strict=True):
            show_grid(result, panel, view.min_events)
            draw_grid(panel, result, view, path, keep.threads)
            _write_beside(panel, result, path, view, keep)


def _look_at(panel: Panel, about: GridAbout) -> Look:
    digest = grid_digest(about)
    sets = about.spec.size
    return Look.at_rows(panel.frame, about.rows, kind="search", identity=digest, sets=sets)


def _write_beside(panel: Panel, result: GridResult, table: Path, view: View, keep: Keep) -> None:
    if keep.top > 0:
        write_best(
            panel,
            result,
            table,
            top=keep.top,
            min_events=view.min_events,
            threads=keep.threads,
        )
    if keep.time_blocks is not None or keep.quantiles:
        write_beside(
            panel,
            result,
            table,
            time_blocks=keep.time_blocks,
            quantiles=keep.quantiles,
            memory_mib=keep.memory_mib,
            threads=keep.threads,
        )


@contextmanager
def _telling_how_to_resume(paths: Sequence[Path]) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        begun = [path for path in paths if path.is_dir()]
        if begun:
            kept = len(list(begun[-1].glob("part-*.parquet")))
            say(f"stopped; {kept:,} pieces are kept in {begun[-1]}: go on with --resume")
        raise

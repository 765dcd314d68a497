"""What ``leadfollow grid`` writes beside a grid: the best sets exactly, sums by day, quantiles."""

import sys
from pathlib import Path

import pyarrow as pa

from research.features.panel import Panel
from research.parquet import write_parquet
from sweeps.cli.study.searches import progress_bar
from sweeps.cli.terminal import say
from sweeps.engine import sweep_of
from sweeps.grid.exact import exact_reports, top_sets
from sweeps.grid.quantiles import write_quantiles
from sweeps.grid.result import GridResult
from sweeps.grid.roads import checked_threads
from sweeps.grid.stored.identity import grid_provenance
from sweeps.grid.time_blocks import write_time_blocks

__all__ = ["write_beside", "write_best"]


def write_best(
    panel: Panel, result: GridResult, table: Path, *, top: int, min_events: int, threads: int | None
) -> None:
    """Writes every report column of the best sets of each segment, made by the law."""
    wanted = top_sets(result, top, min_events=min_events)
    runs = len({cell for some in wanted.values() for cell in some})
    if runs == 0:
        return
    with progress_bar(f"{result.name}, best sets by the law", runs) as progress:
        found = exact_reports(panel, result, wanted, threads=threads, progress=progress)
    about = {"schema": "leadfollow.grid-best/1", **grid_provenance(result, sys.argv)}
    file = table.with_suffix(".best.parquet")
    write_parquet(file, pa.Table.from_pandas(found.reset_index()), about)
    say(f"wrote {file}: all columns of the best {top} of each segment; the law agrees")


def write_beside(
    panel: Panel,
    result: GridResult,
    table: Path,
    *,
    time_blocks: int | None,
    quantiles: bool,
    memory_mib: int,
    threads: int | None,
) -> None:
    """Writes the matrix of time blocks and the quantiles of a grid beside its table."""
    about, size = grid_provenance(result, sys.argv), result.spec.size
    sweep = sweep_of(
        panel,
        result.spec,
        execution=result.execution,
        costs=result.costs,
        rows=result.rows,
        threads=checked_threads(threads),
    )
    if time_blocks is not None:
        folder = table.with_suffix(f".blocks-{time_blocks}min")
        with progress_bar(f"{result.name}, time blocks, sets", size) as progress:
            blocks = write_time_blocks(
                sweep,
                folder,
                rows=result.rows,
                about=about,
                block_min=time_blocks,
                memory_mib=memory_mib,
                progress=progress,
            )
        say(f"wrote {folder}: {len(blocks.minutes):,} blocks x {size:,} sets")
    if quantiles:
        file = table.with_suffix(".quantiles.parquet")
        with progress_bar(f"{result.name}, quantiles, sets", size) as progress:
            write_quantiles(sweep, file, about=about, memory_mib=memory_mib, progress=progress)
        say(f"wrote {file}: quantiles of {size:,} sets on all minutes, within 0.01 %")

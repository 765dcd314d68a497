"""What ``leadfollow grid`` writes beside a grid when asked: sums by day, quantiles."""

import sys
from pathlib import Path

from research.features.panel import Panel
from sweeps.cli.searches import progress_bar
from sweeps.cli.terminal import say
from sweeps.engine import Sweep
from sweeps.grid import GridResult, checked_threads
from sweeps.grid_file import grid_provenance
from sweeps.quantiles import write_quantiles
from sweeps.time_blocks import write_time_blocks

__all__ = ["write_beside"]


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
    sweep = Sweep(
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

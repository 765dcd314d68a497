"""The engine's front door: tallies of whole grids, and of one entry's exit cube."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from research.arrays import Ints
from research.errors import SearchError
from research.features.panel import Panel
from research.measures.costs import Costs
from strategies.law.execution import Execution
from strategies.registry import Params, strategy_of
from sweeps.axes import GridSpec, grid_spec
from sweeps.engine.part_sums import PartSums, sums_by_part
from sweeps.engine.sweep import sweep_of
from sweeps.tally import Tally

__all__ = ["engine_tally", "score_exits"]


def engine_tally(
    panel: Panel,
    spec: GridSpec,
    *,
    execution: Execution,
    costs: Costs,
    rows: slice | None = None,
    threads: int = 1,
    progress: Callable[[int], None] | None = None,
    memory_mib: int = 1024,
) -> Tally:
    """The tally of every set of ``spec`` on ``panel``: the trades of the law, counted faster.

    Counts are those of the law exactly, sums to float64 rounding; the same bits for any number
    of threads.

    Parameters
    ----------
    rows
        Rows on which entries are allowed; the frame ends with the last of them.
    threads
        How many tasks run side by side, >= 1.
    progress
        Called with the number of sets that were finished since the last call.
    memory_mib
        What ladder and tally together may fill.

    Raises
    ------
    FrameError
        ``rows`` hold no minute.
    SearchError
        The grid needs more memory than that.
    """
    sweep = sweep_of(panel, spec, execution=execution, costs=costs, rows=rows, threads=threads)
    ((first, stop),) = sweep.whole(memory_mib)
    return sweep.tally(first, stop, progress)


def score_exits(
    panel: Panel,
    entry: Params,
    exits: Mapping[str, Sequence[float]],
    *,
    execution: Execution,
    costs: Costs,
    rows: slice | None = None,
    starts: Ints | None = None,
) -> PartSums:
    """Sums of one entry class over its whole exit cube, part by part: what one trial buys.

    Parameters
    ----------
    entry
        Gives every parameter that ``exits`` does not vary.
    exits
        Rising levels by name of the strategy's exit parameters.
    starts
        Rising rows at which parts begin; a trade belongs to that of its entry. One part by default.

    Raises
    ------
    FrameError
        ``rows`` hold no minute.
    SearchError
        ``exits`` names a parameter that decides about entries, or levels out of bounds.
    """
    known = strategy_of(entry).exit_axes
    for name in exits:
        if name not in known:
            raise SearchError(f"exits: {name} is no exit parameter; they are {', '.join(known)}")
    sweep = sweep_of(panel, grid_spec(entry, exits), execution=execution, costs=costs, rows=rows)
    parts = np.zeros(1, dtype=np.int64) if starts is None else starts
    return sums_by_part(sweep, 0, sweep.spec.size, parts)

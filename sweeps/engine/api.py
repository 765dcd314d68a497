"""The engine's front door: tallies of whole grids, and of one entry's exit cube."""

from collections.abc import Callable, Mapping, Sequence

from research.costs import Costs
from research.errors import SearchError
from research.features.panel import Panel
from strategies.execution import Execution
from strategies.registry import Params, strategy_of
from sweeps.axes import GridSpec, grid_spec
from sweeps.engine.budget import check_budget
from sweeps.engine.sweep import Sweep
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
    sweep = Sweep(panel, spec, execution=execution, costs=costs, rows=rows, threads=threads)
    cure = "raise the memory or write the grid to disk piece by piece"
    check_budget(sweep.plan, spec.size, memory_mib, cure=cure)
    return sweep.tally(0, spec.size, progress)


def score_exits(
    panel: Panel,
    entry: Params,
    exits: Mapping[str, Sequence[float]],
    *,
    execution: Execution,
    costs: Costs,
    rows: slice | None = None,
) -> Tally:
    """The tally of one entry class over its whole exit cube: what one trial of a study buys.

    Parameters
    ----------
    entry
        Gives every parameter that ``exits`` does not vary.
    exits
        Rising levels by name of the strategy's exit parameters.

    Raises
    ------
    SearchError
        ``exits`` names a parameter that decides about entries, or levels out of bounds.
    """
    known = strategy_of(entry).exit_axes
    for name in exits:
        if name not in known:
            raise SearchError(f"exits: {name} is no exit parameter; they are {', '.join(known)}")
    spec = grid_spec(entry, exits)
    return engine_tally(panel, spec, execution=execution, costs=costs, rows=rows)

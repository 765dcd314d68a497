"""The engine's front door: tallies of whole grids, and of one entry's exit cube."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from research.costs import Costs
from research.errors import SearchError
from research.features.panel import Panel
from strategies.execution import Execution
from strategies.registry import Params, strategy_of
from sweeps.axes import GridSpec, grid_spec
from sweeps.engine.budget import check_budget
from sweeps.engine.outputs import Outputs, empty_outputs, tally_of
from sweeps.engine.plan import Plan, plan_of
from sweeps.engine.run import ladder_of, sweep_groups
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
    plan = plan_of(panel, spec, execution, costs, rows)
    check_budget(plan, spec.size, memory_mib, cure="raise the memory or look for the best only")
    out = empty_outputs(spec.size, legs=plan.legs)
    rungs = ladder_of(plan, threads, with_corners=execution.overlap)
    for sets in sweep_groups(plan, rungs, out, threads, overlap=execution.overlap):
        if progress is not None:
            progress(sets)
    return tally_of(_in_grid_order(plan, spec, out))


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


def _in_grid_order(plan: Plan, spec: GridSpec, out: Outputs) -> Outputs:
    """Reversion's exit levels run the other way in the ladder; sets that are no sets are empty."""
    if plan.legs == 1:
        return out
    levels, holds = plan.exits.tp.size, plan.exits.horizons.size
    shape = (-1, levels, holds)
    counts, sums, worst = (
        np.ascontiguousarray(table.reshape(*table.shape[:-1], *shape)[..., ::-1, :]).reshape(
            table.shape
        )
        for table in (out.counts, out.sums, out.worst)
    )
    is_invalid = ~spec.is_valid
    counts[..., is_invalid], sums[..., is_invalid], worst[..., is_invalid] = 0, 0.0, np.nan
    return out._replace(counts=counts, sums=sums, worst=worst)

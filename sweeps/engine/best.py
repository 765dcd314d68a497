"""The best sets of a grid of any size: scored class by class, only the top of each kept.

A class of sets is tallied in the cache, read once, and overwritten by the next: the memory needed
does not grow with the grid.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from research.arrays import Bools, Floats, Ints
from research.errors import SearchError
from research.features.labels import SEGMENTS
from research.features.panel import Panel
from research.measures.costs import Costs
from strategies.law.execution import Execution
from sweeps.axes import GridSpec
from sweeps.engine.budget import check_budget
from sweeps.engine.kernels.outputs import lean_outputs
from sweeps.engine.kernels.rank import rank
from sweeps.engine.plan import Plan, plan_of
from sweeps.engine.pool import in_threads, pieces
from sweeps.engine.stages import Ladder, ladder_of, sweep_group_span

__all__ = ["BestSets", "engine_best"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BestSets:
    """The sets with the largest lower bound of the mean net pnl, per segment, best first.

    Attributes
    ----------
    sets
        int64, shape (segments, top): cells of the grid, -1 where there are fewer. Equals keep
        the order of the grid.
    lcb_pnl
        float64, shape (segments, top), percent; -inf where there are fewer.
    scored
        How many sets were looked at: what a statistic of the best must know.
    """

    sets: Ints
    lcb_pnl: Floats
    scored: int


def engine_best(
    panel: Panel,
    spec: GridSpec,
    *,
    execution: Execution,
    costs: Costs,
    rows: slice | None = None,
    threads: int = 1,
    progress: Callable[[int], None] | None = None,
    memory_mib: int = 1024,
    top: int = 100,
    min_events: int = 30,
) -> BestSets:
    """The best ``top`` sets of every segment, in bounded memory for a grid of any size.

    Parameters
    ----------
    min_events
        Sets with fewer trades in a segment are not ranked in it; at least 2.

    Raises
    ------
    FrameError
        ``rows`` hold no minute.
    SearchError
        Ladder and working tallies do not fit into ``memory_mib``; ``top`` below 1, ``min_events``
        below 2.
    """
    if top < 1 or min_events < 2:
        raise SearchError(
            f"top must be at least 1 and min_events at least 2, were {top} and {min_events}"
        )
    if spec.filter_axes:
        asked = {"rows": rows, "threads": threads, "progress": progress, "memory_mib": memory_mib}
        one = partial(
            engine_best, panel, execution=execution, costs=costs, top=top, min_events=min_events
        )
        return _of_variants(spec, partial(one, **asked), top)
    plan = plan_of(panel, spec, execution, costs, rows)
    check_budget(plan, threads * plan.group_sets, memory_mib, cure="raise the memory")
    ladder = ladder_of(plan, threads, overlap=execution.overlap)
    has_rule = spec.strategy.rule is not None
    valid = spec.is_valid if has_rule else np.ones(0, dtype=np.bool_)
    found: dict[int, tuple[Ints, Floats]] = {}

    def work(first: int, stop: int) -> None:
        found[first] = _best_of_span(plan, ladder, valid, (first, stop), top, min_events)

    for groups in in_threads(work, pieces(plan.groups, 8 * threads), threads):
        if progress is not None:
            progress(groups * plan.group_sets)
    scored = int(valid.sum()) if has_rule else spec.size
    sets, lcb = _merged([found[first] for first in sorted(found)], top)
    return BestSets(sets=sets, lcb_pnl=lcb, scored=scored)


def _of_variants(spec: GridSpec, best: Callable[[GridSpec], BestSets], top: int) -> BestSets:
    """The best over every combination of filters, each of which is a grid of its own."""
    found = [
        (outer * spec.inner_size, best(variant))
        for outer, variant in enumerate(spec.variants())
        if variant is not None
    ]
    parts = [(np.where(one.sets >= 0, one.sets + offset, -1), one.lcb_pnl) for offset, one in found]
    sets, lcb = _merged(parts, top)
    return BestSets(sets=sets, lcb_pnl=lcb, scored=sum(one.scored for _, one in found))


def _best_of_span(
    plan: Plan,
    ladder: Ladder,
    valid: Bools,
    span: tuple[int, int],
    top: int,
    min_events: int,
) -> tuple[Ints, Floats]:
    """Sets and lower bounds of the best of some groups, one class in memory at a time."""
    shape = (len(SEGMENTS), top)
    sets, lcb = np.full(shape, -1, dtype=np.int64), np.full(shape, -np.inf)
    levels = plan.exits.tp.size if plan.exit_levels_fall else 0
    out, first = lean_outputs(plan.cells), span[0] * plan.group_sets
    plans = [plan.with_cooldown(c) for c in range(plan.axes.cooldowns.size)]
    for group in range(*span):
        for one in plans:
            sweep_group_span(one, ladder, out, 0, (group, group + 1))
            rank(out.lean, first, levels, valid, min_events, sets, lcb)
            first += plan.cells
    return sets, lcb


def _merged(parts: list[tuple[Ints, Floats]], top: int) -> tuple[Ints, Floats]:
    """The best of all spans; spans come in the order of the grid, so equals keep it."""
    sets = np.concatenate([part[0] for part in parts], axis=1)
    lcb = np.concatenate([part[1] for part in parts], axis=1)
    order = np.argsort(-lcb, axis=1, kind="stable")[:, :top]
    return np.take_along_axis(sets, order, axis=1), np.take_along_axis(lcb, order, axis=1)

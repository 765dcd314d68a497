"""Ladder and sweep on threads, the same for every road into the engine."""

from collections.abc import Iterator

from sweeps.engine.corners import carve
from sweeps.engine.ladder import climb
from sweeps.engine.outputs import Outputs
from sweeps.engine.overlap import sweep_overlap
from sweeps.engine.plan import Plan
from sweeps.engine.pool import in_threads, pieces
from sweeps.engine.reversion import climb_reversion
from sweeps.engine.rungs import Rungs, empty_rungs
from sweeps.engine.single import sweep_single

__all__ = ["ladder_of", "sweep_group_span", "sweep_groups"]

_SMALL = 20_000  # candidates x rungs below which a thread costs more than it saves


def ladder_of(plan: Plan, threads: int, *, with_corners: bool) -> Rungs:
    """The rungs of every candidate row; ``with_corners`` carved into events."""
    rungs = empty_rungs(plan.candidates.rows.size, plan.ways, with_corners=with_corners)
    rows, sides = plan.candidates.rows, plan.candidates.sides
    walk = climb if plan.legs == 1 else climb_reversion

    def work(first: int, stop: int) -> None:
        walk(first, stop, rows, sides, rungs, plan.market, plan.exits)
        if with_corners:
            carve(first, stop, rungs, plan.exits)

    parts = 4 * threads if rows.size * plan.ways > _SMALL else 1
    for _ in in_threads(work, pieces(rows.size, parts), threads):
        pass
    return rungs


def sweep_groups(
    plan: Plan, rungs: Rungs, out: Outputs, span: tuple[int, int], threads: int, *, overlap: bool
) -> Iterator[int]:
    """Tallies a span of groups into ``out``; yields the number of sets of each finished task."""
    begin, end = span

    def work(first: int, stop: int) -> None:
        groups = (begin + first, begin + stop)
        sweep_group_span(plan, rungs, out, first * plan.group_sets, groups, overlap=overlap)

    for groups in in_threads(work, pieces(end - begin, 4 * threads), threads):
        yield groups * plan.group_sets


def sweep_group_span(
    plan: Plan, rungs: Rungs, out: Outputs, base: int, span: tuple[int, int], *, overlap: bool
) -> None:
    """Tallies the groups of one span into the sets of ``out`` from ``base`` on."""
    sweep = sweep_overlap if overlap else sweep_single
    sweep(*span, base, plan.n, plan.candidates, plan.axes, rungs, plan.exits, out)

"""Ladder and sweep on threads, the same for every road into the engine."""

from collections.abc import Iterator

import numpy as np

from sweeps.engine.kernels.corners import Events, carve, count_corners, empty_events
from sweeps.engine.kernels.one_class import sweep_one_class
from sweeps.engine.kernels.outputs import Outputs
from sweeps.engine.kernels.overlap import sweep_overlap
from sweeps.engine.kernels.rungs import Rungs, empty_rungs, price_rows
from sweeps.engine.kernels.single import sweep_single
from sweeps.engine.plan import Plan
from sweeps.engine.pool import in_threads, pieces

__all__ = ["Ladder", "ladder_of", "rungs_of", "sweep_group_span", "sweep_groups"]

_SMALL = 10_000  # candidates x rungs below which a thread costs more than it saves
_SMALL_SWEEP = 20_000  # candidates x groups, likewise: 0.27 ms on one, 0.37 on two
Ladder = Events | Rungs
"""What is known of every candidate row: events for overlapping positions, rungs for single ones."""


def ladder_of(plan: Plan, threads: int, *, overlap: bool) -> Ladder:
    """The ladder of every candidate row."""
    return events_of(plan, threads) if overlap else rungs_of(plan, threads)


def rungs_of(plan: Plan, threads: int) -> Rungs:
    """Every way out of every candidate row, priced."""
    rows, sides, exits = plan.candidates.rows, plan.candidates.sides, plan.exits
    rungs = empty_rungs(rows.size, plan.ways, with_prices=True)

    def work(first: int, stop: int) -> None:
        plan.climb(first, stop, rows, sides, rungs.when, plan.market, exits)
        price_rows(first, stop, rows, sides, rungs, plan.market, exits)

    _finish(in_threads(work, _spans(plan, threads), threads))
    return rungs


def events_of(plan: Plan, threads: int) -> Events:
    """The corner events of every candidate row."""
    rows, sides, exits = plan.candidates.rows, plan.candidates.sides, plan.exits
    rungs = empty_rungs(rows.size, plan.ways, with_prices=False)
    counts = np.zeros(rows.size, dtype=np.int64)

    def climb_span(first: int, stop: int) -> None:
        plan.climb(first, stop, rows, sides, rungs.when, plan.market, exits)
        count_corners(first, stop, rungs.when, exits, counts)

    def carve_span(first: int, stop: int) -> None:
        carve(first, stop, rows, sides, rungs.when, plan.market, exits, events)

    _finish(in_threads(climb_span, _spans(plan, threads), threads))
    events = empty_events(counts, plan.candidates.parts)
    _finish(in_threads(carve_span, _spans(plan, threads), threads))
    return events


def _spans(plan: Plan, threads: int) -> list[tuple[int, int]]:
    rows = int(plan.candidates.rows.size)
    return pieces(rows, 2 * threads if rows * plan.ways > _SMALL else 1)


def _finish(tasks: Iterator[int]) -> None:
    for _ in tasks:
        pass


def sweep_groups(
    plan: Plan, ladder: Ladder, out: Outputs, span: tuple[int, int], threads: int
) -> Iterator[int]:
    """Tallies a span of groups into ``out``; yields the number of sets of each finished task."""
    begin, end = span

    def work(first: int, stop: int) -> None:
        groups = (begin + first, begin + stop)
        sweep_group_span(plan, ladder, out, first * plan.group_sets, groups)

    if plan.candidates.rows.size * (end - begin) < _SMALL_SWEEP:
        threads = 1
    for groups in in_threads(work, pieces(end - begin, 4 * threads), threads):
        yield groups * plan.group_sets


def sweep_group_span(
    plan: Plan, ladder: Ladder, out: Outputs, base: int, span: tuple[int, int]
) -> None:
    """Tallies the groups of one span into the sets of ``out`` from ``base`` on."""
    if isinstance(ladder, Events):
        sweep_overlap(*span, base, plan.candidates, plan.axes, ladder, plan.exits, out)
    elif out.in_time and plan.axes.cooldowns.size == 1 and span[1] - span[0] == 1:
        sweep_one_class(span[0], base, plan.candidates, plan.axes, ladder, plan.exits, out)
    else:
        sweep_single(*span, base, plan.n, plan.candidates, plan.axes, ladder, plan.exits, out)

"""One grid on one panel, tallied piece by piece: the memory never holds more than one piece."""

from collections.abc import Callable, Iterator
from functools import cached_property, partial
from typing import Any

import numpy as np

from research.arrays import Bools
from research.features.panel import Panel
from research.measures.costs import Costs
from research.remembered import remembered
from strategies.law.execution import Execution
from sweeps.axes import GridSpec
from sweeps.engine.budget import SET_BYTES, check_budget, sets_within
from sweeps.engine.kernels.outputs import Outputs, full_outputs, tally_of
from sweeps.engine.kernels.rungs import Rungs
from sweeps.engine.plan import Plan, has_plan, plan_of
from sweeps.engine.stages import Ladder, ladder_of, rungs_of, sweep_groups
from sweeps.law_tally import LawSweep
from sweeps.tally import Tally

__all__ = ["AnySweep", "Sweep", "sweep_of"]

_MOST_SETS = 1 << 16  # of a piece: progress and Ctrl-C come between pieces


class Sweep:
    """A plan and its ladder, climbed once and swept over any sets of the grid.

    A grid with axes of filters is one sweep after the other (:meth:`inner`); its plan is that of
    the loosest filters, which needs the most memory.

    Parameters
    ----------
    rows
        Rows on which entries are allowed; the frame ends with the last of them.
    threads
        How many tasks run side by side, >= 1. The numbers do not depend on it.

    Raises
    ------
    FrameError
        ``rows`` hold no minute.
    """

    def __init__(
        self,
        panel: Panel,
        spec: GridSpec,
        *,
        execution: Execution,
        costs: Costs,
        rows: slice | None = None,
        threads: int = 1,
    ) -> None:
        self.panel = panel
        self.spec = spec
        self.overlap = execution.overlap
        self.threads = threads
        self.plan: Plan = plan_of(panel, spec.loosest(), execution, costs, rows)
        self._one = partial(
            Sweep, panel, execution=execution, costs=costs, rows=rows, threads=threads
        )
        self._last: tuple[int, Sweep | None] = (-1, None)

    @property
    def ladder(self) -> Ladder:
        """What is known of every candidate row, shared by all sets."""
        key = ("ladder", self.overlap)
        return remembered(
            self.plan,
            key,
            lambda: ladder_of(self.plan, self.threads, overlap=self.overlap),
            most=2,
        )

    def is_valid(self, first: int, stop: int) -> Bools:
        """Which of sets ``first .. stop`` the strategy accepts, shape (sets,)."""
        return self.spec.is_valid_at(np.arange(first, stop))

    def pieces(self, memory_mib: int, set_bytes: int = SET_BYTES) -> tuple[tuple[int, int], ...]:
        """Spans of sets that cover the grid, each of which fits into the memory with the ladder.

        Parameters
        ----------
        set_bytes
            What one set fills: by default its tally.

        Raises
        ------
        SearchError
            Not even the smallest piece does.
        """
        group = self.plan.group_sets
        cure = "raise the memory, or take fewer levels"
        set_bytes *= self._copies
        check_budget(self.plan, group, memory_mib, cure=cure, set_bytes=set_bytes)
        room = min(sets_within(self.plan, memory_mib, set_bytes), max(_MOST_SETS, group))
        step = max(room // group, 1) * group
        return tuple(
            (first, min(first + step, self.spec.size)) for first in range(0, self.spec.size, step)
        )

    def inner(self, first: int, stop: int) -> "Iterator[tuple[Sweep | None, int, int]]":
        """The sweep of each combination of filters that sets ``first .. stop`` touch.

        With the sets of it that they touch; None where the filters contradict each other.
        """
        size = self.spec.inner_size
        for outer, variant in enumerate(self.spec.variants()):
            low, high = max(first - outer * size, 0), min(stop - outer * size, size)
            if low >= high:
                continue
            if self._last[0] != outer:  # a piece may end within a variant: its ladder is kept
                self._last = (outer, None if variant is None else self._one(variant))
            yield self._last[1], low, high

    def whole(self, memory_mib: int) -> tuple[tuple[int, int], ...]:
        """The grid as one piece.

        Raises
        ------
        SearchError
            The memory cannot hold its tally beside the ladder.
        """
        cure = "raise the memory or write the grid to disk piece by piece"
        check_budget(
            self.plan, self.spec.size, memory_mib, cure=cure, set_bytes=SET_BYTES * self._joined
        )
        return ((0, self.spec.size),)

    @property
    def least(self) -> int:
        """Sets of the smallest piece."""
        return self.plan.group_sets

    def room(self, memory_mib: int) -> int:
        """How many sets' tallies the memory holds beside the ladder, one piece being made."""
        return sets_within(self.plan, memory_mib, SET_BYTES * self._copies)

    @property
    def _joined(self) -> int:
        """Tallies in memory at once: those of filter levels are joined to a second copy."""
        return 2 if self.spec.filter_axes else 1

    @property
    def _copies(self) -> int:
        """The same while pieces are made: tables of falling levels are turned as well."""
        return (2 if self.plan.exit_levels_fall else 1) * self._joined

    def tally(self, first: int, stop: int, progress: Callable[[int], None] | None = None) -> Tally:
        """The tally of sets ``first .. stop``, both multiples of the sets of a group.

        Parameters
        ----------
        progress
            Called with the number of sets that were finished since the last call.
        """
        if self.spec.filter_axes:
            spans = self.inner(first, stop)
            return Tally.joined([_of_variant(*span, progress=progress) for span in spans])
        out = full_outputs(stop - first, touch=self.plan.touch, expiry=self.plan.expiry)
        self.run(self.plan, out, first, stop, progress)
        counts, sums, worst = (
            self.in_grid_order(table, 1) for table in (out.counts, out.sums, out.worst)
        )
        if self.spec.strategy.rule is not None:
            is_invalid = ~self.is_valid(first, stop)
            counts[..., is_invalid], sums[..., is_invalid] = 0, 0.0
            worst[..., is_invalid] = np.nan
        return tally_of(out._replace(counts=counts, sums=sums, worst=worst))

    @cached_property
    def rungs(self) -> Rungs:
        """Every way out of every candidate row, priced."""
        if not self.overlap and isinstance(self.ladder, Rungs):
            return self.ladder
        return rungs_of(self.plan, self.threads)

    def run(
        self,
        plan: Plan,
        out: Outputs,
        first: int,
        stop: int,
        progress: Callable[[int], None] | None,
    ) -> None:
        """Sweeps ``plan``, a variant of the sweep's own, over sets ``first .. stop``."""
        span = (first // plan.group_sets, stop // plan.group_sets)
        for sets in sweep_groups(plan, self.ladder, out, span, self.threads):
            if progress is not None:
                progress(sets)

    def in_grid_order(self, table: Any, lanes: int) -> Any:
        """``table`` with sets x lanes along its last axis as the grid orders them.

        Levels that fall (those of reversion's exit) run the other way in the ladder.
        """
        if not self.plan.exit_levels_fall:
            return table
        levels, holds = self.plan.exits.tp.size, self.plan.exits.horizons.size
        shape = (-1, levels, holds * lanes)
        turned = table.reshape(*table.shape[:-1], *shape)[..., ::-1, :]
        return np.ascontiguousarray(turned).reshape(table.shape)


def _of_variant(
    sweep: Sweep | None, first: int, stop: int, *, progress: Callable[[int], None] | None
) -> Tally:
    if sweep is not None:
        return sweep.tally(first, stop, progress)
    if progress is not None:
        progress(stop - first)
    return Tally.empty(stop - first)


AnySweep = Sweep | LawSweep


def sweep_of(
    panel: Panel,
    spec: GridSpec,
    *,
    execution: Execution,
    costs: Costs,
    rows: slice | None = None,
    threads: int = 1,
) -> AnySweep:
    """The engine's sweep of a grid, or the law's own where the engine knows no plan for it.

    Raises
    ------
    FrameError
        ``rows`` hold no minute.
    """
    road = Sweep if has_plan(spec.strategy) else LawSweep
    return road(panel, spec, execution=execution, costs=costs, rows=rows, threads=threads)

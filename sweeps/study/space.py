"""The search space of a study: entries by the sampler, exits as a cube for the engine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import optuna

from strategies.registry import Params, strategy_of
from sweeps.axes import Axis, axis_bounds, grid_spec, with_values

__all__ = ["SearchSpace", "search_space"]

DECIMALS = 4  # of a percent: a hundredth of a basis point is below any tick
_LOG_FROM = 4.0  # from this ratio of its ends on an axis is searched in ratios
EXIT_LEVELS = 10  # an axis: the engine scores all combinations of them at once


@dataclass(frozen=True, slots=True)
class SearchSpace:
    """What a study may vary, between the lowest and the highest level of each axis.

    Attributes
    ----------
    entries
        Axes that decide about entries, filters among them: a trial proposes one point between
        their ends.
    exits
        Levels by name of every exit parameter: a trial is scored on all their combinations.
    """

    entries: tuple[Axis, ...]
    exits: dict[str, list[float]]
    hold_axis: str = ""

    @property
    def longest_hold(self) -> int:
        """Minutes that a trade of any set may last; 0 where the space varies no hold."""
        return int(max(self.exits.get(self.hold_axis, [0.0])))

    @property
    def cube(self) -> tuple[int, ...]:
        """Number of levels of each exit parameter."""
        return tuple(len(levels) for levels in self.exits.values())

    def distributions(self, base: Params) -> dict[str, optuna.distributions.BaseDistribution]:
        """A distribution for every entry axis that has two different ends."""
        known = axis_bounds(base)
        space: dict[str, optuna.distributions.BaseDistribution] = {}
        for axis in self.entries:
            low, high = axis.levels[0], axis.levels[-1]
            if low == high:
                continue
            if known[axis.name].is_integer:
                space[axis.name] = optuna.distributions.IntDistribution(int(low), int(high))
            else:
                is_wide = low > 0 and high / low >= _LOG_FROM
                space[axis.name] = optuna.distributions.FloatDistribution(low, high, log=is_wide)
        return space

    def entry_at(self, base: Params, values: Mapping[str, Any]) -> Params:
        """``base`` at the proposed entry, with the lowest level of every exit.

        Thresholds are rounded to what a person would write.

        Raises
        ------
        ParamError
            No exit level fits this entry (such as exit >= entry at the lowest).
        """
        chosen = {axis.name: axis.levels[0] for axis in self.entries} | dict(values)
        lowest = {name: levels[0] for name, levels in self.exits.items()}
        return _at(base, chosen | lowest)

    def exit_at(self, entry: Params, cell: int) -> Params:
        """``entry`` with the exit levels of one cell of the cube (C order). Raises ParamError."""
        index = np.unravel_index(cell, self.cube)
        pairs = zip(self.exits.items(), index, strict=True)
        return _at(entry, {name: levels[int(i)] for (name, levels), i in pairs})


def search_space(base: Params, levels: Mapping[str, Sequence[float] | str]) -> SearchSpace:
    """The space between the ends of ``levels``. Raises SearchError as grids do."""
    strategy = strategy_of(base)
    axes = {axis.name: axis for axis in grid_spec(base, levels).axes}
    known = axis_bounds(base)
    exits = {
        name: _between(axes[name].levels, is_integer=known[name].is_integer)
        for name in strategy.exit_axes
    }
    entries = [name for name in axes if name not in strategy.exit_axes]
    return SearchSpace(tuple(axes[name] for name in entries), exits, strategy.hold_axis)


def _between(levels: Sequence[float], *, is_integer: bool) -> list[float]:
    """Levels from the lowest to the highest, evenly spaced in ratio (in steps from a low of 0)."""
    low, high = levels[0], levels[-1]
    spread = np.geomspace if low > 0 else np.linspace
    found = spread(low, high, EXIT_LEVELS).round(0 if is_integer else DECIMALS)
    return sorted({float(level) for level in found})


def _at(base: Params, values: Mapping[str, Any]) -> Params:
    return with_values(base, {name: round(float(v), DECIMALS) for name, v in values.items()})

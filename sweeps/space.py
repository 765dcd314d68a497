"""The search space of a study: every axis with its ends, within the bounds on the params."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import optuna

from strategies.bounds import bounds
from strategies.registry import Params
from sweeps.axes import Axis, grid_spec, typed

__all__ = ["distributions", "params_from", "search_axes"]

DECIMALS = 4  # of a percent: a hundredth of a basis point is below any tick


def search_axes(base: Params, levels: Mapping[str, Sequence[float] | str]) -> tuple[Axis, ...]:
    """The axes of the grid that a study searches between. Raises SearchError as grids do."""
    return grid_spec(base, levels).axes


def distributions(
    base: Params, axes: Sequence[Axis]
) -> dict[str, optuna.distributions.BaseDistribution]:
    """A distribution for every axis with more than one level, between its lowest and highest."""
    known = bounds(base)
    space: dict[str, optuna.distributions.BaseDistribution] = {}
    for axis in axes:
        low, high = axis.levels[0], axis.levels[-1]
        if low == high:
            continue
        if known[axis.name].is_integer:
            space[axis.name] = optuna.distributions.IntDistribution(int(low), int(high))
        else:
            space[axis.name] = optuna.distributions.FloatDistribution(low, high)
    return space


def params_from(base: Params, axes: Sequence[Axis], values: Mapping[str, Any]) -> Params:
    """Parameters at ``values``; thresholds rounded to what a person would write.

    Raises
    ------
    ParamError
        The values together are no valid set (such as exit >= entry).
    """
    fixed = {axis.name: axis.levels[0] for axis in axes if axis.levels[0] == axis.levels[-1]}
    chosen = fixed | dict(values)
    rounded: dict[str, Any] = {
        name: typed(base, name, round(float(value), DECIMALS)) for name, value in chosen.items()
    }
    return replace(base, **rounded)

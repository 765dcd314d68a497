"""A grid of many axes seen along two: the others maximised, fixed or averaged away."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from research.arrays import Bools, Floats, Ints
from research.errors import SearchError
from research.features.labels import SEGMENTS, segment_of
from sweeps.grid.about import grid_columns
from sweeps.grid.bests import Bests
from sweeps.grid.result import GridResult
from sweeps.grid.stored.summary import BY

__all__ = ["HOWS", "How", "Projection", "fixed_levels", "project", "project_cubes"]

How = Literal["best", "median", "positive", "fixed"]
HOWS = ("best", "median", "positive", "fixed")


class Projection(NamedTuple):
    """One value and its trades for each cell; arrays of shape (y levels, x levels)."""

    values: Floats  # NaN where unknown
    events: Ints
    is_valid: Bools  # whether the cell holds any valid parameter set
    sets: Ints  # the set that a cell shows; -1 for a median or a share


def project(
    result: GridResult,
    segment: str,
    value: str,
    *,
    x: str,
    y: str,
    how: How = "best",
    min_events: int = 30,
    frozen: Mapping[str, float] | None = None,
) -> Projection:
    """The report column ``value`` over two axes.

    Parameters
    ----------
    how
        What each cell makes of its sets, those that differ in the other axes. ``best``: the set
        with the largest value among those with ``min_events`` trades; where none has, the set
        with most trades. ``median``: the median over the sets with ``min_events`` trades; where
        none has, over all with a known value. ``positive``: the percent of these above 0.
        ``fixed``: as ``best``, for when ``frozen`` names every other axis and one set is left.
    frozen
        Level of axes of which only that level counts.
    """
    spec = result.spec
    if how == "best" and not frozen:
        return _best_of(result, segment, value, spec.position(y), spec.position(x), min_events)
    taken: list[slice] = [slice(None)] * len(spec.axes)
    for name, level in (frozen or {}).items():
        index = spec.axes[spec.position(name)].levels.index(level)
        taken[spec.position(name)] = slice(index, index + 1)
    shown = (spec.position(y), spec.position(x))
    return project_cubes(
        (
            result.cube(value, segment),
            result.cube("events", segment),
            spec.is_valid.reshape(spec.shape),
            np.arange(spec.size).reshape(spec.shape),
        ),
        shown,
        how=how,
        min_events=min_events,
        taken=taken,
    )


def _best_of(
    result: GridResult, segment: str, value: str, y: int, x: int, min_events: int
) -> Projection:
    """From what was summed up as the grid was made, else from its pieces one by one."""
    at, known = SEGMENTS.index(segment_of(segment)), result.summary
    if known is not None and (value, min_events) == (BY, known.min_events):
        return Projection(*known.bests.shown(y, x, at))
    bests, first = Bests.nothing(result.spec, [(y, x)], 1, min_events), 0
    if value not in grid_columns(result.spec):  # worked out of the whole grid
        columns = (result.column(name, segment)[np.newaxis] for name in (value, "events"))
        bests.take(0, *columns)  # type: ignore[arg-type]  # the first is made of floats
        return Projection(*bests.shown(y, x, 0))
    for piece in result.tally.in_pieces(at):
        values = np.asarray(piece.column(value), np.float64)
        bests.take(first, values[np.newaxis], piece.events[np.newaxis])
        first += len(values)
    return Projection(*bests.shown(y, x, 0))


def project_cubes(
    cubes: tuple[Any, Any, Any, Any],
    shown: tuple[int, int],
    *,
    how: How,
    min_events: int,
    taken: Sequence[slice],
) -> Projection:
    """The same of columns that were read: value, trades, validity and number of every set.

    Parameters
    ----------
    cubes
        One dimension for each axis of the grid.
    shown
        Positions of the axes y and x.
    taken
        What counts of each axis.
    """
    taken, rows = list(taken), []
    for row in range(cubes[0].shape[shown[0]]):  # a grid may be larger than what is left of memory
        taken[shown[0]] = slice(row, row + 1)
        parts = (np.moveaxis(cube[tuple(taken)], shown, (0, 1)) for cube in cubes)
        flat = [part.reshape(*part.shape[:2], -1) for part in parts]
        rows.append(_project_row(*flat, how=how, min_events=min_events))
    return Projection(*(np.concatenate(each) for each in zip(*rows, strict=True)))


def _project_row(
    values: Any, events: Any, is_valid: Any, sets: Any, *, how: How, min_events: int
) -> Projection:
    """Cells of shape (1, x levels) from their sets, shape (1, x levels, sets)."""
    values = values.astype(np.float64)
    is_known = is_valid & ~np.isnan(values)
    is_enough = is_known & (events >= min_events)
    if how in ("median", "positive"):
        counted = np.where(is_enough.any(axis=2, keepdims=True), is_enough, is_known)
        middle = np.nan_to_num(np.floor(_median(events, counted))).astype(np.int64)
        nobody = np.full(middle.shape, -1, dtype=np.int64)
        of = _median if how == "median" else _positive
        return Projection(of(values, counted), middle, is_valid.any(axis=2), nobody)
    largest = np.where(is_enough, values, -np.inf).argmax(axis=2)
    most = np.where(is_valid, events, -1).argmax(axis=2)
    pick = np.where(is_enough.any(axis=2), largest, most)[:, :, np.newaxis]
    value, count, cell = (
        np.take_along_axis(each, pick, axis=2)[:, :, 0] for each in (values, events, sets)
    )
    return Projection(value, count, is_valid.any(axis=2), cell)


def fixed_levels(
    result: GridResult,
    shown: tuple[str, str],
    *,
    value: str,
    min_events: int,
    given: Mapping[str, float],
) -> dict[str, float]:
    """A level for every axis that is not ``shown``: the one given, or that of the best of ``all``.

    Raises
    ------
    SearchError
        An axis that is shown or does not exist, or a level that it does not have.
    """
    spec = result.spec
    for name, level in given.items():
        levels = spec.axes[spec.position(name)].levels
        if name in shown:
            raise SearchError(f"axis {name}: shown, so it cannot be fixed; fix the others")
        if level not in levels:
            known = ", ".join(f"{each:g}" for each in levels)
            raise SearchError(f"axis {name}: no level {level:g}; take one of {known}")
    best = result.best("all", value, min_events, top=1)
    if best.empty:
        best = result.best("all", "events", 0, top=1)
    others = [axis.name for axis in spec.axes if axis.name not in shown]
    return {name: float(given.get(name, best.iloc[0][name])) for name in others}


def _positive(values: Any, counted: Bools) -> Floats:
    """Percent above 0 along the last axis of what is counted, NaN where nothing is."""
    count = counted.sum(axis=2)
    above = (counted & (values > 0)).sum(axis=2)
    share: Floats = np.where(count > 0, above / np.maximum(count, 1) * 100, np.nan)
    return share


def _median(values: Any, counted: Bools) -> Floats:
    """Median along the last axis of what is counted, NaN where nothing is."""
    last = np.sort(np.where(counted, values, np.inf), axis=2)
    count = counted.sum(axis=2, keepdims=True)
    low, high = np.maximum(count - 1, 0) // 2, count // 2
    pair = [np.take_along_axis(last, np.minimum(at, last.shape[2] - 1), 2) for at in (low, high)]
    middle: Floats = np.where(count > 0, (pair[0] + pair[1]) / 2, np.nan)[:, :, 0]
    return middle

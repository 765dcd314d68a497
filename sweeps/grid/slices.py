"""A grid along its axes: what one level earns whatever the others are, and who lives next door.

Axes have names here; a library of labelled arrays would be a dependency for what ``marginal``,
``neighbourhood`` and :meth:`sweeps.grid.result.GridResult.cube` give in a few lines.
"""

from typing import Any, Literal

import numpy as np
import pandas as pd

from research.arrays import Floats, Ints
from research.errors import SearchError
from sweeps.grid.result import GridResult

__all__ = ["marginal", "neighbourhood"]

How = Literal["best", "median", "mean"]


def marginal(
    result: GridResult,
    *axes: str,
    value: str = "lcb_pnl",
    segment: str = "all",
    how: How = "best",
    min_events: int = 30,
) -> pd.DataFrame:
    """One row for every combination of levels of ``axes``: a report column over all the others.

    Parameters
    ----------
    axes
        One or more names; they make the index, in this order.
    how
        ``best``, ``median`` or ``mean`` of the sets that are valid and have ``min_events`` trades.

    Returns
    -------
    DataFrame
        ``value`` (NaN where no set counts), ``sets`` that count, and for ``best`` the ``set``
        (-1 where none does; equals: the first of the grid).

    Raises
    ------
    ParamError
        No such segment.
    SearchError
        No such axis or column, none or one twice, or another ``how``.
    """
    if not axes or len(set(axes)) < len(axes):
        raise SearchError(f"marginal needs one or more different axes, was {axes}")
    if how not in ("best", "median", "mean"):
        raise SearchError(f"how must be best, median or mean, was {how!r}")
    spec, shown = result.spec, tuple(result.spec.position(name) for name in axes)
    values = np.asarray(result.cube(value, segment), dtype=np.float64).copy()
    is_counted = result.is_valid.reshape(spec.shape) & ~np.isnan(values)
    values[~(is_counted & (result.cube("events", segment) >= min_events))] = np.nan
    rows = np.moveaxis(values, shown, range(len(shown))).reshape(
        *(spec.shape[at] for at in shown), -1
    )
    rows = rows.reshape(-1, rows.shape[-1])
    index = pd.MultiIndex.from_product([spec.axes[at].levels for at in shown], names=axes)
    table = pd.DataFrame({value: _reduced(rows, how)}, index=index)
    table["sets"] = np.count_nonzero(~np.isnan(rows), axis=1)
    if how == "best":
        cells = np.moveaxis(np.arange(spec.size).reshape(spec.shape), shown, range(len(shown)))
        table["set"] = _picked(rows, cells.reshape(rows.shape))
    return table


def neighbourhood(
    result: GridResult,
    cell: int,
    *,
    value: str = "lcb_pnl",
    segment: str = "all",
) -> pd.DataFrame:
    """A set and those one level away along each axis: a peak whose neighbours lose is luck.

    Returns
    -------
    DataFrame
        Index ``set``; ``axis`` and ``level`` that differ (empty and NaN for the set itself), then
        the parameters, ``events`` and ``value`` (NaN without trades).

    Raises
    ------
    ParamError
        No such segment.
    SearchError
        No such set or column.
    """
    spec = result.spec
    if not 0 <= cell < spec.size:
        raise SearchError(f"set {cell}: the grid has sets 0 to {spec.size - 1:,}")
    found, axes, levels = [cell], [""], [np.nan]
    for at, axis in enumerate(spec.axes):
        inner = int(np.prod(spec.shape[at + 1 :], dtype=np.int64))
        here = cell // inner % len(axis)
        for step in (-1, 1):
            if 0 <= here + step < len(axis):
                found.append(cell + step * inner)
                axes.append(axis.name)
                levels.append(axis.levels[here + step])
    columns = list(dict.fromkeys(["events", value]))
    table = result.table(segment, columns, np.array(found))
    table.insert(0, "level", levels)
    table.insert(0, "axis", axes)
    return table


def _reduced(rows: Floats, how: How) -> Floats:
    """The best, median or mean of the known values of each row, NaN where there is none."""
    out = np.full(len(rows), np.nan)
    known = ~np.isnan(rows).all(axis=1)
    reductions: dict[str, Any] = {"best": np.nanmax, "median": np.nanmedian, "mean": np.nanmean}
    out[known] = reductions[how](rows[known], axis=1)
    return out


def _picked(rows: Floats, cells: Ints) -> Ints:
    """The cell of the largest value of each row; the first of the grid among equals, -1 if none."""
    ties = rows == np.fmax.reduce(rows, axis=1, keepdims=True)
    first: Ints = np.where(ties, cells, np.iinfo(np.int64).max).min(axis=1)
    return np.where(ties.any(axis=1), first, -1)

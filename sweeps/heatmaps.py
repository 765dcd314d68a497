"""Heatmaps of a grid: a report column over two axes, one panel per segment."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from research.errors import SearchError
from research.features.labels import SEGMENTS, segment_of
from research.plots.heatmap import HeatmapAxis, HeatmapInfo, HeatmapPanel
from strategies.bounds import bounds
from sweeps.axes import GridSpec
from sweeps.grid import GridResult, grid_columns
from sweeps.projection import HOWS, How, Projection, fixed_levels, project

__all__ = ["DEFAULT_AXES", "check_view", "heatmap_info"]

DEFAULT_AXES = {"lead": ("spread_entry", "move_pct"), "reversion": ("entry", "exit")}
"""What to look at first: x and y by strategy."""

_SIGNED = ("avg_pnl", "lcb_pnl", "total_pnl", "max_loss")
_UNITS = {
    "events": "trades",
    "avg_hold": "min",
    "breakeven_bps": "bps of a round trip",
    "total_pnl": "% of notional, summed",
    "win_rate": "% of trades",
}


def heatmap_info(
    result: GridResult,
    x: str,
    y: str,
    *,
    value: str = "lcb_pnl",
    segments: Sequence[str] | None = None,
    min_events: int = 30,
    how: How = "best",
    fixed: Mapping[str, float] | None = None,
) -> HeatmapInfo:
    """A report column over two axes of a grid, one panel per segment.

    Parameters
    ----------
    x, y
        Names of two different axes.
    value
        A report column of the grid.
    segments
        Names in any order (default: all sixteen); sessions make the rows, regimes the columns.
    min_events
        Cells with fewer trades are hatched.
    how
        What happens with the other axes: ``best``, ``median`` (:func:`sweeps.projection.project`)
        or ``fixed``: one level each, the same in all panels.
    fixed
        Levels for ``how="fixed"``; an axis not named takes the level of the best set of ``all``.

    Raises
    ------
    ParamError
        No such segment.
    SearchError
        No such axis, level or column; ``x`` equals ``y``; an unknown ``how``; ``fixed`` without
        ``how="fixed"``.
    """
    check_view(result.spec, x, y, value=value, how=how)
    if fixed and how != "fixed":
        raise SearchError(f"levels to fix need how='fixed', was {how!r}")
    frozen = {}
    if how == "fixed":
        frozen = fixed_levels(result, (x, y), value=value, min_events=min_events, given=fixed or {})
    places = _places(segments)
    seen = {
        name: project(result, name, value, x=x, y=y, how=how, min_events=min_events, frozen=frozen)
        for name in places
    }
    center = _center(result, value)
    return HeatmapInfo(
        title=f"{result.name}: {value} over {x} and {y}",
        subtitle=result.label,
        x=_axis(result, x),
        y=_axis(result, y),
        value=value,
        unit=_UNITS.get(value, "% of trades" if value.endswith("_share") else "% a trade"),
        center=center,
        limits=_limits(list(seen.values()), min_events, center),
        min_events=min_events,
        is_valid=_read_only(next(iter(seen.values())).is_valid),
        panels=tuple(_panel(name, places[name], seen[name], min_events) for name in places),
        notes=(
            f"model: {result.model}",
            _others(result, (x, y), value=value, how=how, frozen=frozen, given=fixed or {}),
            _caveat(result, center),
        ),
    )


def check_view(spec: GridSpec, x: str, y: str, *, value: str, how: str) -> None:
    """Refuses, before any work, what :func:`heatmap_info` could not show. Raises SearchError."""
    for name in (x, y):
        spec.position(name)
    if x == y:
        raise SearchError(f"a heatmap needs two different axes, was {x} twice")
    if value not in grid_columns(spec):
        raise SearchError(
            f"column {value}: not known for a {spec.strategy.name} grid; "
            f"it has {', '.join(grid_columns(spec))}"
        )
    if how not in HOWS:
        raise SearchError(f"how must be {', '.join(HOWS[:-1])} or {HOWS[-1]}, was {how!r}")


def _places(segments: Sequence[str] | None) -> dict[str, tuple[int, int]]:
    """Row and column of each segment: sessions down, regimes across, `any` first."""
    names = segments or [segment.name for segment in SEGMENTS]
    chosen = sorted({segment_of(name) for name in names}, key=SEGMENTS.index)
    keys = [tuple(-1 if code is None else code for code in segment) for segment in chosen]
    rows, columns = (sorted({key[side] for key in keys}) for side in (0, 1))
    return {
        segment.name: (rows.index(row), columns.index(column))
        for segment, (row, column) in zip(chosen, keys, strict=True)
    }


def _panel(name: str, place: tuple[int, int], seen: Projection, min_events: int) -> HeatmapPanel:
    is_thin = seen.events < min_events
    known = np.where(is_thin, np.nan, seen.values)
    best = None
    if not np.isnan(known).all():
        row, column = np.unravel_index(np.nanargmax(known), known.shape)
        best = (int(row), int(column))
    return HeatmapPanel(
        segment=name,
        row=place[0],
        column=place[1],
        values=_read_only(seen.values),
        events=_read_only(seen.events),
        is_thin=_read_only(is_thin),
        best=best,
    )


def _center(result: GridResult, value: str) -> float | None:
    """What parts good from bad: 0 for a pnl, the round trip for the cost it could bear."""
    if value == "breakeven_bps":
        costs = result.costs
        pct = costs.fees_pct + costs.slippage_pct(result.spec.strategy.legs)
        return round(pct * 100, 9)
    return 0.0 if value in _SIGNED else None


def _limits(
    seen: Sequence[Projection], min_events: int, center: float | None
) -> tuple[float, float]:
    """Ends of the colours, from cells with enough trades; from all where there is none."""
    values = np.concatenate([each.values.ravel() for each in seen])
    events = np.concatenate([each.events.ravel() for each in seen])
    is_known = ~np.isnan(values)
    is_enough = is_known & (events >= min_events)
    used = values[is_enough if is_enough.any() else is_known]
    if center is not None:
        end = float(np.abs(used - center).max(initial=0.0)) or 1.0
        return center - end, center + end
    return 0.0, float(used.max(initial=0.0)) or 1.0


def _axis(result: GridResult, name: str) -> HeatmapAxis:
    levels = np.array(result.spec.axes[result.spec.position(name)].levels)
    return HeatmapAxis(name, bounds(result.spec.base)[name].unit, _read_only(levels))


def _read_only(array: Any) -> Any:
    array.setflags(write=False)
    return array


def _others(
    result: GridResult,
    shown: tuple[str, str],
    *,
    value: str,
    how: How,
    frozen: Mapping[str, float],
    given: Mapping[str, float],
) -> str:
    """What happened with the axes that are not shown."""
    others = [axis for axis in result.spec.axes if axis.name not in shown]
    still = {axis.name: axis.levels[0] for axis in others if len(axis) == 1} | dict(frozen)
    free = [axis for axis in others if axis.name not in still]
    parts = []
    if free:
        verb = f"set with the largest {value}" if how == "best" else f"median {value}"
        count = math.prod(len(axis) for axis in free)
        names = ", ".join(axis.name for axis in free)
        parts.append(f"each cell: the {verb} of {count:,} over {names}")
    if still:
        known = bounds(result.spec.base)
        levels = (f"{name} {level:g} {known[name].unit}" for name, level in still.items())
        is_picked = any(len(axis) > 1 and axis.name not in {*given, *shown} for axis in others)
        source = " (levels not given: from the best set of all)" if frozen and is_picked else ""
        parts.append(f"fixed: {', '.join(levels)}{source}")
    return "; ".join(parts)


def _caveat(result: GridResult, center: float | None) -> str:
    count = int(result.is_valid.sum())
    text = f"{count:,} sets were scored on these minutes: the best of them is picked in-sample"
    if result.edges.is_in_sample:
        text += "; regimes: edges: in-sample"
    if center:
        text += f"; colours part at the round trip of {center:g} bps (before funding)"
    return text

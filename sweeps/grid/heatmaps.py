"""Heatmaps of a grid: a report column over two axes, one panel per segment.

Columns that do not add up (medians, quantiles, drawdowns, ...) are made by the law for the very
sets that are shown: :mod:`sweeps.grid.exact`.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from research.arrays import Bools, Floats
from research.errors import SearchError
from research.features.labels import SEGMENTS, segment_of
from research.features.panel import Panel
from research.plots.heatmap import HeatmapAxis, HeatmapInfo, HeatmapPanel
from research.statistics.plateau import connected
from sweeps.axes import GridSpec, axis_bounds, nearest
from sweeps.grid.about import grid_columns
from sweeps.grid.exact import exact_reports
from sweeps.grid.looks.derived import AFTER_COLUMNS, derived_note, derived_of
from sweeps.grid.looks.scale import LESS_IS_BETTER, center_of, limits_of, unit_of
from sweeps.grid.projection import HOWS, How, Projection, fixed_levels, project
from sweeps.grid.result import GridResult

__all__ = ["PICKED_BY", "check_view", "heatmap_info", "plateau_of"]

PICKED_BY = "lcb_pnl"
"""What picks the set of a cell where the column that is shown does not add up."""


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
    panel: Panel | None = None,
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> HeatmapInfo:
    """A report column over two axes of a grid, one panel per segment.

    Parameters
    ----------
    x, y
        Names of two different axes.
    value
        A report column of the strategy. One that does not add up over trades is shown for the set
        that ``how`` picks by ``lcb_pnl``, exactly, and needs ``panel``: the one of the grid.
    segments
        Names in any order (default: all sixteen); sessions make the rows, regimes the columns.
    min_events
        Cells with fewer trades are hatched.
    how
        What happens with the other axes: ``best``, ``median``
        (:func:`sweeps.grid.projection.project`) or ``fixed``: one level each, the same in all
        panels.
    fixed
        Levels for ``how="fixed"``; an axis not named takes the level of the best set of ``all``.

    Raises
    ------
    ParamError
        No such segment.
    SearchError
        No such axis, level or column; ``x`` equals ``y``; an unknown ``how``; ``fixed`` without
        ``how="fixed"``; an exact column without ``panel`` or as a median.
    """
    check_view(result.spec, x, y, value=value, how=how, derived=derived_of(result))
    if fixed and how != "fixed":
        raise SearchError(f"levels to fix need how='fixed', was {how!r}")
    frozen = {}
    known = result.columns
    picked_by = value if value in known else PICKED_BY
    if how == "fixed":
        frozen = fixed_levels(
            result, (x, y), value=picked_by, min_events=min_events, given=fixed or {}
        )
    places = _places(segments)
    seen = {
        name: project(
            result, name, picked_by, x=x, y=y, how=how, min_events=min_events, frozen=frozen
        )
        for name in places
    }
    if picked_by != value:
        seen = _exactly(seen, result, value, panel=panel, threads=threads, progress=progress)
    shown = f"sets with positive {value}" if how == "positive" else value
    center = 50.0 if how == "positive" else center_of(result, value)
    return HeatmapInfo(
        title=f"{result.name}: {shown} over {x} and {y}",
        subtitle=result.label,
        x=_axis(result, x),
        y=_axis(result, y),
        value=value,
        unit="% of sets" if how == "positive" else unit_of(value),
        center=center,
        limits=(0.0, 100.0)
        if how == "positive"
        else limits_of(list(seen.values()), min_events, center, value),
        min_events=min_events,
        is_valid=_read_only(next(iter(seen.values())).is_valid),
        panels=tuple(
            _panel(
                name, places[name], seen[name], value=value, min_events=min_events, center=center
            )
            for name in places
        ),
        notes=(
            f"model: {result.model}",
            _others(result, (x, y), value=picked_by, how=how, frozen=frozen, given=fixed or {}),
            *_exactness(value, picked_by, how),
            *derived_note(result, value),
            _caveat(result, value, center),
        ),
        is_less_better=value in LESS_IS_BETTER,
    )


def check_view(
    spec: GridSpec, x: str, y: str, *, value: str, how: str, derived: Sequence[str] = ()
) -> None:
    """Refuses, before any work, what :func:`heatmap_info` could not show. Raises SearchError."""
    for name in (x, y):
        spec.position(name)
    if x == y:
        raise SearchError(f"a heatmap needs two different axes, was {x} twice")
    known = (*spec.strategy.report_columns, *derived)
    if value in AFTER_COLUMNS and value not in derived:
        raise SearchError(
            f"column {value}: this grid has no numbers from after its minutes; the grids of a run "
            "have (`leadfollow run`), others show what they were searched on"
        )
    if value not in known:
        raise SearchError(
            f"column {value}: not known for a {spec.strategy.name} grid; {nearest(value, known)}"
            f"it has {', '.join(known)}"
        )
    if how not in HOWS:
        raise SearchError(f"how must be {', '.join(HOWS[:-1])} or {HOWS[-1]}, was {how!r}")
    if how in ("median", "positive") and value not in (*grid_columns(spec), *derived):
        raise SearchError(
            f"column {value}: does not add up, so only sets that are picked can show it; "
            "take how='best' or how='fixed'"
        )


def _exactly(
    seen: Mapping[str, Projection],
    result: GridResult,
    value: str,
    *,
    panel: Panel | None,
    threads: int | None,
    progress: Callable[[int], None] | None,
) -> dict[str, Projection]:
    """The same cells with an exact column of the sets that they show."""
    if panel is None:
        raise SearchError(
            f"column {value}: does not add up over trades, so it needs the panel of the grid; "
            "give panel="
        )
    wanted = {
        name: np.unique(each.sets[each.is_valid & (each.events > 0)]).tolist()
        for name, each in seen.items()
    }
    table = exact_reports(panel, result, wanted, threads=threads, progress=progress)[value]
    found = {}
    for name, each in seen.items():
        known = dict(zip(wanted[name], table.loc[[name]], strict=True)) if wanted[name] else {}
        exact = [known.get(cell, np.nan) for cell in each.sets.ravel().tolist()]
        found[name] = each._replace(values=np.array(exact).reshape(each.sets.shape))
    return found


def _exactness(value: str, picked_by: str, how: How) -> tuple[str, ...]:
    if value == picked_by:
        return ()
    which = "with the fixed levels"
    if how == "best":
        which = f"with the largest {picked_by} (hatched cells: with the most trades)"
    return (f"each cell: exact {value}, by the law, of the set {which}",)


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


def _panel(
    name: str,
    place: tuple[int, int],
    seen: Projection,
    *,
    value: str,
    min_events: int,
    center: float | None,
) -> HeatmapPanel:
    is_thin = seen.events < min_events
    known = np.where(is_thin, np.nan, seen.values)
    best = None
    if not np.isnan(known).all():
        at = np.nanargmin(known) if value in LESS_IS_BETTER else np.nanargmax(known)
        row, column = np.unravel_index(at, known.shape)
        best = (int(row), int(column))
    return HeatmapPanel(
        segment=name,
        row=place[0],
        column=place[1],
        values=_read_only(seen.values),
        events=_read_only(seen.events),
        is_thin=_read_only(is_thin),
        best=best,
        plateau=_read_only(plateau_of(known, best, center or 0.0)),
    )


def plateau_of(known: Floats, best: tuple[int, int] | None, center: float) -> Bools:
    """The cells around the best one that keep half of its distance from ``center``.

    Parameters
    ----------
    known
        Shape (y levels, x levels); NaN does not belong to any plateau.
    best
        Row and column; None, or one not above ``center``, has no plateau.
    """
    if best is None or not known[best] > center:
        return np.zeros(known.shape, dtype=np.bool_)
    return connected(known >= center + (known[best] - center) / 2, best)


def _axis(result: GridResult, name: str) -> HeatmapAxis:
    levels = np.array(result.spec.axes[result.spec.position(name)].levels)
    return HeatmapAxis(name, axis_bounds(result.spec.base)[name].unit, _read_only(levels))


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
        verb = {
            "median": f"median {value}",
            "positive": f"share with {value} above 0",
        }.get(how, f"set with the largest {value}")
        count = math.prod(len(axis) for axis in free)
        names = ", ".join(axis.name for axis in free)
        parts.append(f"each cell: the {verb} of {count:,} over {names}")
    if still:
        known = axis_bounds(result.spec.base)
        levels = (f"{name} {level:g} {known[name].unit}" for name, level in still.items())
        is_picked = any(len(axis) > 1 and axis.name not in {*given, *shown} for axis in others)
        source = " (levels not given: from the best set of all)" if frozen and is_picked else ""
        parts.append(f"fixed: {', '.join(levels)}{source}")
    return "; ".join(parts)


def _caveat(result: GridResult, value: str, center: float | None) -> str:
    count = int(result.is_valid.sum())
    text = f"{count:,} sets were scored on these minutes: the best of them is picked in-sample"
    if result.edges.is_in_sample:
        text += "; regimes: edges: in-sample"
    if value == "breakeven_bps":
        text += f"; colours part at the round trip of {center:g} bps (before funding)"
    return text

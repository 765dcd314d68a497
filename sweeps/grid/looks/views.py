"""A grid from every side: each pair of axes, in each segment, the other axes folded.

What a page of any size of grid can hold: the sets that are best somewhere, with all their columns,
in place of all sets.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from research.arrays import Floats, Ints
from research.features.labels import SEGMENTS
from sweeps.grid.looks.derived import LookedAt
from sweeps.grid.projection import How, Projection, project_cubes
from sweeps.grid.result import GridResult

__all__ = [
    "FOLDED",
    "PICKED_BY",
    "Bests",
    "PairView",
    "Views",
    "bests_of",
    "columns_of",
    "views_of",
]

PICKED_BY = "lcb_pnl"
FOLDED = ("lcb_pnl", "avg_pnl")
"""Columns of which medians and shares of positive sets are worked out."""
_MOST_CELLS = 12_000  # of all pairs together: 16 segments each
_WHOLE = 4096  # sets: a grid of so many goes in as it is


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bests:
    """The sets that are best in some cell of some pair of axes.

    Attributes
    ----------
    sets
        Of each pair, shape (segments, y levels, x levels); -1 where none is valid.
    winner
        The best set of all minutes, -1 where none has enough trades.
    left_out
        Pairs for which there was no room.
    """

    pairs: tuple[tuple[str, str], ...]
    sets: tuple[Ints, ...]
    winner: int
    left_out: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, eq=False)
class PairView:
    """Two axes; arrays of shape (segments, y levels, x levels)."""

    x: str
    y: str
    best: Ints  # the set with the largest lower bound, -1 where none is valid
    median: dict[str, Floats]
    positive: dict[str, Floats]  # percent


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """All pairs of a grid, and the columns of the sets that they show.

    Attributes
    ----------
    sets
        Rising, shape (shown,): every set of a small grid, else those that are best somewhere.
    columns
        By name, shape (segments, shown).
    winner
        The best set of all minutes, -1 where none has enough trades.
    left_out
        Pairs for which there was no room.
    """

    pairs: tuple[PairView, ...]
    sets: Ints
    columns: dict[str, Any]
    winner: int
    left_out: tuple[tuple[str, str], ...]


def columns_of(result: LookedAt) -> tuple[str, ...]:
    """The columns that a page shows of a grid, in the order in which it offers them."""
    first = ("lcb_pnl", "avg_pnl", "breakeven_bps", "events", "win_rate", "plateau_lcb")
    later = ("after_avg_pnl", "in_minus_after", "total_pnl", "avg_hold", "max_loss")
    return tuple(name for name in (*first, *later) if name in result.columns)


def bests_of(result: GridResult, *, min_events: int) -> Bests:
    """Of every pair of axes with several levels, the strategy's usual pair first.

    A grid with fewer than two such axes is seen along one axis with a single level.
    """
    shown, left_out = _pairs(result)
    cells = _projected(result, shown, (PICKED_BY,), "best", min_events)
    best = result.best("all", PICKED_BY, min_events, top=1, columns=["events"])
    return Bests(
        pairs=tuple(shown),
        sets=tuple(
            np.stack([np.where(each.is_valid, each.sets, -1) for each in cells[at, PICKED_BY]])
            for at in range(len(shown))
        ),
        winner=int(best.index[0]) if len(best) else -1,
        left_out=left_out,
    )


def views_of(result: LookedAt, *, min_events: int) -> Views:
    """The best sets of :func:`bests_of`, medians and shares beside them, and all columns."""
    spec, bests = result.spec, bests_of(result, min_events=min_events)
    folds = {
        how: _projected(result, bests.pairs, FOLDED, how, min_events)
        for how in ("median", "positive")
    }
    values = {
        how: {key: np.stack([each.values for each in cells]) for key, cells in found.items()}
        for how, found in folds.items()
    }
    pairs = tuple(
        PairView(
            x,
            y,
            best,
            {name: values["median"][at, name] for name in FOLDED},
            {name: values["positive"][at, name] for name in FOLDED},
        )
        for at, ((x, y), best) in enumerate(zip(bests.pairs, bests.sets, strict=True))
    )
    sets = np.arange(spec.size)
    if spec.size > _WHOLE:
        some = [best.ravel() for best in bests.sets]
        sets = np.unique(np.concatenate([*some, np.array([bests.winner])]))
        sets = sets[sets >= 0]
    columns = {
        name: np.stack([result.column(name, s.name)[sets] for s in SEGMENTS])
        for name in columns_of(result)
    }
    return Views(pairs, sets, columns, bests.winner, bests.left_out)


def _projected(
    result: GridResult,
    pairs: Sequence[tuple[str, str]],
    names: Sequence[str],
    how: How,
    min_events: int,
) -> dict[tuple[int, str], list[Projection]]:
    """One projection a segment, by the number of the pair and the name of the column."""
    spec = result.spec
    cube_of_sets = np.arange(spec.size).reshape(spec.shape)
    is_valid = result.is_valid.reshape(spec.shape)
    found: dict[tuple[int, str], list[Projection]] = {}
    for segment in SEGMENTS:
        events = result.cube("events", segment.name)
        for name in names:
            values = result.cube(name, segment.name)
            for at, (x, y) in enumerate(pairs):
                cell = project_cubes(
                    (values, events, is_valid, cube_of_sets),
                    (spec.position(y), spec.position(x)),
                    how=how,
                    min_events=min_events,
                    taken=[slice(None)] * len(spec.axes),
                )
                found.setdefault((at, name), []).append(cell)
    return found


def _pairs(result: GridResult) -> tuple[list[tuple[str, str]], tuple[tuple[str, str], ...]]:
    spec, usual = result.spec, result.spec.strategy.heatmap_axes
    varied = [axis.name for axis in spec.axes if len(axis) > 1]
    others = [axis.name for axis in spec.axes if axis.name not in varied]
    names = varied if len(varied) > 1 else (varied + others)[:2]
    pairs: Sequence[tuple[str, str]] = list(itertools.combinations(names, 2))
    pairs = sorted(pairs, key=lambda pair: set(pair) != set(usual))
    pairs = [usual if set(pair) == set(usual) else pair for pair in pairs]
    shown: list[tuple[str, str]] = []
    left_out: list[tuple[str, str]] = []
    room = _MOST_CELLS
    for pair in pairs:
        room -= int(np.prod([len(spec.axes[spec.position(name)]) for name in pair]))
        (shown if room >= 0 or not shown else left_out).append(pair)
    return shown, tuple(left_out)

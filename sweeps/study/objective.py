"""What a study maximises: the lower bound of the mean net pnl, with enough trades to mean it.

A trial proposes an entry; the engine scores its whole cube of exits, fold by fold. The bound of
an exit is the worst of those with any one fold left out: an edge that one stretch of the training
rows made is none. Of the exits the one on the best plateau is taken, not the highest peak: a peak
whose neighbours lose is luck.
"""

from dataclasses import dataclass

import numpy as np

from research.arrays import Bools, Floats
from research.features.labels import REGIMES, SESSIONS, Segment
from research.features.panel import Panel
from strategies.backtest.backtest import with_filters
from strategies.backtest.model import Model
from strategies.registry import Params
from sweeps.engine import PartSums, score_exits
from sweeps.study.space import SearchSpace

__all__ = ["UNSCORED", "Score", "can_enter", "confined", "plateau", "robust_bound", "score"]

UNSCORED = -100.0  # percent: worse than any trade; for sets whose bound is unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The best exit of one entry on the training rows."""

    value: float  # of the plateau: percent, UNSCORED where nothing can be said
    lcb_pnl: float  # of the set itself, percent
    events: int
    cell: int  # of the exit cube
    sets: int  # looked at


def confined(params: Params, segment: Segment) -> Params:
    """``params`` that may enter in ``segment`` only: a winner trades where it was found."""
    changes: dict[str, tuple[str, ...]] = {}
    if segment.session is not None:
        changes["sessions"] = (SESSIONS[segment.session],)
    if segment.regime is not None:
        changes["regimes"] = (REGIMES[segment.regime],)
    return with_filters(params, **changes)


def can_enter(params: Params, segment: Segment) -> bool:
    """Whether the filters of ``params`` let any entry in ``segment`` pass."""
    filters = params.filters
    return (segment.session is None or SESSIONS[segment.session] in filters.sessions) and (
        segment.regime is None or REGIMES[segment.regime] in filters.regimes
    )


def score(
    panel: Panel,
    entry: Params,
    space: SearchSpace,
    model: Model,
    rows: slice,
    *,
    min_events: int,
    folds: int,
) -> Score:
    """The score of ``entry``, read the way of ``model``, on ``rows`` cut into ``folds``."""
    sums = score_exits(
        panel,
        entry,
        space.exits,
        execution=model.execution,
        costs=model.costs(entry),
        rows=rows,
        folds=folds,
    )
    whole = sums.total()
    events, lcb = whole.events[0], whole.lcb_pnl()[0]
    bound = robust_bound(sums)
    is_enough = (events >= min_events) & ~np.isnan(bound)
    if not is_enough.any():
        cell = int(np.argmax(events))
        known = events[cell] >= 2
        value = float(lcb[cell]) if known else UNSCORED
        return Score(value=value, lcb_pnl=value, events=int(events[cell]), cell=cell, sets=lcb.size)
    smooth = plateau(bound.reshape(space.cube), is_enough.reshape(space.cube)).ravel()
    cell = int(np.nanargmax(smooth))
    return Score(
        value=float(smooth[cell]),
        lcb_pnl=float(lcb[cell]),
        events=int(events[cell]),
        cell=cell,
        sets=lcb.size,
    )


def robust_bound(sums: PartSums) -> Floats:
    """The lowest lower bound when any one fold is left out, percent, shape (sets,).

    NaN where fewer than 2 trades are left; with a single fold, the bound of all trades.
    """
    folds = len(sums.events)
    parts = [sums.without(fold) for fold in range(folds)] if folds > 1 else []
    bounds = [part.lcb_pnl()[0] for part in (sums.total(), *parts)]
    lowest: Floats = np.min(bounds, axis=0)
    return lowest


def plateau(values: Floats, is_known: Bools) -> Floats:
    """Mean of each known cell and its known neighbours one level away along each axis.

    NaN where the cell itself is not known. Same shape as ``values``.
    """
    known = np.where(is_known, values, 0.0)
    total, count = known.copy(), is_known.astype(np.float64)
    for axis in range(values.ndim):
        ahead = tuple(slice(1, None) if a == axis else slice(None) for a in range(values.ndim))
        behind = tuple(slice(None, -1) if a == axis else slice(None) for a in range(values.ndim))
        for here, there in ((ahead, behind), (behind, ahead)):
            total[here] += known[there]
            count[here] += is_known[there]
    return np.where(is_known, total / np.maximum(count, 1.0), np.nan)

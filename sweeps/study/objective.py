"""What a study maximises: the median over folds of time of the lower bound of the mean net pnl.

A trial proposes an entry; the engine scores its whole cube of exits, fold by fold
(:mod:`sweeps.study.folds`). For each exit:

- fold f has n trades of mean m_f and standard error s_f. In a segment, m_f is drawn to the mean M
  that the same set has in the parent segment over all folds (error S), by the share of the
  scatter of m_f around M that errors explain (Efron & Morris 1975, tau^2 by moments: DerSimonian
  & Laird 1986): ``w = tau^2 / (tau^2 + s_f^2)``, ``b = M + w (m_f - M)``, with the error
  ``sqrt(w^2 s_f^2 + (1 - w)^2 S^2)``. The root segment is not drawn anywhere (w = 1);
- the fold's bound is ``b - q error``, q the one-sided 95 % quantile for n trades. A fold with fewer
  than two trades says nothing for the set: it counts as :data:`UNSCORED`, and so does the set
  where half of the folds do;
- the score is the median of the folds' bounds: an edge that lived in one stretch alone has none.

Of the exits the one on the best plateau is taken, not the highest peak: a peak whose neighbours
lose is luck. Example: folds with bounds 0.02, 0.05, -0.01 and 0.04 % score 0.03 %.
"""

from dataclasses import dataclass

import numpy as np

from research.arrays import Floats, Ints
from research.features.labels import REGIMES, SESSIONS, Segment
from research.statistics.bounds import quantiles
from research.statistics.plateau import plateau
from research.statistics.shrinkage import between_variance
from strategies.backtest.backtest import with_filters
from strategies.registry import Params
from sweeps.engine import PartSums
from sweeps.study.folds import FoldSums

__all__ = ["UNSCORED", "Scores", "can_enter", "confined", "fold_bounds", "scores_of"]

UNSCORED = -100.0  # percent: worse than any trade; for sets whose bound is unknown


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scores:
    """The best exit of each of some entries; all of shape (entries,) but the last."""

    values: Floats  # of the plateau: percent, UNSCORED where nothing can be said
    cells: Ints  # of the exit cube
    events: Ints  # on the whole span
    means: Floats  # on the whole span, percent, NaN without trades
    bounds: Floats  # plain lower bound on the whole span, percent
    fold_events: Ints  # (folds, entries)
    fold_means: Floats  # (folds, entries), percent, NaN without trades


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


def scores_of(
    sums: FoldSums, parent: FoldSums | None, cube: tuple[int, ...], *, min_events: int
) -> Scores:
    """Scores of entries with a whole cube of exits each, sets in the order entry, exit.

    Parameters
    ----------
    parent
        The same sets in the parent segment; None for the root.
    cube
        Number of levels of each exit parameter.
    """
    by_fold = fold_bounds(sums.folds, parent)
    is_known = 2 * (by_fold > UNSCORED).sum(axis=0) > len(by_fold)
    values = np.where(is_known, np.median(by_fold, axis=0), UNSCORED).reshape(-1, *cube)
    events = sums.whole.events[0].reshape(-1, *cube)
    is_enough = (events >= min_events) & (values > UNSCORED)
    best, cells = [], []
    for value, event, enough in zip(values, events, is_enough, strict=True):
        smooth = plateau(value, enough).ravel()
        cell = int(np.nanargmax(smooth)) if enough.any() else int(np.argmax(event))
        best.append(float(smooth[cell]) if enough.any() else UNSCORED)
        cells.append(cell)
    at = np.arange(len(cells)) * int(np.prod(cube)) + np.array(cells, dtype=np.int64)
    return Scores(
        values=np.array(best),
        cells=np.array(cells, dtype=np.int64),
        events=sums.whole.events[0, at],
        means=sums.whole.means()[0, at],
        bounds=np.nan_to_num(sums.whole.lcb_pnl()[0, at], nan=UNSCORED),
        fold_events=sums.folds.events[:, at],
        fold_means=sums.folds.means()[:, at],
    )


def fold_bounds(folds: PartSums, parent: FoldSums | None) -> Floats:
    """Lower bounds of the shrunken means, percent, shape (folds, sets); UNSCORED where unknown."""
    means, errors = folds.means(), _errors(folds)
    if parent is not None:
        above, error_above = parent.whole.means()[0], _errors(parent.whole)[0]
        is_known = np.isfinite(above) & np.isfinite(error_above)
        tau2 = between_variance(means, np.nan_to_num(errors), np.nan_to_num(above))
        spread = tau2 + errors**2
        trust = np.divide(tau2, spread, out=np.ones_like(spread), where=is_known & (spread > 0))
        drawn = above + trust * (means - above)
        means = np.where(is_known, drawn, means)
        both = np.sqrt((trust * errors) ** 2 + ((1 - trust) * error_above) ** 2)
        errors = np.where(is_known, both, errors)
    return np.nan_to_num(means - quantiles(folds.events) * errors, nan=UNSCORED)


def _errors(sums: PartSums) -> Floats:
    found: Floats = sums.stds() / np.sqrt(np.maximum(sums.events, 1))
    return found

"""Histograms of net pnl for every set: what quantiles of a whole grid come from.

Additive sums know no quantile. A histogram of fixed bins is additive, and its quantiles are off
by at most the width of a bin, where they fall into one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from research.arrays import Floats, Ints
from research.errors import SearchError
from research.features.labels import SEGMENTS, Segment
from sweeps.engine.kernels.bins import count_bins
from sweeps.engine.pool import in_threads, pieces
from sweeps.engine.sweep import AnySweep
from sweeps.law_tally import LawSweep

__all__ = ["Bins", "Histogram", "histogram_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bins:
    """``count`` bins of equal width from ``low`` to ``high`` percent, and one on either side."""

    low: float = -2.0
    high: float = 2.0
    count: int = 400

    def __post_init__(self) -> None:
        if not (np.isfinite([self.low, self.high]).all() and self.low < self.high):
            raise SearchError(f"bins must have low < high percent, were {self.low}, {self.high}")
        if not 1 <= self.count <= 100_000:
            raise SearchError(f"bins must be 1 to 100,000, were {self.count:,}")

    @property
    def width(self) -> float:
        """Of one bin, percent: the largest error of a quantile between ``low`` and ``high``."""
        return (self.high - self.low) / self.count

    @property
    def edges(self) -> Floats:
        """Edges of all bins, shape (count + 3,), from -inf to +inf."""
        inner = self.low + self.width * np.arange(self.count + 1)
        return np.concatenate(([-np.inf], inner, [np.inf]))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Histogram:
    """Trades of some sets by net pnl.

    Attributes
    ----------
    counts
        int32, shape (sets, bins.count + 2): below ``bins.low`` first, from ``bins.high`` on last.
    """

    bins: Bins
    counts: Ints

    @property
    def events(self) -> Ints:
        """Trades of each set, shape (sets,)."""
        total: Ints = self.counts.sum(axis=1, dtype=np.int64)
        return total

    def quantile(self, q: float) -> Floats:
        """The quantile ``q`` of each set in percent, shape (sets,).

        Within ``bins.width`` of the exact one (linear between trades, as in reports) where both
        trades around it lie between ``bins.low`` and ``bins.high``. NaN without trades; the
        outermost edge where it falls beyond.

        Raises
        ------
        SearchError
            ``q`` is not in [0, 1].
        """
        if not 0 <= q <= 1:
            raise SearchError(f"quantile must be in [0, 1], was {q}")
        events = self.events
        place = q * np.maximum(events - 1, 0)
        low, share = np.floor(place), place - np.floor(place)
        middles = (1 - share) * self._value_of(low) + share * self._value_of(low + (share > 0))
        return np.where(events > 0, middles, np.nan)

    def _value_of(self, rank: Floats) -> Floats:
        """Middle of the bin of the trade of that rank (from 0) in each set."""
        reached = self.counts.cumsum(axis=1) > rank[:, np.newaxis]
        edges = self.bins.edges
        middles = (edges[:-1] + edges[1:]) / 2
        middles[0], middles[-1] = self.bins.low, self.bins.high
        found: Floats = middles[reached.argmax(axis=1)]
        return found


def histogram_of(
    sweep: AnySweep,
    first: int,
    stop: int,
    *,
    bins: Bins | None = None,
    segment: Segment = SEGMENTS[0],
    progress: Callable[[int], None] | None = None,
) -> Histogram:
    """Net pnl of the trades that sets ``first .. stop`` enter in ``segment``.

    Parameters
    ----------
    first, stop
        Multiples of the sets of a group.
    """
    bins = bins or Bins()
    if isinstance(sweep, LawSweep):
        return _by_law(sweep, first, stop, bins, segment, progress)
    if sweep.spec.filter_axes:
        some = [
            np.zeros((b - a, bins.count + 2), dtype=np.int32)
            if one is None
            else histogram_of(one, a, b, bins=bins, segment=segment, progress=progress).counts
            for one, a, b in sweep.inner(first, stop)
        ]
        return Histogram(bins=bins, counts=np.concatenate(some))
    plan, rows = sweep.plan, sweep.plan.candidates.rows
    is_counted = segment.mask(sweep.panel.session[rows], sweep.panel.regime[rows])
    counts = np.zeros((stop - first, bins.count + 2), dtype=np.int32)
    begin, end, sets = first // plan.group_sets, stop // plan.group_sets, plan.group_sets

    def work(one: int, other: int) -> None:
        count_bins(
            begin + one,
            begin + other,
            one * sets,
            not sweep.overlap,
            plan.candidates,
            is_counted,
            plan.axes,
            sweep.rungs,
            plan.exits,
            bins.low,
            bins.width,
            counts,
        )

    for groups in in_threads(work, pieces(end - begin, 8 * sweep.threads), sweep.threads):
        if progress is not None:
            progress(groups * sets)
    ordered = sweep.in_grid_order(counts.reshape(1, -1), bins.count + 2).reshape(counts.shape)
    if sweep.spec.strategy.rule is not None:
        ordered[~sweep.is_valid(first, stop)] = 0
    return Histogram(bins=bins, counts=ordered)


def _by_law(
    sweep: LawSweep,
    first: int,
    stop: int,
    bins: Bins,
    segment: Segment,
    progress: Callable[[int], None] | None,
) -> Histogram:
    is_counted = segment.mask(sweep.panel.session, sweep.panel.regime)
    counts: Any = np.zeros((stop - first, bins.count + 2), dtype=np.int32)
    for row, net in enumerate(sweep.net_of(first, stop, is_counted)):
        place = np.clip(np.floor((net - bins.low) / bins.width) + 1, 0, bins.count + 1)
        counts[row] = np.bincount(place.astype(np.int64), minlength=bins.count + 2)
    if progress is not None:
        progress(stop - first)
    return Histogram(bins=bins, counts=counts)

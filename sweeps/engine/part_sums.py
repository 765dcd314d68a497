"""Sums by part of the frame: what folds of a search and statistics of overfitting are made of."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace

import numpy as np

from research.arrays import Bools, Floats, Ints
from research.errors import SearchError
from research.statistics.bounds import lower_bounds
from sweeps.engine.kernels.outputs import GROSS, LANES, NET, SQUARE, N, lean_outputs
from sweeps.engine.sweep import AnySweep
from sweeps.law_tally import LawSweep

__all__ = ["PartSums", "sums_by_part"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PartSums:
    """Trades by the part of the frame that they were entered in; all of shape (parts, sets)."""

    events: Ints
    net: Floats  # sum of net pnl, percent
    net_squared: Floats
    gross: Floats

    def total(self) -> "PartSums":
        """All parts together, shape (1, sets)."""
        return PartSums(
            events=self.events.sum(axis=0, keepdims=True),
            net=self.net.sum(axis=0, keepdims=True),
            net_squared=self.net_squared.sum(axis=0, keepdims=True),
            gross=self.gross.sum(axis=0, keepdims=True),
        )

    def some(self, parts: "slice | Bools") -> "PartSums":
        """Those parts, in their order."""
        return PartSums(
            events=self.events[parts],
            net=self.net[parts],
            net_squared=self.net_squared[parts],
            gross=self.gross[parts],
        )

    def means(self) -> Floats:
        """Mean net pnl in percent, NaN without trades."""
        found: Floats = np.where(self.events > 0, self.net / np.maximum(self.events, 1), np.nan)
        return found

    def stds(self) -> Floats:
        """Standard deviation of net pnl (ddof 1) in percent, NaN below 2 trades."""
        n = np.where(self.events >= 2, self.events, 2)
        spread = np.maximum(self.net_squared - self.net * (self.net / n), 0.0)
        return np.where(self.events >= 2, np.sqrt(spread / (n - 1)), np.nan)

    def lcb_pnl(self) -> Floats:
        """One-sided 95 % lower bound of the mean net pnl in percent, NaN below 2 trades."""
        return lower_bounds(self.means(), self.stds(), self.events)


def sums_by_part(
    sweep: AnySweep,
    first: int,
    stop: int,
    starts: Ints,
    progress: Callable[[int], None] | None = None,
) -> PartSums:
    """Sums of sets ``first .. stop`` of a sweep by the part that a trade is entered in.

    Parameters
    ----------
    first, stop
        Multiples of the sets of a group.
    starts
        Rising rows at which parts begin; what is before the first belongs to it.

    Raises
    ------
    SearchError
        ``starts`` do not rise.
    """
    if starts.size == 0 or not (np.diff(starts) > 0).all():
        raise SearchError("parts must begin at rising rows, at least one; sort them, drop repeats")
    if isinstance(sweep, LawSweep):
        return _by_law(sweep, first, stop, starts, progress)
    if sweep.spec.filter_axes:
        return _joined(
            [
                _nothing(starts.size, b - a)
                if one is None
                else sums_by_part(one, a, b, starts, progress)
                for one, a, b in sweep.inner(first, stop)
            ]
        )
    plan, parts = sweep.plan, np.searchsorted(starts, sweep.plan.candidates.rows, side="right")
    candidates = plan.candidates._replace(parts=np.maximum(parts - 1, 0).astype(np.int64))
    out = lean_outputs(stop - first, starts.size)
    sweep.run(replace(plan, candidates=candidates), out, first, stop, progress)
    lanes = sweep.in_grid_order(out.lean, LANES).reshape(starts.size, -1, LANES)
    if sweep.spec.strategy.rule is not None:
        lanes[:, ~sweep.is_valid(first, stop)] = 0.0
    return PartSums(
        events=lanes[..., N].astype(np.int64),
        net=lanes[..., NET].copy(),
        net_squared=lanes[..., SQUARE].copy(),
        gross=lanes[..., GROSS].copy(),
    )


def _by_law(
    sweep: LawSweep, first: int, stop: int, starts: Ints, progress: Callable[[int], None] | None
) -> PartSums:
    found = sweep.sums_by_part(first, stop, starts)
    if progress is not None:
        progress(stop - first)
    sums = np.stack([each for _, each in found], axis=1)
    return PartSums(
        events=np.stack([events for events, _ in found], axis=1),
        net=sums[..., 0].copy(),
        net_squared=sums[..., 1].copy(),
        gross=sums[..., 2].copy(),
    )


def _nothing(parts: int, sets: int) -> PartSums:
    """Of sets that are no parameters."""
    none = np.zeros((parts, sets))
    return PartSums(events=none.astype(np.int64), net=none, net_squared=none, gross=none)


def _joined(some: list[PartSums]) -> PartSums:
    return PartSums(
        **{
            each.name: np.concatenate([getattr(one, each.name) for one in some], axis=1)
            for each in fields(PartSums)
        }
    )

"""The best set behind each cell of pairs of axes, gathered piece by piece."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from research.arrays import Bools, Floats, Ints
from sweeps.axes import GridSpec
from sweeps.grid.pair_kernel import fold_pairs

__all__ = ["Bests", "all_pairs"]

_ARRAYS = ("values", "events", "sets", "is_enough")


def all_pairs(spec: GridSpec) -> tuple[tuple[int, int], ...]:
    """Positions of every two axes that a heatmap may show."""
    return tuple(itertools.combinations(range(len(spec.axes)), 2))


@dataclass(slots=True, eq=False)
class Bests:
    """What :func:`sweeps.grid.pair_kernel.fold_pairs` found up to now.

    Attributes
    ----------
    pairs
        Positions of two axes each; their cells stand one pair after the other.
    values, events, sets, is_enough
        Shape (segments, cells): the value of the set that is shown (NaN: unknown), its trades, its
        number (-1: nothing yet), whether it has enough trades.
    """

    spec: GridSpec
    pairs: tuple[tuple[int, int], ...]
    min_events: int
    values: Floats
    events: Ints
    sets: Ints
    is_enough: Bools

    @classmethod
    def nothing(
        cls, spec: GridSpec, pairs: Sequence[tuple[int, int]], segments: int, min_events: int
    ) -> "Bests":
        """Before the first piece."""
        shape = segments, sum(spec.shape[a] * spec.shape[b] for a, b in pairs)
        return cls(
            spec=spec,
            pairs=tuple(pairs),
            min_events=min_events,
            values=np.full(shape, np.nan),
            events=np.full(shape, -1, np.int64),
            sets=np.full(shape, -1, np.int64),
            is_enough=np.zeros(shape, np.bool_),
        )

    def take(self, first: int, values: Floats, events: Ints) -> None:
        """Takes the sets from ``first`` on; arrays of shape (segments, sets)."""
        numbers = np.arange(first, first + values.shape[1])
        fold_pairs(
            first,
            np.ascontiguousarray(values, np.float64),
            np.ascontiguousarray(events, np.int64),
            self.spec.is_valid_at(numbers),
            self._cells(numbers),
            self.min_events,
            self.values,
            self.events,
            self.sets,
            self.is_enough,
        )

    def merge(self, other: "Bests") -> None:
        """Takes what was found among other sets of the same grid."""
        is_first = (other.sets >= 0) & ((self.sets < 0) | (other.sets < self.sets))
        is_more = (other.events > self.events) | ((other.events == self.events) & is_first)
        with np.errstate(invalid="ignore"):
            is_better = (other.values > self.values) | ((other.values == self.values) & is_first)
        is_alike = other.is_enough == self.is_enough
        wins = np.where(is_alike, np.where(self.is_enough, is_better, is_more), other.is_enough) & (
            other.sets >= 0
        )
        for name in _ARRAYS:
            ours, theirs = getattr(self, name), getattr(other, name)
            ours[wins] = theirs[wins]

    def shown(self, y: int, x: int, segment: int) -> tuple[Floats, Ints, Bools, Ints]:
        """Values, trades, whether any set is valid, and sets; shape (y levels, x levels)."""
        pair = (y, x) if (y, x) in self.pairs else (x, y)
        at = self._offsets()[self.pairs.index(pair)]
        shape = self.spec.shape[pair[0]], self.spec.shape[pair[1]]
        found: list[Any] = []
        for name in _ARRAYS[:3]:
            cells = getattr(self, name)[segment, at : at + shape[0] * shape[1]].reshape(shape)
            found.append((cells if pair == (y, x) else cells.T).copy())
        values, events, sets = found
        is_valid = sets >= 0
        events[~is_valid] = 0
        sets[~is_valid] = _first_sets(self.spec, y, x)[~is_valid]
        return values, events, is_valid, sets

    def arrays(self) -> dict[str, Any]:
        """By name, to be stored."""
        return {name: getattr(self, name) for name in _ARRAYS}

    def _offsets(self) -> list[int]:
        sizes = [self.spec.shape[a] * self.spec.shape[b] for a, b in self.pairs]
        return [0, *itertools.accumulate(sizes)]

    def _cells(self, numbers: Ints) -> Ints:
        shape = self.spec.shape
        digits = np.unravel_index(numbers, shape)
        found = [
            at + digits[a] * shape[b] + digits[b]
            for (a, b), at in zip(self.pairs, self._offsets(), strict=False)
        ]
        return np.ascontiguousarray(np.stack(found, axis=1))


def _first_sets(spec: GridSpec, y: int, x: int) -> Ints:
    """The first set of each cell, which stands for those without a valid one."""
    stride = [int(np.prod(spec.shape[at + 1 :], dtype=np.int64)) for at in (y, x)]
    rows, columns = np.arange(spec.shape[y]), np.arange(spec.shape[x])
    found: Ints = rows[:, None] * stride[0] + columns[None, :] * stride[1]
    return found

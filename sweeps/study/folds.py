"""The training span cut into folds of time that share no trade and no move.

A fold is a stretch of minutes; a trade belongs to that of its entry. Entries in the last minutes of
a fold, from which a trade may last into the next one, are left out (purged: as many minutes as the
longest hold), and so are those in the first minutes of the next (embargoed): what a late trade of
one fold lived on is not looked at again (Lopez de Prado 2018, chapter 7).
"""

from dataclasses import dataclass

import numpy as np

from research.arrays import Bools, Ints
from research.errors import FrameError
from sweeps.engine import PartSums

__all__ = ["FoldSums", "Folds", "time_folds"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FoldSums:
    """What some sets traded, of shapes (folds, sets) and (1, sets)."""

    folds: PartSums
    whole: PartSums  # every entry of the span, those between the folds among them


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Folds:
    """Rows at which parts begin, and which of the parts are folds."""

    starts: Ints
    is_fold: Bools

    def of(self, sums: PartSums) -> FoldSums:
        """The sums of ``starts``' parts, put together."""
        return FoldSums(folds=sums.some(self.is_fold), whole=sums.total())


def time_folds(rows: slice, count: int, *, purge: int, embargo: int) -> Folds:
    """``rows`` in ``count`` stretches of equal length.

    Parameters
    ----------
    purge, embargo
        Rows left out at the end of every fold but the last, and at the beginning of every but the
        first.

    Raises
    ------
    FrameError
        Nothing would be left of a fold.
    """
    length = rows.stop - rows.start
    cuts = rows.start + length * np.arange(count + 1) // count
    if np.diff(cuts).min() <= purge + embargo:
        raise FrameError(
            f"rows {rows.start}..{rows.stop} in {count} folds: a fold of {np.diff(cuts).min():,} "
            f"minutes is no longer than the longest hold ({purge}) and the embargo ({embargo}); "
            "take a longer span, fewer folds or a shorter longest hold"
        )
    if count == 1:
        return Folds(starts=cuts[:1], is_fold=np.ones(1, dtype=np.bool_))
    starts, is_fold = [int(cuts[0])], [True]
    for cut in cuts[1:-1].tolist():
        for start, counts in ((cut - purge, False), (cut + embargo, True)):
            if start == starts[-1]:
                is_fold[-1] = counts
            else:
                starts.append(start)
                is_fold.append(counts)
    return Folds(starts=np.array(starts, dtype=np.int64), is_fold=np.array(is_fold))

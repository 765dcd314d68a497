"""Minutes to compare an event with: the same session, regime and hour of the day, at random."""

import numpy as np

from research.arrays import Bools, Ints
from research.leadlag.minutes import PairMinutes

__all__ = ["matched_rows"]


def matched_rows(pair: PairMinutes, rows: Ints, free: Bools, seed: int) -> Ints:
    """For each of ``rows`` a random row of the same kind, none taken twice.

    Parameters
    ----------
    rows : int64 array, shape (events,)
        Rows of ``pair``.
    free : bool array, shape (n,)
        Rows that may be taken.

    Returns
    -------
    int64 array, shape (events,)
        -1 where no free row of that kind is left.
    """
    generator = np.random.Generator(np.random.PCG64(seed))
    hour = pair.minute // 60 % 24
    kind = (pair.session * 8 + pair.regime + 1) * 24 + hour
    out = np.full(rows.size, -1, dtype=np.int64)
    for each in np.unique(kind[rows]).tolist():
        asking = np.flatnonzero(kind[rows] == each)
        pool = np.flatnonzero(free & (kind == each))
        taken = generator.permutation(pool)[: asking.size]
        out[asking[: taken.size]] = taken
    return out

"""Old and new values of the same minutes: what is new, what completes, what contradicts."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from research.data.tables.schema import iso_minute, minutes_ms

__all__ = ["Contradiction", "Merge", "OnConflict", "merge"]

OnConflict = Literal["refuse", "keep", "replace"]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """The first minute about which two sources disagree."""

    minute: str
    column: str
    stored: float
    offered: float


@dataclass(frozen=True, slots=True)
class Merge:
    """The union of two tables and how it came about; counts are of minutes."""

    table: pd.DataFrame  # rising minutes of both
    new: int  # not stored before
    completed: int  # a value was unknown (NaN) before, none contradicts
    same: int  # nothing to add
    conflicting: int
    first_conflict: Contradiction | None

    @property
    def changes(self) -> bool:
        """Whether the union differs from the old table, contradictions aside."""
        return self.new + self.completed > 0


def merge(old: pd.DataFrame, new: pd.DataFrame, on_conflict: OnConflict) -> Merge:
    """Union of two tables of float64 columns by minute; NaN means unknown and yields to a value.

    Parameters
    ----------
    old, new : DataFrame
        Rising, unique minutes. Columns of either side are kept.
    on_conflict : {"refuse", "keep", "replace"}
        Whose row stands for a contradicting minute: the old one, or for ``replace`` the new one
        as a whole, so that no candle is patched together from two sources.
    """
    columns = [*old.columns, *(name for name in new.columns if name not in old.columns)]
    stored, offered = old.reindex(columns=columns), new.reindex(columns=columns)
    at = stored.index.get_indexer(offered.index)
    shared = at >= 0
    before, after = stored.to_numpy()[at[shared]], offered.to_numpy()[shared]
    unknown, silent = np.isnan(before), np.isnan(after)
    differs = (before != after) & ~unknown & ~silent
    conflicting = differs.any(axis=1)
    completed = (unknown & ~silent).any(axis=1) & ~conflicting
    filled = np.where(unknown, after, before)
    filled[conflicting] = (after if on_conflict == "replace" else before)[conflicting]
    values = stored.to_numpy(copy=True)
    values[at[shared]] = filled
    union = pd.concat(
        [pd.DataFrame(values, index=stored.index, columns=columns), offered[~shared]]
    ).sort_index()
    minutes = minutes_ms(offered.index[shared])
    return Merge(
        table=union,
        new=int((~shared).sum()),
        completed=int(completed.sum()),
        same=int((~completed & ~conflicting).sum()),
        conflicting=int(conflicting.sum()),
        first_conflict=_first(minutes, columns, before, after, differs),
    )


def _first(
    minutes: NDArray[np.int64],
    columns: list[str],
    before: NDArray[np.float64],
    after: NDArray[np.float64],
    differs: NDArray[np.bool_],
) -> Contradiction | None:
    if not differs.any():
        return None
    row, column = (int(found[0]) for found in np.nonzero(differs))
    return Contradiction(
        minute=iso_minute(int(minutes[row])),
        column=columns[column],
        stored=float(before[row, column]),
        offered=float(after[row, column]),
    )

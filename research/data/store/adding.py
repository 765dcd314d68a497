"""What an import changes: the months it touches, the report, and the refusals."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from research.data.store.folder import FUNDING, MONTH_FILE, VenueFolder
from research.data.tables.merge import Merge, OnConflict
from research.data.tables.source import Source
from research.errors import ConflictError

__all__ = ["AddReport", "by_month", "commit", "mixture"]


@dataclass(frozen=True, slots=True)
class AddReport:
    """What one import did, in minutes (for funding: in payments)."""

    new: int  # not stored before
    completed: int  # stored, a value that was unknown is known now
    same: int  # stored, nothing to add
    conflicting: int  # contradicting; the old or the new row was kept as asked
    files_written: int


def by_month(candles: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Month file names and the rows that belong in them, oldest first."""
    months = pd.DatetimeIndex(candles.index).strftime(MONTH_FILE).to_numpy()
    starts = np.flatnonzero(np.append(True, months[1:] != months[:-1]))
    for start, stop in zip(starts, np.append(starts[1:], len(months)), strict=True):
        yield str(months[start]), candles.iloc[start:stop]


def commit(
    folder: VenueFolder, merges: Mapping[str, Merge], source: Source, on_conflict: OnConflict
) -> AddReport:
    """Writes the files that change, and says what was new.

    Raises
    ------
    ConflictError
        Contradicting minutes and ``on_conflict="refuse"``; nothing is written.
    StoreError
        The folder cannot be written.
    """
    conflicting = sum(merged.conflicting for merged in merges.values())
    if conflicting and on_conflict == "refuse":
        raise ConflictError(_contradiction(folder, merges, conflicting, source))
    changed = {
        name: merged.table if name != FUNDING else merged.table["rate"]
        for name, merged in merges.items()
        if merged.changes or (merged.conflicting and on_conflict == "replace")
    }
    if changed:
        folder.commit(changed, source)
    return AddReport(
        new=sum(merged.new for merged in merges.values()),
        completed=sum(merged.completed for merged in merges.values()),
        same=sum(merged.same for merged in merges.values()),
        conflicting=conflicting,
        files_written=len(changed),
    )


def _contradiction(
    folder: VenueFolder, merges: Mapping[str, Merge], count: int, source: Source
) -> str:
    first = next(merged.first_conflict for merged in merges.values() if merged.first_conflict)
    minutes = "minute contradicts" if count == 1 else "minutes contradict"
    return (
        f"{folder.market} {folder.venue}: {count:,} {minutes} what is stored, first "
        f"{first.minute}: {first.column} = {first.stored!r} stored, {first.offered!r} in "
        f"{source.name}; nothing was written: find out which is right, then import with "
        "--on-conflict keep or --on-conflict replace"
    )


def mixture(market: str, root: Path, *, stored_synthetic: bool) -> str:
    """What is said to synthetic minutes for a recorded market, and the reverse."""
    kind, other = ("synthetic", "recorded") if stored_synthetic else ("recorded", "synthetic")
    cure = "name another --market" if stored_synthetic else "name another --market, such as SYNTH"
    return f"{market} in {root}: holds {kind} minutes, {other} ones do not go beside them; {cure}"

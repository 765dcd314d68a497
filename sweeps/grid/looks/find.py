"""The grids that a path means: one table, the folder of a grid, or a run."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from research.errors import StoreError
from sweeps.grid.looks.derived import LookedAt, looked_at
from sweeps.grid.stored.file import read

__all__ = ["AFTER", "FoundGrid", "grids_at"]

AFTER = ".after.parquet"
"""Ending of the grid of the minutes after, beside that of the minutes searched on."""
_BESIDE = (AFTER, ".best.parquet", ".quantiles.parquet")  # tables beside a grid, none themselves


class FoundGrid(NamedTuple):
    """A grid and the table that it was read from."""

    result: LookedAt
    path: Path


def grids_at(path: Path, *, min_events: int = 30) -> list[FoundGrid]:
    """Every grid of ``path``, each with the grid of the minutes after where that is there.

    Parameters
    ----------
    path
        A grid's table, the folder that holds it, or the folder of a run.

    Raises
    ------
    StoreError
        Nothing there, no grid in it, or one that is unfinished, damaged or of another version.
    """
    if not path.exists():
        raise StoreError(f"{path}: not there; make a grid with `leadfollow grid`, or name a run")
    found = [_read(table, min_events) for table in _tables(path)]
    if not found:
        raise StoreError(
            f"{path}: holds no grid; name a folder of `leadfollow grid` or of `leadfollow run`"
        )
    return found


def _tables(path: Path) -> Iterator[Path]:
    if path.is_file() or (path / "_about.json").exists():
        yield path
        return
    folder = path / "grids" if (path / "grids").is_dir() else path
    for table in sorted(folder.glob("*.parquet")):
        if not table.name.endswith(_BESIDE) and not table.name.startswith((".", "part-")):
            yield table


def _read(table: Path, min_events: int) -> FoundGrid:
    later = table.with_name(table.name.removesuffix(".parquet") + AFTER)
    after = read(later) if later.exists() else None
    return FoundGrid(looked_at(read(table), after, min_events=min_events), table)

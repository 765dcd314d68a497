"""A grid on disk: a Parquet file, or a folder of them where it was written piece by piece.

Either is one table to pandas, pyarrow or DuckDB; :mod:`sweeps.grid.stored.folder` says what is
in one.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from research.errors import LeadfollowError, StoreError
from research.features.labels import SEGMENTS
from sweeps.grid.result import GridResult
from sweeps.grid.stored.folder import Begun, piece_path
from sweeps.grid.stored.identity import about_of, file_metadata, grid_digest
from sweeps.grid.stored.piece_file import PieceFile, StoredTally, metadata_of_piece, write_piece
from sweeps.grid.stored.summary import FILE, load_summary
from sweeps.tally import Tally

__all__ = ["read", "write"]


def write(result: GridResult, path: Path, command: Sequence[str] = ()) -> None:
    """Writes a grid that is in memory as one file, atomically.

    Raises
    ------
    StoreError
        The folder cannot be made or written, or the grid is on disk already.
    """
    if not isinstance(result.tally, Tally):
        raise StoreError(f"{path}: not written, the grid is on disk already; copy its files")
    write_piece(path, result.spec, result.tally, 0, file_metadata(result, command))


def read(path: Path) -> GridResult:
    """The grid that was written to ``path``, a file or a folder; its numbers are read when used.

    Raises
    ------
    StoreError
        Missing, not Parquet, not a grid, unfinished or damaged.
    """
    metadata, pieces = _files(path)
    try:
        about = about_of(metadata)
        rows = sum(metadata_of_piece(piece.path)[1] for piece in pieces)
        if rows != len(SEGMENTS) * about.spec.size:
            raise ValueError(f"{rows:,} rows for {about.spec.size:,} sets")
    except (LeadfollowError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise StoreError(
            f"{path}: Parquet, but not a whole grid ({error}); make it with `leadfollow grid`"
        ) from None
    summary = load_summary(path / FILE, about.spec, grid_digest(about)) if path.is_dir() else None
    return GridResult.of(about, StoredTally(pieces), summary)


def _files(path: Path) -> tuple[dict[str, Any], tuple[PieceFile, ...]]:
    """What a grid says of itself, and its files. Raises :class:`StoreError`."""
    if not path.is_dir():
        metadata, rows = metadata_of_piece(path)
        return metadata, (PieceFile(path, 0, -(-rows // len(SEGMENTS))),)
    begun = Begun.read(path)
    missing = sum(stop - first for first, stop in begun.missing)
    if missing:
        raise StoreError(
            f"{path}: unfinished, {missing:,} sets are missing; go on with `leadfollow grid "
            "... --resume`"
        )
    return begun.metadata, tuple(
        PieceFile(piece_path(path, first), first, stop) for first, stop in begun.pieces
    )

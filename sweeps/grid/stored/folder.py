"""The folder of a grid of several pieces: begun with a description, left at any moment.

``_about.json`` says where the grid came from and of which pieces it is made, those that are still
missing included. A folder that holds nothing but what a killed run leaves before that description
(hidden files, or the pieces of an older grid that it was clearing away) belongs to nobody and is
taken over.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from research.atomic import write_json
from research.errors import StoreError
from sweeps.grid.about import GridAbout
from sweeps.grid.stored.identity import SCHEMAS, file_metadata, grid_digest
from sweeps.grid.stored.piece_file import Pieces
from sweeps.grid.stored.summary import FILE as SUMMARY

__all__ = ["Begun", "begin_folder", "is_deserted", "piece_path", "sweep_up"]

_ABOUT = "_about.json"  # the underscore keeps it out of what is read as one table
_CLEARED = "._about-cleared.json"  # the description of a grid that is being cleared away
_HALF = re.compile(r"\._about-.*\.json|\._summary.*|\.part-.*\.parquet")
_PIECE = re.compile(r"part-\d{12}\.parquet")


@dataclass(frozen=True, slots=True)
class Begun:
    """A folder with a description: its grid, whole or not."""

    folder: Path
    metadata: dict[str, Any]
    pieces: Pieces

    @classmethod
    def read(cls, folder: Path) -> "Begun":
        """What :func:`begin_folder` wrote. Raises :class:`StoreError`."""
        try:
            metadata: dict[str, Any] = json.loads((folder / _ABOUT).read_bytes())
            if metadata["schema"] not in SCHEMAS:
                raise ValueError(f"schema is {metadata['schema']!r}, not {SCHEMAS[0]!r}")
            pieces = tuple((int(first), int(stop)) for first, stop in metadata["pieces"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StoreError(
                f"{folder}: no folder of a grid ({error}); make one with `leadfollow grid`"
            ) from None
        return cls(folder, metadata, pieces)

    @property
    def digest(self) -> str:
        """Which grid it is."""
        return str(self.metadata.get("digest"))

    @property
    def missing(self) -> Pieces:
        """The pieces that are not there yet."""
        return tuple(span for span in self.pieces if not piece_path(self.folder, span[0]).exists())


def piece_path(folder: Path, first: int) -> Path:
    """The file of the piece that begins with set ``first``."""
    return folder / f"part-{first:012d}.parquet"


def is_deserted(folder: Path) -> bool:
    """Whether it has no description and holds nothing but what killed runs of ours left."""
    names = {path.name for path in folder.iterdir()}
    if _ABOUT in names:
        return False
    is_cleared = _CLEARED in names
    return all(_HALF.fullmatch(name) or (is_cleared and _PIECE.fullmatch(name)) for name in names)


def begin_folder(folder: Path, about: GridAbout, pieces: Pieces, command: Sequence[str]) -> None:
    """Begins a grid anew: what another left there goes first. Raises :class:`StoreError`."""
    if folder.is_file():
        folder.unlink()
    if (folder / _ABOUT).exists():
        (folder / _ABOUT).rename(folder / _CLEARED)  # from here on nobody resumes it
    (folder / SUMMARY).unlink(missing_ok=True)
    for file in folder.glob("part-*.parquet"):
        if _PIECE.fullmatch(file.name):
            file.unlink()
    described = {
        **file_metadata(about, command),
        "digest": grid_digest(about),
        "pieces": list(pieces),
    }
    write_json(folder / _ABOUT, described)


def sweep_up(folder: Path) -> None:
    """Removes what killed runs left half done."""
    for file in folder.iterdir():
        if _HALF.fullmatch(file.name):
            file.unlink()

"""Where the pieces of a grid go as they are made: into memory, into a file, into a folder."""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from sweeps.grid.about import GridAbout
from sweeps.grid.folder import begin_folder, piece_path, sweep_up
from sweeps.grid.identity import file_metadata
from sweeps.grid.piece_file import PieceFile, Pieces, StoredTally, write_piece
from sweeps.tally import Tally

__all__ = ["InMemory", "OnDisk", "Place"]


class Place(ABC):
    """Takes the pieces of one grid in their order, while it is open."""

    pieces: Pieces

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None

    def has(self, first: int) -> bool:
        """Whether the piece that begins with set ``first`` was there before."""
        del first
        return False

    @abstractmethod
    def keep(self, first: int, tally: Tally) -> None:
        """Takes the piece that begins with set ``first``."""

    @abstractmethod
    def tally(self) -> Tally | StoredTally:
        """All pieces, once the last is kept."""


class InMemory(Place):
    """A grid in memory is a grid of one piece."""

    def __init__(self, pieces: Pieces) -> None:
        self.pieces = pieces
        self._kept: list[Tally] = []

    def keep(self, first: int, tally: Tally) -> None:
        """Takes the only piece."""
        del first
        self._kept.append(tally)

    def tally(self) -> Tally:
        """The only piece."""
        (tally,) = self._kept
        return tally


class OnDisk(Place):
    """A file of one piece or a folder of several, written beside the making of the next.

    Parameters
    ----------
    is_begun
        Whether ``path`` is a folder that was begun with these very pieces: they are kept.
    held
        How many tallies there may be at a time, the one in the making included, >= 1.
    """

    def __init__(
        self,
        about: GridAbout,
        path: Path,
        pieces: Pieces,
        *,
        is_begun: bool,
        held: int,
        command: Sequence[str],
    ) -> None:
        self.pieces = pieces
        self._about, self._path, self._command = about, path, command
        self._is_folder = is_begun or path.is_dir() or len(pieces) > 1
        self._is_begun = is_begun
        self._held = held
        self.metadata = file_metadata(about, command)
        self._pool = ThreadPoolExecutor(max(held - 1, 1), thread_name_prefix="grid-writer")
        self._writing: deque[Future[PieceFile]] = deque()

    def __enter__(self) -> Self:
        if self._is_folder and not self._is_begun:
            begin_folder(self._path, self._about, self.pieces, self._command)
        if self._is_folder:
            sweep_up(self._path)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(wait=True)  # what was made before Ctrl-C is kept

    def has(self, first: int) -> bool:
        """Whether its file is there: files appear whole or not at all."""
        return self._is_folder and self.file(first).exists()

    def keep(self, first: int, tally: Tally) -> None:
        """Hands the piece to a writer; waits until there is room for another tally.

        Raises
        ------
        StoreError
            An earlier piece could not be written.
        """
        task = self._pool.submit(
            write_piece, self.file(first), self._about.spec, tally, first, self.metadata
        )
        self._writing.append(task)
        self._wait(self._held - 1)

    def tally(self) -> StoredTally:
        """The files, once all are written. Raises :class:`StoreError`."""
        self._wait(0)
        files = (PieceFile(self.file(first), first, stop) for first, stop in self.pieces)
        return StoredTally(tuple(files))

    def _wait(self, most: int) -> None:
        while len(self._writing) > most:
            self._writing.popleft().result()

    def file(self, first: int) -> Path:
        """Where the piece that begins with set ``first`` goes."""
        return piece_path(self._path, first) if self._is_folder else self._path

"""Where the pieces of a grid go as they are made: into memory, into a file, into a folder."""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Self

from sweeps.grid.about import GridAbout
from sweeps.grid.stored.folder import begin_folder, piece_path, sweep_up
from sweeps.grid.stored.identity import file_metadata, grid_digest
from sweeps.grid.stored.piece_file import PieceFile, Pieces, StoredTally, write_piece
from sweeps.grid.stored.summary import FILE, PieceSummary, Summary, piece_summary, summed_up
from sweeps.tally import Tally

__all__ = ["InMemory", "OnDisk", "Place"]


class Place(ABC):
    """Takes the pieces of one grid in their order, while it is open."""

    pieces: Pieces

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
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

    def summary(self) -> Summary | None:
        """What they come to, where it is worked out beside them."""
        return None


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
    min_events
        For which a folder is summed up beside its pieces; None: it is not.
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
        min_events: int | None = None,
    ) -> None:
        self.pieces = pieces
        self._about, self._path, self._command = about, path, command
        self._is_folder = is_begun or path.is_dir() or len(pieces) > 1
        self._is_begun = is_begun
        self._held = held
        self._min_events = min_events if self._is_folder else None
        self._summed: PieceSummary | None = None  # of the pieces in _made
        self._made: set[int] = set()
        self.metadata = file_metadata(about, command)
        self._pool = ThreadPoolExecutor(max(held - 1, 1), thread_name_prefix="grid-writer")
        self._writing: deque[Future[PieceSummary | None]] = deque()

    def __enter__(self) -> Self:
        if self._is_folder and not self._is_begun:
            begin_folder(self._path, self._about, self.pieces, self._command)
        if self._is_folder:
            sweep_up(self._path)
        return self

    def __exit__(self, *_: object) -> None:
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
        self._made.add(first)
        self._writing.append(self._pool.submit(self._write, first, tally))
        self._wait(self._held - 1)

    def tally(self) -> StoredTally:
        """The files, once all are written. Raises :class:`StoreError`."""
        self._wait(0)
        files = (PieceFile(self.file(first), first, stop) for first, stop in self.pieces)
        return StoredTally(tuple(files))

    def summary(self) -> Summary | None:
        """What all pieces come to, kept beside them; None where nobody asked for it.

        Pieces that were there before, or are made elsewhere, are read for it.
        """
        if self._min_events is None:
            return None
        for piece in self.tally().pieces:
            if piece.first not in self._made:
                self._add(self._sum_up(piece.first, StoredTally((piece,)).whole()))
        if self._summed is None:
            return None
        found = summed_up(self._summed)
        found.save(self._path / FILE, grid_digest(self._about))
        return found

    def _write(self, first: int, tally: Tally) -> PieceSummary | None:
        write_piece(self.file(first), self._about.spec, tally, first, self.metadata)
        return self._sum_up(first, tally)

    def _sum_up(self, first: int, tally: Tally) -> PieceSummary | None:
        if self._min_events is None:
            return None
        return piece_summary(self._about.spec, tally, first, self._min_events)

    def _add(self, found: PieceSummary | None) -> None:
        if self._summed is None:
            self._summed = found
        elif found is not None:
            self._summed.take(found)

    def _wait(self, most: int) -> None:
        while len(self._writing) > most:
            self._add(self._writing.popleft().result())

    def file(self, first: int) -> Path:
        """Where the piece that begins with set ``first`` goes."""
        return piece_path(self._path, first) if self._is_folder else self._path

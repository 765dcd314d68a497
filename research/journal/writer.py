"""Appends decision records to one file per UTC day; a kill loses at most the line in flight.

Every record is one ``write`` of one whole line to a descriptor opened for appending: the kernel
has it when :meth:`JournalWriter.append` returns, so only a power cut can take it (``fsync``).
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal, Self

from research.errors import ParamError, StoreError
from research.journal.record import DecisionRecord

__all__ = ["JournalWriter"]

Fsync = Literal["never", "always"] | float  # seconds between two fsyncs


class JournalWriter:
    """Writes ``journal-YYYY-MM-DD.jsonl`` files into ``folder``, by the day of each record.

    A file that ends in a torn line is not mended: the first record goes onto a new line, so the
    fragment stays one bad line that readers report.

    Parameters
    ----------
    folder
        Made if it is not there.
    fsync
        ``never``, ``always`` (each record), or the least seconds between two.
    clock
        Seconds that only grow, for the fsync policy.

    Raises
    ------
    StoreError
        The folder cannot be made.
    ParamError
        An unknown fsync policy.
    """

    def __init__(
        self,
        folder: Path,
        *,
        fsync: Fsync = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if fsync not in ("never", "always") and not (isinstance(fsync, int | float) and fsync > 0):
            raise ParamError(f"fsync must be never, always or seconds above 0, was {fsync!r}")
        self._folder = folder
        self._fsync = fsync
        self._clock = clock
        self._day = ""
        self._descriptor = -1
        self._is_torn = False
        self._synced = clock()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _refused(folder, error) from error

    def append(self, record: DecisionRecord) -> None:
        """Writes one record; it is in the kernel's hands when this returns.

        Raises
        ------
        StoreError
            The disk is full or the file cannot be written: the record may be missing.
            The next record starts on a new line.
        """
        day = record.ts[:10]
        line = (record.to_line() + "\n").encode()
        try:
            if day != self._day:
                self._open(day)
            self._write(b"\n" + line if self._is_torn else line)
            self._sync()
        except OSError as error:
            raise _refused(self._path(day), error) from error

    def close(self) -> None:
        """Ends the file of the day; fsynced unless the policy is ``never``."""
        if self._descriptor >= 0:
            descriptor, self._descriptor, self._day = self._descriptor, -1, ""
            try:
                if self._fsync != "never":
                    os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _path(self, day: str) -> Path:
        return self._folder / f"journal-{day}.jsonl"

    def _open(self, day: str) -> None:
        self.close()
        path = self._path(day)
        is_new = not path.exists()
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        self._descriptor = os.open(path, flags, 0o644)
        self._day = day
        self._is_torn = _ends_torn(self._descriptor)
        if is_new and self._fsync != "never":
            _sync_folder(self._folder)

    def _write(self, data: bytes) -> None:
        written = os.write(self._descriptor, data)
        self._is_torn = written != len(data)
        if self._is_torn:
            raise OSError(f"only {written} of {len(data)} bytes fitted")

    def _sync(self) -> None:
        if self._fsync == "never":
            return
        now = self._clock()
        if self._fsync == "always" or now - self._synced >= float(self._fsync):
            os.fsync(self._descriptor)
            self._synced = now


def _ends_torn(descriptor: int) -> bool:
    size = os.fstat(descriptor).st_size
    return size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refused(path: Path, error: OSError) -> StoreError:
    return StoreError(
        f"{path}: cannot be written ({error.strerror or error}), the record may be missing; "
        "make room or give a folder that can be written"
    )

"""Lines that are appended for days and survive a kill."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from research.errors import StoreError

__all__ = ["LineWriter"]


@dataclass(slots=True)
class LineWriter:
    """Appends lines to one file per UTC day, one ``write`` each: a kill tears at most the last."""

    folder: Path
    name: str
    lines: int = 0
    _descriptor: int = -1
    _day: str = ""

    def write(self, line: str, at_ms: int) -> None:
        """Raises StoreError if the folder cannot be written."""
        day = f"{datetime.fromtimestamp(at_ms / 1000, tz=UTC):%Y-%m-%d}"
        try:
            if day != self._day:
                self.close()
                self.folder.mkdir(parents=True, exist_ok=True)
                path = self.folder / f"{self.name}-{day}.jsonl"
                self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
                self._day = day
                self._end_torn_line()
            os.write(self._descriptor, line.encode() + b"\n")
        except OSError as error:
            raise StoreError(
                f"{self.folder}: cannot be written ({error.strerror}); choose a folder with --out"
            ) from None
        self.lines += 1

    def close(self) -> None:
        """Closes the file at hand."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor, self._day = -1, ""

    def _end_torn_line(self) -> None:
        size = os.fstat(self._descriptor).st_size
        if size and os.pread(self._descriptor, 1, size - 1) != b"\n":
            os.write(self._descriptor, b"\n")

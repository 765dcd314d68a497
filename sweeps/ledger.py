"""What was looked at on which data, across runs: sets searched, and holdouts opened.

The best of many looks better than it is, and a holdout that was opened is a training span. So
every grid, study and verdict writes down what it searches and opens, one JSON line each, beside the
runs, and the next one on the same minutes counts it. The same search over the same data counts
once, by the most sets that it ever said. A study says so before it looks, so that a kill hides
nothing.
"""

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from research.clock import Clock
from research.errors import StoreError
from research.frame.frame import Frame
from research.lock import file_lock

__all__ = ["Ledger", "Look"]

Kind = Literal["search", "holdout"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One line: somebody searched some minutes, or opened a holdout."""

    kind: Kind
    identity: str  # of data, grid and model: the same look has the same
    market: str
    first_minute: str  # ISO-8601 UTC
    last_minute: str
    sets: int  # looked at; 0 for a holdout
    at: str  # when, ISO-8601 UTC

    @classmethod
    def at_rows(
        cls,
        frame: Frame,
        rows: slice,
        *,
        kind: Kind,
        identity: str,
        sets: int = 0,
        now: datetime | None = None,
    ) -> "Look":
        """A look at some rows of a frame, by default at this moment."""
        index = frame.table.index
        return cls(
            kind=kind,
            identity=identity,
            market=frame.market,
            first_minute=f"{index[rows.start]:%Y-%m-%dT%H:%MZ}",
            last_minute=f"{index[rows.stop - 1]:%Y-%m-%dT%H:%MZ}",
            sets=sets,
            at=f"{now or datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        )

    def overlaps(self, other: "Look") -> bool:
        """Whether both saw some of the same minutes of one market."""
        return (
            self.market == other.market
            and self.first_minute <= other.last_minute
            and other.first_minute <= self.last_minute
        )


@dataclass(frozen=True, slots=True)
class Ledger:
    """The file, made when first written."""

    file: Path

    def looks(self) -> list[Look]:
        """Every look so far, in the order of writing; a torn last line is passed over.

        Raises
        ------
        StoreError
            The file cannot be read, or a line in its middle is damaged.
        """
        try:
            lines = self.file.read_text().splitlines()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StoreError(f"{self.file}: cannot be read ({error.strerror})") from None
        found = []
        for number, line in enumerate(lines, start=1):
            try:
                found.append(Look(**json.loads(line)))
            except (ValueError, TypeError):
                if number < len(lines):
                    raise StoreError(
                        f"{self.file}, line {number}: not a look; restore the file or remove "
                        "that line"
                    ) from None
        return found

    def before(self, look: Look) -> list[Look]:
        """Earlier looks of the same kind at some of the same minutes."""
        return [each for each in self.looks() if each.kind == look.kind and each.overlaps(look)]

    def sets_searched(self, look: Look) -> int:
        """Sets looked at by all different searches of these minutes, ``look`` among them."""
        return sum(each.sets for each in _distinct([*self.before(look), look]))

    def add(self, look: Look) -> None:
        """Appends a line under a lock, fsynced. Raises :class:`StoreError`, :class:`LockError`."""
        lock = self.file.with_name(f".{self.file.name}.lock")
        busy = "another command writes it; run this one again"
        with file_lock(lock, busy=busy, clock=Clock()):
            try:
                self._heal()
                with self.file.open("a") as stream:
                    stream.write(json.dumps(asdict(look)) + "\n")
                    stream.flush()
                    os.fsync(stream.fileno())
            except OSError as error:
                raise StoreError(f"{self.file}: cannot be written ({error.strerror})") from None

    def _heal(self) -> None:
        """Cuts off a last line that a kill left unfinished."""
        with suppress(FileNotFoundError), self.file.open("r+b") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(size - 1, 0))
            if size and stream.read(1) != b"\n":
                stream.seek(0)
                stream.truncate(stream.read().rfind(b"\n") + 1)


def _distinct(looks: Iterable[Look]) -> list[Look]:
    found: dict[str, Look] = {}
    for look in looks:
        known = found.get(look.identity)
        if known is None or known.sets < look.sets:
            found[look.identity] = look
    return list(found.values())

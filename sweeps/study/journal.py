"""Studies in a folder: a journal file each, believed line by line, and one search at a time.

Chosen by measurement (``tests/benchmarks/bench_studies.py --case storage``) over SQLite, which
writes a trial some ten times slower, also in batches: a journal appends one line.
"""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

from research.clock import Clock
from research.errors import LeadfollowError, SearchError
from research.lock import file_lock

__all__ = ["check_journal", "heal_journal", "journal_storage", "reading_journal", "search_lock"]


def search_lock(folder: Path) -> AbstractContextManager[bool]:
    """Holds ``<folder>/.lock`` while the block lasts: two searches would mix their trials.

    Raises
    ------
    LockError
        Another search still works in this folder after a few seconds.
    """
    busy = (
        "another `study run` or `run` searches in this folder: wait for it, stop it, or give "
        "another --out"
    )
    return file_lock(folder / ".lock", busy=busy, clock=Clock())


def journal_storage(file: Path) -> JournalStorage:
    """The optuna storage of one study's journal."""
    return JournalStorage(_KillSafeJournal(str(file), JournalFileOpenLock(str(file))))


def heal_journal(file: Path) -> None:
    """Cuts off a last line that a kill left unfinished: it would break the next write.

    Raises
    ------
    SearchError
        A damaged line before it, with its number and the cure.
    """
    if not file.exists():
        return
    data = file.read_bytes()
    if data and not data.endswith(b"\n"):
        with file.open("r+b") as stream:
            stream.truncate(data.rfind(b"\n") + 1)
    check_journal(file)


@contextmanager
def reading_journal(file: Path) -> Iterator[None]:
    """Raises SearchError where the lines of ``file`` are JSON and make no study."""
    try:
        yield
    except LeadfollowError:
        raise
    except (KeyError, IndexError, ValueError, TypeError, AttributeError, AssertionError) as error:
        raise SearchError(
            f"{file}: its lines make no study ({type(error).__name__}: {error}); remove the file "
            "and search again"
        ) from None


class _KillSafeJournal(JournalFileBackend):
    """Without optuna's fsync a write: a killed process loses nothing by it, and a power cut
    only trials that a second call makes again, the same ones. It costs more than the trial.
    """

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Appends ``logs`` in one write under the lock. Raises :class:`SearchError`."""
        lines = "".join(json.dumps(log, separators=(",", ":")) + "\n" for log in logs)
        self._lock.acquire()
        try:
            with Path(self._file_path).open("ab") as file:
                file.write(lines.encode())
        except OSError as error:
            raise SearchError(
                f"{self._file_path}: cannot be written ({error.strerror}); every trial before "
                "this one is kept: make room, or give another --out, and search again"
            ) from None
        finally:
            self._lock.release()


def check_journal(file: Path) -> None:
    """Raises SearchError, with its line, where a study journal holds what no search wrote.

    A torn last line says nothing: a search may be writing it, or was killed.
    """
    *lines, _ = file.read_bytes().split(b"\n")
    for number, line in enumerate(lines, start=1):
        try:
            entry = json.loads(line)
            if not isinstance(entry, dict) or not isinstance(entry.get("op_code"), int):
                raise ValueError("no entry of a study")
        except (ValueError, RecursionError) as error:
            raise SearchError(
                f"{file}: line {number} is damaged ({error}); {_cure(file, number)}"
            ) from None


def _cure(file: Path, number: int) -> str:
    if number == 1:
        return "remove the file and search again"
    return (
        f"keep the lines before it (head -n {number - 1} {file.name}) and search again: the "
        "trials after them are made again, the same ones"
    )

"""One search at a time in a folder, and study journals that can be believed line by line."""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from research.clock import Clock
from research.errors import LeadfollowError, SearchError
from research.lock import file_lock

__all__ = ["check_journal", "reading_journal", "search_lock"]


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


def check_journal(file: Path) -> None:
    """Raises SearchError, with its line, where a study journal holds what no search wrote."""
    for number, line in enumerate(file.read_bytes().splitlines(), start=1):
        try:
            entry = json.loads(line)
            if not isinstance(entry, dict) or not isinstance(entry.get("op_code"), int):
                raise ValueError("no entry of a study")
        except (ValueError, RecursionError) as error:
            raise SearchError(
                f"{file}: line {number} is damaged ({error}); {_cure(file, number)}"
            ) from None


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


def _cure(file: Path, number: int) -> str:
    if number == 1:
        return "remove the file and search again"
    return (
        f"keep the lines before it (head -n {number - 1} {file.name}) and search again: the "
        "trials after them are made again, the same ones"
    )

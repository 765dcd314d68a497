"""Where the trials of studies are kept: journal files in a folder, or a PostgreSQL server.

A trial is written when it is finished, whole, and never changed: what a kill leaves behind is a
study that is some trials shorter, never one with a trial in the making. Each study has one writer.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import optuna

from research.clock import Clock
from research.errors import SearchError
from research.lock import file_lock
from sweeps.cluster.storage import StorageUrl, asked_again, only_writer, opened_postgresql
from sweeps.study.journal import (
    check_journal,
    heal_journal,
    journal_storage,
    reading_journal,
    search_lock,
)
from sweeps.study.samplers import Direction, directions_of
from sweeps.study.spec import StudySpec, differences, digest_of

__all__ = ["Book", "Books", "FolderBooks", "PostgresBooks", "books_at"]

ABOUT, SEGMENT, WANTED = "about", "segment", "trials"
optuna.logging.set_verbosity(optuna.logging.WARNING)


@dataclass(slots=True)
class Book:
    """The trials of one study, while it is open."""

    study: optuna.Study
    where: str
    _ask: Callable[[Callable[[], Any]], Any] = field(default=lambda call: call())

    def trials(self) -> list[optuna.trial.FrozenTrial]:
        """All that are kept, by number."""
        found: list[optuna.trial.FrozenTrial] = self._ask(
            lambda: self.study.get_trials(deepcopy=False)
        )
        return found

    def add(self, trial: optuna.trial.FrozenTrial) -> None:
        """Keeps a finished trial; asked twice for the same number, once.

        Raises
        ------
        ClusterError
            The server stayed away.
        SearchError
            The file cannot be written.
        """

        def once() -> None:
            if len(self.study.get_trials(deepcopy=False)) <= trial.number:
                self.study.add_trial(trial)

        self._ask(once)

    def check_new(self) -> None:
        """Refuses trials of which nobody says what they searched. Raises SearchError."""
        if self.trials():
            raise SearchError(
                f"{self.where}: a study of an earlier version, whose scores mean something else; "
                "give another --out, or remove it and search again"
            )

    def check(self, spec: StudySpec, about: Mapping[str, Any]) -> None:
        """Refuses a study of that name about something else. Raises SearchError."""
        known = self.attrs().get(ABOUT)
        if known is None:  # begun, and killed before it said of what; or an earlier version's
            self.check_new()
            return
        if digest_of(known) != digest_of(about):
            changed = "; ".join(differences(known, about))
            raise SearchError(
                f"{self.where}: study {spec.name} was begun with something else ({changed}); "
                "give another --out, or remove it and search again"
            )

    def attrs(self) -> dict[str, Any]:
        """What is said of the study as a whole."""
        found: dict[str, Any] = self._ask(lambda: self.study.user_attrs)
        return found

    def say(self, name: str, value: Any) -> None:
        """Says something of the study as a whole."""
        self._ask(lambda: self.study.set_user_attr(name, value))


class Books(ABC):
    """Studies by name. Picklable: workers open their own."""

    @abstractmethod
    def lock(self) -> AbstractContextManager[Any]:
        """Keeps other searches away from all studies here. Raises LockError."""

    @abstractmethod
    def names(self) -> list[str]:
        """Studies that are kept, sorted."""

    @abstractmethod
    def opened(
        self, name: str, *, directions: list[Direction] | None
    ) -> AbstractContextManager[Book]:
        """One study; made where ``directions`` are given and it is not there.

        Raises
        ------
        ClusterError
            The server cannot be used.
        LockError
            Another process writes that study.
        SearchError
            It is damaged, or not there.
        """

    @contextmanager
    def of(self, spec: StudySpec, about: Mapping[str, Any]) -> Iterator[Book]:
        """The study of ``spec``, begun or gone on with.

        Raises
        ------
        SearchError
            It is one about something else: what differs is said. Else as :meth:`opened`.
        """
        with self.opened(spec.name, directions=directions_of(spec.sampler)) as book:
            if ABOUT not in book.attrs():
                book.check_new()
                book.say(SEGMENT, spec.segment.name)
                book.say(ABOUT, dict(about))
            book.check(spec, about)
            if book.attrs().get(WANTED) != spec.trials:
                book.say(WANTED, spec.trials)
            yield book


@dataclass(frozen=True, slots=True)
class FolderBooks(Books):
    """A journal file each, in one folder that may be shared by machines."""

    folder: Path

    def lock(self) -> AbstractContextManager[Any]:
        """Holds ``<folder>/.lock``."""
        return search_lock(self.folder)

    def names(self) -> list[str]:
        """By their files."""
        return sorted(file.name.removesuffix(".journal") for file in self.folder.glob("*.journal"))

    @contextmanager
    def opened(self, name: str, *, directions: list[Direction] | None) -> Iterator[Book]:
        """Healed first: a torn last line is cut off."""
        file = self.folder / f"{name}.journal"
        if directions is None and not file.exists():
            raise SearchError(f"{self.folder}: no study {name}; `leadfollow study ls` lists them")
        self.folder.mkdir(parents=True, exist_ok=True)
        busy = f"another process searches {name}; wait for it, or stop it"
        # who only reads takes what whole lines there are
        lock = file.with_name(f".{name}.lock")
        with file_lock(lock, busy=busy, clock=Clock()) if directions else nullcontext():
            if directions:
                heal_journal(file)
            else:
                check_journal(file)
            with reading_journal(file):
                study = _study(name, journal_storage(file), directions)
            yield Book(study, str(file))


@dataclass(frozen=True, slots=True)
class PostgresBooks(Books):
    """A database that several machines see; each study is locked by its writer's connection.

    Attributes
    ----------
    group
        Studies of one search: ``group/lead-long.all``. Several groups share a database.
    """

    url: StorageUrl
    group: str

    def lock(self) -> AbstractContextManager[Any]:
        """Nothing: studies are locked one by one."""
        return nullcontext()

    def names(self) -> list[str]:
        """By the server."""
        with opened_postgresql(self.url) as storage:
            every = self._ask(lambda: optuna.get_all_study_names(storage))
        own = f"{self.group}/"
        return sorted(name.removeprefix(own) for name in every if name.startswith(own))

    @contextmanager
    def opened(self, name: str, *, directions: list[Direction] | None) -> Iterator[Book]:
        """Asked again where the connection is lost."""
        whole = f"{self.group}/{name}"
        lock = only_writer(self.url, whole) if directions else nullcontext()
        with lock, opened_postgresql(self.url) as storage:
            if directions is None and whole not in optuna.get_all_study_names(storage):
                raise SearchError(f"{self.url}: no study {whole}; `leadfollow study ls` lists them")
            study = _study(whole, storage, directions)
            yield Book(study, str(self.url), self._ask)

    def _ask(self, call: Callable[[], Any]) -> Any:
        from sys import stderr

        return asked_again(call, url=self.url, say=lambda text: print(text, file=stderr))  # noqa: T201


def books_at(folder: Path, storage: str = "") -> Books:
    """The books in ``folder``, or where a storage is named those there, grouped by its name.

    Raises
    ------
    ClusterError
        It is no address of a storage.
    """
    return PostgresBooks(StorageUrl(storage), folder.name) if storage else FolderBooks(folder)


def _study(name: str, storage: Any, directions: list[Direction] | None) -> optuna.Study:
    if directions is None:
        return optuna.load_study(study_name=name, storage=storage)
    return optuna.create_study(
        study_name=name, storage=storage, directions=directions, load_if_exists=True
    )

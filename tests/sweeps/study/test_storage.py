"""Studies kept in a real PostgreSQL, and searched by a real cluster: the same trials."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from research.errors import ClusterError, LockError, SearchError
from research.features.labels import segment_of
from sweeps.cluster.address import Address
from sweeps.cluster.storage import StorageUrl
from sweeps.cluster.workers import workers
from sweeps.study.books import Books, FolderBooks, PostgresBooks, books_at
from sweeps.study.listing import list_studies, read_trials
from sweeps.study.search import run_studies
from sweeps.study.study import run_study
from tests.samples.markets import small_panel
from tests.samples.postgresql import Server, server
from tests.sweeps.study.test_study import spec


@pytest.fixture(scope="module")
def postgresql() -> Iterator[Server]:
    with server() as found:
        yield found


@pytest.fixture
def books(postgresql: Server) -> PostgresBooks:
    return PostgresBooks(StorageUrl(postgresql.new_database()), "studies")


def proposed(books: Books) -> list[Any]:
    return [
        [(trial.params, trial.values, trial.user_attrs) for trial in read_trials(books, name)]
        for name in books.names()
    ]


def test_trials_on_a_server_are_those_in_a_folder(books: PostgresBooks, tmp_path: Path) -> None:
    here = run_study(small_panel(), spec(), FolderBooks(tmp_path))
    for trials in (4, 15):  # in two sittings
        there = run_study(small_panel(), spec(trials=trials), books)
    assert there == here
    assert proposed(books) == proposed(FolderBooks(tmp_path))
    (row,), (same,) = list_studies(books), list_studies(FolderBooks(tmp_path))
    assert replace(row, seconds_a_trial=None) == replace(same, seconds_a_trial=None)


def test_several_searches_share_a_database_by_name(books: PostgresBooks) -> None:
    other = replace(books, group="others")
    run_study(small_panel(), spec(trials=1), books)
    run_study(small_panel(), spec(trials=2, seed=9), other)
    assert books.names() == other.names() == ["lead-long.all"]
    assert [len(trials) for trials in (*proposed(books), *proposed(other))] == [1, 2]
    with pytest.raises(SearchError, match="seed: 7 -> 9"):
        run_study(small_panel(), spec(trials=1, seed=9), books)


def test_a_study_has_one_writer_and_any_number_of_readers(books: PostgresBooks) -> None:
    run_study(small_panel(), spec(trials=1), books)
    with books.opened("lead-long.all", directions=["maximize"]):
        assert len(list_studies(books)) == 1
        with pytest.raises(LockError, match="another process searches studies/lead-long"):
            run_study(small_panel(), spec(trials=2), books)


def test_a_study_that_is_not_there_is_named(books: PostgresBooks, tmp_path: Path) -> None:
    for each in (books, FolderBooks(tmp_path)):
        with pytest.raises(SearchError, match=r"no study .*lead-long\.us"):
            read_trials(each, "lead-long.us")


def test_a_trial_that_was_written_before_its_answer_was_lost_is_there_once(
    books: PostgresBooks,
) -> None:
    run_study(small_panel(), spec(trials=2), books)
    with books.opened("lead-long.all", directions=["maximize"]) as book:
        book.add(book.trials()[-1])
        assert len(book.trials()) == 2


def test_workers_of_a_cluster_find_what_one_process_finds(tmp_path: Path) -> None:
    specs = [spec(segment=segment_of(name), trials=6) for name in ("all", "asia", "us")]
    here = run_studies(small_panel(), specs, tmp_path / "here", workers=1)
    told: list[int] = []
    with workers(Address(processes=2)) as cluster:
        there = run_studies(
            small_panel(),
            specs,
            tmp_path / "there",
            workers=1,
            cluster=cluster,
            on_trial=told.append,
        )
    assert there == here
    assert sum(told) == 18
    assert proposed(FolderBooks(tmp_path / "there")) == proposed(FolderBooks(tmp_path / "here"))


def test_where_books_are() -> None:
    assert books_at(Path("runs/studies")) == FolderBooks(Path("runs/studies"))
    kept = books_at(Path("runs/btc"), "postgresql://me@host/trials")
    assert kept == PostgresBooks(StorageUrl("postgresql://me@host/trials"), "btc")
    with pytest.raises(ClusterError, match="write postgresql://"):
        books_at(Path("x"), "sqlite:///x.db")

"""Studies in a real PostgreSQL: made once, one writer, and a server that goes away."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import optuna
import pytest

from research.errors import ClusterError, LockError
from sweeps.cluster import storage as module
from sweeps.cluster.storage import (
    PASSWORD,
    StorageUrl,
    asked_again,
    only_writer,
    opened_postgresql,
)
from tests.samples.postgresql import Server, server


@pytest.fixture(scope="module")
def postgresql() -> Iterator[Server]:
    with server() as found:
        yield found


@pytest.fixture
def url(postgresql: Server) -> StorageUrl:
    return StorageUrl(postgresql.new_database())


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as made:
        yield made


def open_(url: StorageUrl) -> None:
    with opened_postgresql(url):
        pass


@pytest.mark.parametrize(
    "text", ["", "sqlite:///x.db", "postgresql://host", "postgres//u@h/d", "mysql://u@h/d"]
)
def test_anything_but_postgresql_is_refused(text: str) -> None:
    with pytest.raises(ClusterError, match="write postgresql://USER@HOST:PORT/DATABASE"):
        StorageUrl(text)


@pytest.mark.parametrize(
    "text", ["postgresql://me:hunter2@host/d", "postgresql://me@h/d?x=1&password=hunter2"]
)
def test_a_password_in_the_address_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(ClusterError, match=PASSWORD) as refused:
        StorageUrl(text)
    assert "hunter2" not in str(refused.value)


def test_the_password_comes_from_the_environment_and_is_never_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(PASSWORD, "hun:ter@2")
    url = StorageUrl("postgresql://me@host:6432/trials")
    assert url.connectable().password == "hun:ter@2"
    assert url.connectable().port == 6432
    assert "hun" not in f"{url} {url!r} {url.connectable()}"


def test_two_at_once_on_an_empty_database_make_its_tables_once(postgresql: Server) -> None:
    for _ in range(3):
        url = StorageUrl(postgresql.new_database())
        with ExitStack() as stack, ThreadPoolExecutor(2) as pool:
            opened = [opened_postgresql(url) for _ in range(2)]
            one, other = pool.map(stack.enter_context, opened)
            study = optuna.create_study(storage=one, study_name="one")
            assert optuna.load_study(storage=other, study_name="one")._study_id == study._study_id


def test_a_study_has_one_writer_at_a_time(url: StorageUrl) -> None:
    with only_writer(url, "lead-long.all"):
        with (
            pytest.raises(LockError, match=r"another process searches lead-long\.all"),
            only_writer(url, "lead-long.all"),
        ):
            pass
        with only_writer(url, "lead-long.asia"):
            pass
    with only_writer(url, "lead-long.all"):
        pass


def test_no_such_database_and_no_server_are_said_with_the_cure(postgresql: Server) -> None:
    with pytest.raises(ClusterError, match=r"no such database .* `createdb`"):
        open_(StorageUrl(postgresql.address("nothing")))
    with pytest.raises(ClusterError, match=r"cannot be used .* is the server started"):
        open_(StorageUrl("postgresql://me@127.0.0.1:9/trials"))


def test_tables_of_another_optuna_are_refused(url: StorageUrl) -> None:
    from sqlalchemy import create_engine, text
    from sqlalchemy.pool import NullPool

    open_(url)
    engine = create_engine(url.connectable(), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'v9.9'"))
    with pytest.raises(ClusterError, match="another version of optuna"):
        open_(url)


def test_a_server_that_comes_back_is_waited_for(
    postgresql: Server, url: StorageUrl, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PAUSES_S", (0.5, 5.0))
    storage = stack.enter_context(opened_postgresql(url))
    optuna.create_study(storage=storage, study_name="one")
    postgresql.stop()
    back = threading.Timer(1.0, postgresql.start)
    back.start()
    said: list[str] = []
    names = asked_again(
        lambda: optuna.get_all_study_names(storage=storage), url=url, say=said.append
    )
    back.join()
    assert names == ["one"]
    assert said[0] == f"storage {url}: the connection was lost; asking again in 0.5 s"


def test_a_server_that_stays_away_ends_the_search_in_words(
    postgresql: Server, url: StorageUrl, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PAUSES_S", (0.01,))
    storage = stack.enter_context(opened_postgresql(url))
    postgresql.stop()
    try:
        with pytest.raises(ClusterError, match="every finished trial is kept"):
            asked_again(
                lambda: optuna.get_all_study_names(storage=storage), url=url, say=lambda _: None
            )
    finally:
        postgresql.start()


def test_what_is_no_lost_connection_is_not_asked_again(url: StorageUrl) -> None:
    from sqlalchemy import create_engine, text
    from sqlalchemy.pool import NullPool

    engine = create_engine(url.connectable(), poolclass=NullPool)
    asked: list[int] = []

    def wrong() -> None:
        asked.append(1)
        with engine.connect() as connection:
            connection.execute(text("SELECT nothing FROM nowhere"))

    with pytest.raises(ClusterError):
        asked_again(wrong, url=url, say=lambda _: None)
    assert len(asked) == 1

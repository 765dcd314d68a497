"""Where the trials of studies are kept: a folder, or a PostgreSQL server that several machines see.

Every study has one writer at a time, the holder of its lock, which dies with its connection. A
server that goes away is waited for; what was asked of it is asked again, and the asker sees to it
that nothing is written twice (:func:`asked_again`).
"""

import hashlib
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from research.errors import ClusterError, LockError
from research.extras import require_extra

__all__ = ["PASSWORD", "StorageUrl", "asked_again", "only_writer", "opened_postgresql"]

PASSWORD = "LEADFOLLOW_STORAGE_PASSWORD"  # noqa: S105 (its name, not itself)
_URL = re.compile(
    r"postgres(?:ql)?://(?:(?P<user>[^:@/\s]+)(?P<secret>:[^@/\s]*)?@)?"
    r"(?P<host>[^:@/?\s]*)(?::(?P<port>\d{1,5}))?/(?P<database>[^/?\s]+)(?P<options>\?\S+)?"
)
_SCHEMA_LOCK = 0x6C66_7363_6865_6D61
_PAUSES_S = (0.1, 0.3, 1.0, 3.0, 10.0)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class StorageUrl:
    """A PostgreSQL database, without its password: safe to print and to write down."""

    text: str

    def __post_init__(self) -> None:
        found = _URL.fullmatch(self.text)
        if found is None:
            raise ClusterError(
                f"storage {_without_secret(self.text)!r}: write postgresql://USER@HOST:PORT/DATABASE"
            )
        if (found["secret"] or ":") != ":" or "password=" in (found["options"] or ""):
            raise ClusterError(
                f"storage {_without_secret(self.text)}: leave the password out of the address, "
                f"where others read it; put it into the environment as {PASSWORD}"
            )

    def __str__(self) -> str:
        return self.text

    def connectable(self) -> Any:
        """The address as SQLAlchemy wants it, with the password of the environment."""
        from sqlalchemy import make_url

        url = make_url(self.text).set(drivername="postgresql+psycopg")
        secret = os.environ.get(PASSWORD)
        return url if secret is None else url.set(password=secret)


def _without_secret(text: str) -> str:
    text = re.sub(r"(?<=://)([^:@/\s]*):[^@\s]*@", r"\1:***@", text)
    return re.sub(r"password=[^&\s]*", "password=***", text)


@contextmanager
def opened_postgresql(url: StorageUrl) -> Iterator[Any]:
    """The optuna storage of ``url``, connected while the block lasts.

    Its tables are made once, whoever comes first.

    Raises
    ------
    ClusterError
        No server there, a wrong password, no such database, or the tables of another optuna.
    ExtraError
        The extra is not installed.
    """
    require_extra("cluster", ["sqlalchemy", "psycopg"], what="a PostgreSQL storage")
    storage = _with_tables(url)
    try:
        yield storage
    finally:
        storage.engine.dispose()


def _with_tables(url: StorageUrl) -> Any:
    from optuna.storages import RDBStorage
    from sqlalchemy import create_engine, text
    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.pool import NullPool

    address = url.connectable()
    connect = {"connect_args": {"connect_timeout": 10}}
    engine = create_engine(address, poolclass=NullPool, **connect)
    try:
        # the lock is held on a connection of its own until the tables are there
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _SCHEMA_LOCK})
            return RDBStorage(
                address.render_as_string(hide_password=False),
                engine_kwargs={"pool_pre_ping": True, **connect},
            )
    except SQLAlchemyError as error:
        raise ClusterError(f"storage {url}: {_said(error)}") from None
    except RuntimeError as error:  # optuna: the tables are of another version
        raise ClusterError(
            f"storage {url}: its tables are of another version of optuna ({error}); give another "
            "database, or upgrade this one with `optuna storage upgrade`"
        ) from None


@contextmanager
def only_writer(url: StorageUrl, name: str) -> Iterator[None]:
    """Holds the lock of one study while the block lasts; it ends with the connection.

    Raises
    ------
    ClusterError
        The server cannot be reached.
    LockError
        Another process searches that study.
    """
    from sqlalchemy import create_engine, text
    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.pool import NullPool

    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    engine = create_engine(url.connectable(), poolclass=NullPool)
    try:
        connection = engine.connect()
    except SQLAlchemyError as error:
        raise ClusterError(f"storage {url}: {_said(error)}") from None
    try:
        asked = text("SELECT pg_try_advisory_lock(:key)")
        if not connection.execute(asked, {"key": key}).scalar():
            raise LockError(
                f"storage {url}: another process searches {name}; wait for it, or stop it"
            )
        connection.commit()  # a session's lock outlives its transaction
        yield
    finally:
        connection.invalidate()  # closed for good: the server gives the lock back
        connection.close()


def asked_again(ask: Callable[[], T], *, url: StorageUrl, say: Callable[[str], None]) -> T:
    """What ``ask`` returns, asked anew where the connection was lost on the way.

    Parameters
    ----------
    ask
        Must be right to call again where the first call was done and its answer lost.

    Raises
    ------
    ClusterError
        The server stayed away.
    """
    from optuna.exceptions import StorageInternalError
    from sqlalchemy.exc import DBAPIError

    for pause in (*_PAUSES_S, None):
        try:
            return ask()
        except (StorageInternalError, DBAPIError) as error:
            cause = error if isinstance(error, DBAPIError) else error.__cause__ or error
            if pause is None or not _is_lost(cause):
                raise ClusterError(
                    f"storage {url}: {_said(cause)}; every finished trial is kept: start the "
                    "server and search again"
                ) from None
            say(f"storage {url}: the connection was lost; asking again in {pause:g} s")
            time.sleep(pause)
    raise AssertionError("unreachable")


def _is_lost(error: BaseException) -> bool:
    from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

    is_cut = isinstance(error, DBAPIError) and error.connection_invalidated
    return is_cut or isinstance(error, OperationalError | InterfaceError)


def _said(error: BaseException) -> str:
    """What the server said, in a line and with the cure."""
    words = _without_secret(" ".join(str(getattr(error, "orig", None) or error).split()))
    if "password" in words:
        return f"refused ({words}); set {PASSWORD} in the environment"
    if "does not exist" in words:
        return f"no such database ({words}); make it with `createdb`"
    return f"cannot be used ({words}); is the server started, and the address right?"

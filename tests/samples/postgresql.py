"""A real PostgreSQL server for tests, in a folder of its own."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

__all__ = ["Server", "server"]


class Server:
    """A server that can be stopped and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._server: Any = None
        self.start()

    def start(self) -> None:
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about folders of the desktop
            import pgserver

            self._server = pgserver.get_server(self.folder, cleanup_mode="stop")

    def stop(self) -> None:
        self._server.cleanup()

    def new_database(self) -> str:
        """The address of an empty database."""
        name = f"d{uuid4().hex[:12]}"
        self._server.psql(f"CREATE DATABASE {name};")
        return self.address(name)

    def address(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.folder}"


@contextmanager
def server() -> Iterator[Server]:
    if sys.version_info >= (3, 13):
        pytest.skip("the PostgreSQL wheel that tests start has no build for Python 3.13")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # short: a socket's path has 107 letters
    made = Server(folder)
    try:
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)

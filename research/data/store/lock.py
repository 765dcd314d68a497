"""One writer per market and store at a time: a lock that dies with the process that holds it."""

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from research.clock import Clock
from research.data.store.folder import check_market
from research.errors import LockError, StoreError

__all__ = ["market_lock"]

_POLL_S = 0.1


@contextmanager
def market_lock(
    root: Path, market: str, *, clock: Clock, patience_s: float = 3.0
) -> Iterator[bool]:
    """Holds ``<root>/.lock-<market>`` while the block lasts.

    The operating system gives the lock back when its holder ends, however it ends, so a lock
    file that nobody holds is stale by definition and is taken over.

    Yields
    ------
    bool
        Whether a holder before us ended without giving it back (killed, power cut).

    Raises
    ------
    LockError
        Another process still holds it after ``patience_s``.
    StoreError
        The folder cannot be written, or ``market`` is no name.
    """
    check_market(market)
    path = root / f".lock-{market}"
    try:
        root.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise StoreError(
            f"{path}: cannot be written ({error.strerror}); choose a store with --store"
        ) from None
    try:
        _acquire(descriptor, path, market, clock, patience_s)
        was_stale = bool(os.pread(descriptor, 1, 0))
        holder = {"pid": os.getpid(), "host": socket.gethostname()}
        os.pwrite(descriptor, json.dumps(holder).encode(), 0)
        try:
            yield was_stale
        finally:
            # emptied, not deleted: a deleted file could be locked by two that opened it in turn
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path, market: str, clock: Clock, patience_s: float) -> None:
    until = clock.monotonic() + patience_s
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except OSError:
            if clock.monotonic() >= until:
                raise LockError(
                    f"{path}: held by {_holder(descriptor)}; another fetch or import of {market} "
                    "is at work: wait for it, stop it, or use another --store"
                ) from None
            clock.sleep(_POLL_S)


def _holder(descriptor: int) -> str:
    try:
        holder = json.loads(os.pread(descriptor, 4096, 0))
        return f"process {holder['pid']} on {holder['host']}"
    except (ValueError, KeyError, TypeError, OSError):
        return "another process"

"""One process at a time: a lock file that dies with the process that holds it."""

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from research.clock import Clock
from research.errors import LockError, StoreError

__all__ = ["file_lock"]

_POLL_S = 0.1


@contextmanager
def file_lock(path: Path, *, busy: str, clock: Clock, patience_s: float = 3.0) -> Iterator[bool]:
    """Holds ``path`` while the block lasts; the file and the folders made for it go afterwards.

    The operating system gives the lock back when its holder ends, however it ends, so a lock
    file that nobody holds is stale by definition and is taken over.

    Parameters
    ----------
    busy
        What another holder is doing, and the cure: the end of the refusal.

    Yields
    ------
    bool
        Whether a holder before us ended without giving it back (killed, power cut).

    Raises
    ------
    LockError
        Another process still holds it after ``patience_s``.
    StoreError
        The folder cannot be written.
    """
    made = [folder for folder in path.absolute().parents if not folder.exists()]
    descriptor = _acquired(path, busy, clock, clock.monotonic() + patience_s)
    try:
        was_stale = bool(os.pread(descriptor, 1, 0))
        holder = json.dumps({"pid": os.getpid(), "host": socket.gethostname()}).encode()
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, holder, 0)
        try:
            yield was_stale
        finally:
            os.ftruncate(descriptor, 0)
            with suppress(OSError):  # a folder that went meanwhile, or is not empty, is no matter
                path.unlink()  # while it is held: who waits for it sees that it is gone
                for folder in made:
                    folder.rmdir()
    finally:
        os.close(descriptor)


def _acquired(path: Path, busy: str, clock: Clock, until: float) -> int:
    """The open lock file, held and still the one at ``path``."""
    while True:
        descriptor = _opened(path)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = _holder(descriptor)
            os.close(descriptor)
            if clock.monotonic() >= until:
                raise LockError(f"{path}: held by {holder}; {busy}") from None
            clock.sleep(_POLL_S)
            continue
        if _is_at(path, descriptor):
            return descriptor
        os.close(descriptor)  # its holder removed it between our opening and our locking


def _opened(path: Path) -> int:
    try:
        while True:
            path.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileNotFoundError):  # a holder that ended took the folder with it
                return os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise StoreError(
            f"{path}: cannot be written ({error.strerror}); "
            "choose a folder that exists or can be made, with the right to write"
        ) from None


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _holder(descriptor: int) -> str:
    try:
        holder = json.loads(os.pread(descriptor, 4096, 0))
        return f"process {holder['pid']} on {holder['host']}"
    except (ValueError, KeyError, TypeError, OSError):
        return "another process"

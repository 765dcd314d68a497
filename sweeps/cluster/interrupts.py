"""Ctrl-C while processes are started: it waits, and only who started them ever hears it."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["interrupts_held"]


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Ctrl-C waits until the block ends: half a start ends in a worker's traceback.

    Processes that are started meanwhile inherit the mask, so that they are never interrupted.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

"""Worker processes for studies: started while there is other work, handed the panel later."""

import multiprocessing
import os
import pickle
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any, TypeVar

from research.features.panel import Panel
from sweeps.cluster.interrupts import interrupts_held

__all__ = ["Crew", "crew"]

T = TypeVar("T")
Look = Callable[[int], None]
"""Told of trials that were made; raises where the user asked to stop."""


class _Stopped(Exception):  # noqa: N818 (a signal to leave the loop, not an error)
    """The user asked to stop; what was tried is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shared:
    """What all worker processes hold."""

    stop: Event
    done: Any  # a counter of trials, with its lock


_shared: _Shared | None = None  # set once in each worker
_held: tuple[str, Panel] | None = None  # a panel is large to send twice


class Crew:
    """Processes that are there already when work comes; see :func:`crew`.

    Attributes
    ----------
    count
        How many processes.
    """

    def __init__(self, count: int, folder: Path, modules: Sequence[str]) -> None:
        # spawn: forking a process with numba's and Arrow's threads in it can hang
        context = multiprocessing.get_context("spawn")
        self.count = count
        self._folder = folder
        self._files: dict[int, tuple[Path, Panel]] = {}
        self._shared = _Shared(stop=context.Event(), done=context.Value("q", 0))
        self._pool = ProcessPoolExecutor(count, context, _start, (self._shared, str(folder)))
        with interrupts_held():
            for _ in range(count):
                self._pool.submit(_get_ready, modules)

    @property
    def done(self) -> int:
        """Trials that were made by all."""
        return int(self._shared.done.value)

    def hand_out(
        self, work: Callable[[Any, Panel, Look], T], panel: Panel, task: Any
    ) -> "Future[T]":
        """Has ``work(task, panel, look)`` done by one of them."""
        with interrupts_held():  # a process that replaces another inherits it, too
            return self._pool.submit(_work, work, task, self._file_of(panel))

    def stop(self) -> None:
        """Ends all work after the trials at hand; the crew can do nothing more."""
        self._shared.stop.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _file_of(self, panel: Panel) -> str:
        if id(panel) not in self._files:
            path = self._folder / f"panel-{len(self._files)}"
            with path.open("wb") as file:
                pickle.dump(panel, file, pickle.HIGHEST_PROTOCOL)
            self._files[id(panel)] = path, panel
        return str(self._files[id(panel)][0])


@contextmanager
def crew(count: int, modules: Sequence[str] = ()) -> Iterator[Crew]:
    """``count`` processes while the block lasts, at most one a core and one to spare.

    Parameters
    ----------
    modules
        What they import before there is work, which takes them a second.
    """
    with tempfile.TemporaryDirectory(prefix="leadfollow-", ignore_cleanup_errors=True) as name:
        made = Crew(min(count, (os.cpu_count() or 1) + 1), Path(name), modules)
        try:
            yield made
        finally:
            made.stop()


def _start(shared: _Shared, folder: str) -> None:
    global _shared
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent stops the workers
    threading.Thread(target=_end_with_parent, args=(folder,), daemon=True).start()
    _shared = shared


def _end_with_parent(folder: str) -> None:
    """A parent that was killed stops nobody: its workers would wait for work for ever."""
    if parent := multiprocessing.parent_process():
        parent.join()
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(1)


def _get_ready(modules: Sequence[str]) -> None:
    for name in modules:
        import_module(name)


def _work(work: Callable[[Any, Panel, Look], T], task: Any, file: str) -> T:
    global _held
    if _shared is None:
        raise RuntimeError("the worker was not started by a crew")
    shared = _shared
    if _held is None or _held[0] != file:
        _held = file, pickle.loads(Path(file).read_bytes())  # noqa: S301 (of our own parent)

    def look(trials: int) -> None:
        with shared.done.get_lock():
            shared.done.value += trials
        if shared.stop.is_set():
            raise _Stopped

    return work(task, _held[1], look)

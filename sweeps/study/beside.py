"""Studies that are searched beside other work, in a thread that waits for their processes."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from research.features.panel import Panel
from sweeps.study.crew import Crew
from sweeps.study.search import Found, run_studies
from sweeps.study.spec import StudySpec

__all__ = ["searching"]

_LOOK_S = 0.2


@contextmanager
def searching(
    panel: Panel,
    specs: Sequence[StudySpec],
    books: Path,
    *,
    workers: int,
    stage: Callable[[str, int], AbstractContextManager[Callable[[int], Any]]],
    ready: Crew | None,
) -> Iterator[Callable[[], Found]]:
    """Searches while the block lasts; yields what waits for them and gives what they found.

    An error of the search is raised there; a block that is left stops it after the trials at hand.

    Parameters
    ----------
    stage
        Opens a progress line, while it is waited.
    """
    news: SimpleQueue[int] = SimpleQueue()
    is_left = threading.Event()

    def on_trial(trials: int) -> None:
        news.put(trials)
        if is_left.is_set():
            raise KeyboardInterrupt  # as if the user had asked the search itself to stop

    def search() -> Found:
        return run_studies(panel, specs, books, workers=workers, on_trial=on_trial, ready=ready)

    with ThreadPoolExecutor(1, "searches") as thread:
        future = thread.submit(search)

        def found() -> Found:
            total = sum(spec.trials for spec in specs)
            with stage(f"{len(specs)} searches, trials", total) as advance:
                while not future.done() or not news.empty():
                    with suppress(Empty):
                        advance(news.get(timeout=_LOOK_S))
            return future.result()

        try:
            yield found
        finally:
            is_left.set()

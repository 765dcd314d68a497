"""Work side by side in threads that may be left behind: venues, and stretches of one venue."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import TypeVar

from research.data.tables.spans import Span
from research.errors import LeadfollowError

__all__ = ["in_lanes", "parts", "side_by_side"]

T = TypeVar("T")

_LEAVE_S = 2.0  # how long an interrupted fetch waits for its threads: what they keep is whole
_PART_ROWS = 15_000  # whole pages at every venue: 10 of 1500, 15 of 1000


def side_by_side(tasks: Sequence[Callable[[], T]], stop: threading.Event) -> list[T]:
    """All results in order; the first failure is raised when every thread has ended.

    Raises
    ------
    KeyboardInterrupt
        With ``stop`` set, after a short wait for the threads.
    """
    results: dict[int, T] = {}
    failures: list[BaseException] = []

    def run(at: int) -> None:
        try:
            results[at] = tasks[at]()
        except BaseException as error:
            failures.append(error)

    # daemons: a second Ctrl-C must end the process; a page half-way is never half-kept
    threads = [threading.Thread(target=run, args=(at,), daemon=True) for at in range(len(tasks))]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            while thread.is_alive():
                thread.join(0.2)
    except KeyboardInterrupt:
        stop.set()
        for thread in threads:
            thread.join(_LEAVE_S)
        raise
    # a fault of our own must not hide behind a venue's
    for failure in sorted(failures, key=lambda error: isinstance(error, LeadfollowError)):
        raise failure
    return [results[at] for at in range(len(tasks))]


def in_lanes(
    jobs: Sequence[T],
    work: Callable[[T, Callable[[], bool]], None],
    *,
    lanes: int,
    stop: threading.Event,
) -> None:
    """Does ``work(job, is_stopped)`` for every job, at most ``lanes`` of them at once.

    After a failure the other lanes end with the page at hand, and it is raised; what they kept
    stays.
    """
    waiting, failed = deque(jobs), threading.Event()

    def is_stopped() -> bool:
        return stop.is_set() or failed.is_set()

    def drain() -> None:
        try:
            while waiting and not is_stopped():
                try:
                    job = waiting.popleft()
                except IndexError:  # another lane took the last one
                    return
                work(job, is_stopped)
        except BaseException:
            failed.set()
            raise

    if len(waiting) == 1 or lanes == 1:
        drain()
    else:
        side_by_side([drain] * min(lanes, len(waiting)), stop)


def parts(span: Span, step_ms: int, *, newest_first: bool) -> list[Span]:
    """``span`` in stretches of whole pages, in the order in which a venue pages."""
    length = _PART_ROWS * step_ms
    if newest_first:
        ends = range(span.end_ms, span.first_ms, -length)
        return [Span(max(span.first_ms, end - length), end) for end in ends]
    firsts = range(span.first_ms, span.end_ms, length)
    return [Span(first, min(span.end_ms, first + length)) for first in firsts]

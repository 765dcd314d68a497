"""Kernels side by side on threads; an interrupt drops what has not begun."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

__all__ = ["in_threads", "pieces"]


def pieces(size: int, count: int) -> list[tuple[int, int]]:
    """At most ``count`` spans that cover ``range(size)``, as equal as can be."""
    count = max(1, min(size, count))
    edges = [size * i // count for i in range(count + 1)]
    return list(pairwise(edges))


def in_threads(
    work: Callable[[int, int], object], spans: Sequence[tuple[int, int]], threads: int
) -> Iterator[int]:
    """Runs ``work(first, stop)`` for every span; yields how many more are done, now and then.

    The caller's thread takes its share: a grid that takes milliseconds waits for no other.
    """
    todo, done = deque(spans), deque[int]()

    def take_over() -> None:
        while todo:
            try:
                first, stop = todo.popleft()
            except IndexError:  # another thread was faster
                return
            work(first, stop)
            done.append(stop - first)

    def finished() -> int:
        return sum(done.popleft() for _ in range(len(done)))

    helpers = min(threads, len(spans)) - 1
    if helpers < 1:
        for first, stop in spans:
            work(first, stop)
            yield stop - first
        return
    with ThreadPoolExecutor(helpers) as pool:
        futures = [pool.submit(take_over) for _ in range(helpers)]
        try:
            while todo:
                try:
                    first, stop = todo.popleft()
                except IndexError:
                    break
                work(first, stop)
                yield stop - first + finished()
            for future in futures:
                future.result()
            yield finished()
        finally:
            todo.clear()

"""Kernels side by side on threads; an interrupt drops what has not begun."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
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
    """Runs ``work(first, stop)`` for every span; yields the size of each when it is done."""
    if threads == 1 or len(spans) == 1:
        for first, stop in spans:
            work(first, stop)
            yield stop - first
        return
    with ThreadPoolExecutor(max_workers=threads) as pool:
        futures = {pool.submit(work, *span): span for span in spans}
        try:
            for future in as_completed(futures):
                future.result()
                first, stop = futures.pop(future)
                yield stop - first
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

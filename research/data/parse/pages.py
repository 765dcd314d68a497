"""Rows that came page by page -> one rising order, and the rows that repeat one another.

An exchange gives pages with the newest row first; whoever asks from the oldest page on appends
falling pages in rising order. Whole pages are put in order. Rows that lie BETWEEN the rows of
another page are refused: local time that is set back an hour looks so.
"""

import numpy as np

from research.arrays import Ints

__all__ = ["first_out_of_order", "page_order"]


def page_order(times: Ints) -> Ints | None:
    """Places (n,) that make ``times`` (n,) rise, doubled ones side by side in their own order.

    None where the rows are no pages: see :func:`first_out_of_order`.
    """
    pages = _pages(times)
    pages.sort(key=lambda page: (int(min(times[page[0]], times[page[-1]])), int(page[0])))
    order = np.concatenate(pages) if pages else np.arange(0)
    if (np.diff(times[order]) >= 0).all():
        return order
    # pages that overlap: sound only where both hold every minute of what they share
    rows = np.concatenate([np.full(len(page), at) for at, page in enumerate(pages)])
    for at in range(1, len(pages)):
        before = times[order[rows < at]]
        page = times[pages[at]]
        shared = before[before >= page[0]]
        common = page[page <= before.max()]
        if not np.array_equal(np.unique(shared), np.unique(common)):
            return None
    return np.asarray(np.argsort(times, kind="stable"))


def first_out_of_order(times: Ints) -> int:
    """Row (from 0) at which ``times`` stop going the way they began; 0 where they never do."""
    steps = np.diff(times)
    moves = steps[steps != 0]
    if not len(moves):
        return 0
    against = steps < 0 if moves[0] > 0 else steps > 0
    return int(np.argmax(against)) + 1 if against.any() else 0


def _pages(times: Ints) -> list[Ints]:
    """Rows of each stretch that goes one way, in rising order."""
    steps = np.sign(np.diff(times))
    moves = np.flatnonzero(steps)
    ways = steps[moves]
    turns = np.flatnonzero(np.diff(ways)) + 1  # moves that go another way than the one before
    pages: list[Ints] = []
    start = move = 0
    while start < len(times):
        at = int(np.searchsorted(turns, move, side="right"))
        turn = int(turns[at]) if move < len(ways) and at < len(turns) else len(moves)
        end = int(moves[turn]) + 1 if turn < len(moves) else len(times)
        page = np.arange(start, end)
        pages.append(page[::-1] if move < len(ways) and ways[move] < 0 else page)
        start, move = end, turn + 1  # the step between two pages belongs to neither
    return pages

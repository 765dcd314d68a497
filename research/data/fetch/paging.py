"""Page by page over a stretch of time: each page is kept before the next is asked for.

What a page proves is only what lies between its first and its last row; beyond that an empty
answer is the proof. A hole is asked for once more before it is believed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
import pandas as pd

from research.arrays import Ints
from research.data.tables.schema import minutes_ms
from research.data.tables.spans import Span, missing_spans
from research.errors import FormatError

__all__ = ["Pages", "page_through"]

Rows = TypeVar("Rows", pd.DataFrame, pd.Series)

_ANSWERS = 3  # that may contradict what the venue said before


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages(Generic[Rows]):
    """One kind of rows at one venue.

    Attributes
    ----------
    name : str
        For messages: ``dydx minutes``.
    ask : Span -> rows
        Some rows of the span, from the end at which the venue begins; None if it has none.
    keep : rows -> None
        Writes rows down for good.
    step_ms : int
        Distance of two rows where none is missing.
    newest_first : bool
        At which end of a span ``ask`` begins.
    """

    name: str
    ask: Callable[[Span], Rows | None]
    keep: Callable[[Rows], None]
    step_ms: int
    newest_first: bool

    def times(self, rows: Rows) -> Ints:
        """Rising, unique grid times of ``rows``."""
        return np.unique(minutes_ms(rows.index) // self.step_ms * self.step_ms)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch to ask for, and whether the grid times beside it are rows that we have seen."""

    span: Span
    is_row_before: bool = False
    is_row_after: bool = False


def page_through(
    pages: Pages[Rows],
    wanted: Span,
    *,
    on_page: Callable[[int, list[Span]], None],
    is_stopped: Callable[[], bool],
) -> None:
    """Asks for all of ``wanted``.

    Parameters
    ----------
    on_page : (grid times settled, holes among them) -> None
        Called when a page is kept; holes are what the venue does not have.
    is_stopped : () -> bool
        Looked at before each question.

    Raises
    ------
    FormatError
        The venue contradicts itself. And whatever ``ask`` and ``keep`` raise.
    """
    waiting = [_Piece(wanted)] if wanted else []
    while waiting and not is_stopped():
        piece = waiting.pop()
        span, rows = piece.span, pages.ask(piece.span)
        if rows is None:
            covered, suspects, beside = span, [span], piece
        else:
            pages.keep(rows)
            times = pages.times(rows)
            covered = Span(int(times[0]), int(times[-1]) + pages.step_ms).cut(span)
            suspects = missing_spans(times, covered, pages.step_ms)
            beside = _Piece(covered, is_row_before=True, is_row_after=True)
            before = _Piece(Span(span.first_ms, covered.first_ms), piece.is_row_before, True)
            after = _Piece(Span(covered.end_ms, span.end_ms), True, piece.is_row_after)
            following = (before, after) if pages.newest_first else (after, before)
            waiting += [part for part in following if part.span]
        holes, doubtful = _ask_again(pages, suspects, beside)
        settled = covered.count(pages.step_ms) - sum(span.count(pages.step_ms) for span in doubtful)
        on_page(settled, holes)
        waiting += [_Piece(doubt, True, True) for doubt in doubtful]


def _ask_again(
    pages: Pages[Rows], suspects: list[Span], beside: _Piece
) -> tuple[list[Span], list[Span]]:
    """Holes that the venue confirms, and stretches that it has to be asked for anew.

    The second question reaches to the rows beside the holes: an answer that has those and not
    these is a proof, and one without either is a contradiction.
    """
    if not suspects:
        return [], []
    step = pages.step_ms
    hull = Span(
        suspects[0].first_ms - step * beside.is_row_before,
        suspects[-1].end_ms + step * beside.is_row_after,
    )
    for _ in range(_ANSWERS):
        again = pages.ask(hull)
        if again is None:
            if beside.is_row_before or beside.is_row_after:
                continue
            return suspects, []
        times = minutes_ms(again.index) // step * step
        in_hole = np.zeros(len(times), dtype=np.bool_)
        for hole in suspects:
            in_hole |= (times >= hole.first_ms) & (times < hole.end_ms)
        if not in_hole.any():
            return suspects, []
        pages.keep(again[in_hole])
        found = np.unique(times[in_hole])
        return [], [rest for hole in suspects for rest in missing_spans(found, hole, step)]
    raise FormatError(
        f"{pages.name}: {_ANSWERS} empty answers for {hull.sentence(step)}, of which it gave rows "
        "a moment ago; what was fetched is kept: run it again later"
    )

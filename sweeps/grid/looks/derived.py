"""Columns of a grid beside its report columns: its plateau, and what came after its minutes.

``plateau_lcb`` is the mean lower bound of a set and of the sets one level away, among those with
enough trades. ``after_avg_pnl`` is the mean net pnl of the same set on minutes that no search saw,
``in_minus_after`` what it lost against the minutes that it was searched on.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np

from research.arrays import Floats, Ints
from research.errors import SearchError
from research.statistics.plateau import plateau
from sweeps.grid.result import GridResult

__all__ = [
    "AFTER_COLUMNS",
    "DERIVED",
    "LookedAt",
    "derived_note",
    "derived_of",
    "looked_at",
]

_PLATEAU = "plateau_lcb"
AFTER_COLUMNS = ("after_avg_pnl", "in_minus_after")
"""Columns that need the grid of the minutes after."""
DERIVED = (_PLATEAU, *AFTER_COLUMNS)


@dataclass(frozen=True, kw_only=True, eq=False)
class LookedAt(GridResult):
    """A grid with the columns of :data:`DERIVED` beside its own.

    Attributes
    ----------
    after
        The same sets on later minutes; None where there are none.
    min_events
        Sets with fewer trades do not count for a plateau.
    """

    after: GridResult | None = None
    min_events: int = 30

    @property
    def columns(self) -> tuple[str, ...]:
        """The grid's own, then those that are worked out here."""
        return (*super().columns, *derived_of(self))

    def column(self, name: str, segment: str = "all") -> Floats | Ints:
        """A column of one segment, shape (sets,); NaN without trades.

        Raises
        ------
        ParamError, SearchError
            No such segment or column; a column of :data:`AFTER_COLUMNS` without ``after``.
        """
        if name == _PLATEAU:
            bound = np.asarray(super().column("lcb_pnl", segment), dtype=np.float64)
            enough = super().column("events", segment) >= self.min_events
            is_known = self.is_valid & enough & ~np.isnan(bound)
            shape = self.spec.shape
            return plateau(bound.reshape(shape), is_known.reshape(shape)).ravel()
        if name in AFTER_COLUMNS:
            if self.after is None:
                raise SearchError(f"column {name}: no numbers from after this grid's minutes")
            mean = np.asarray(self.after.column("avg_pnl", segment), dtype=np.float64)
            return mean if name == AFTER_COLUMNS[0] else super().column("avg_pnl", segment) - mean
        return super().column(name, segment)


def looked_at(
    result: GridResult, after: GridResult | None = None, *, min_events: int = 30
) -> LookedAt:
    """``result`` with the columns that are worked out of it.

    Raises
    ------
    SearchError
        ``after`` has other sets.
    """
    if after is not None and after.spec != result.spec:
        raise SearchError(f"{result.name}: the grid of the minutes after has other sets; make anew")
    told = {field.name: getattr(result, field.name) for field in fields(GridResult)}
    return LookedAt(**told, after=after, min_events=min_events)


def derived_of(result: GridResult) -> tuple[str, ...]:
    """The columns beyond its own that ``result`` can show."""
    if not isinstance(result, LookedAt):
        return ()
    return (_PLATEAU,) if result.after is None else DERIVED


def derived_note(result: GridResult, value: str) -> Iterator[str]:
    """What such a column means, for the foot of a picture."""
    if value == _PLATEAU:
        yield "plateau_lcb: mean lower bound of a set and those one level away with enough trades"
    if value in AFTER_COLUMNS and isinstance(result, LookedAt) and result.after is not None:
        yield (
            f"after: {result.after.label}, minutes that no search saw; whoever chooses by this "
            "picture has seen them"
        )

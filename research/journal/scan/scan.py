"""Lines of a journal -> columns, in one pass over the bytes and without an object per value.

The scanner reads the plain lines that the writer writes. Whatever it does not understand for
certain (an escape, an unknown field, a field given twice, a number it could not round) it leaves:
that line is read by :func:`research.journal.parse.parse_line`, which is the definition.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np

from research.arrays import Bools, Floats, Ints
from research.journal.fields import INTENT_FACTS
from research.journal.record import KINDS, THRESHOLDS
from research.journal.scan import kernels

__all__ = ["MOMENTS", "NO_MOMENT", "NUMBERS", "SCOPES", "SPANS", "Scanned", "gather", "scan"]

NO_MOMENT: Final = np.iinfo(np.int64).min

_CODES: Final = {
    "time": kernels.MOMENT,
    "whole": kernels.WHOLE,
    "sign": kernels.WHOLE,
    "text": kernels.TEXT,
} | {
    "price_kind": kernels.TEXT,
    "texts": kernels.LIST,
    "numbers": kernels.TABLE,
    "facts": kernels.TABLE,
}
SCOPES: Final = ("", "thresholds", "order_intent")  # where names stand: the line, two objects
_INNER: Final = {f"thresholds.{name}": kernels.NUMBER for name in THRESHOLDS} | {
    f"order_intent.{name}": kernels.TEXT if kind == "text" else kernels.NUMBER
    for name, kind in INTENT_FACTS.items()
}
_FIELDS: Final = (
    {"schema": kernels.NUMBER}
    | {name: _CODES.get(kind, kernels.NUMBER) for name, kind in KINDS.items()}
    | _INNER
)
NUMBERS: Final = tuple(
    name for name, code in _FIELDS.items() if code in (kernels.NUMBER, kernels.WHOLE)
)
MOMENTS: Final = tuple(name for name, code in _FIELDS.items() if code == kernels.MOMENT)
SPANS: Final = tuple(name for name, code in _FIELDS.items() if code in (kernels.TEXT, kernels.LIST))


@dataclass(frozen=True, slots=True, eq=False)
class Scanned:
    """Cells of ``n`` lines; only rows with ``is_read`` mean anything.

    ``numbers`` (n, fields) float64, NaN where unknown; ``moments`` (n, fields) int64 ms,
    :data:`NO_MOMENT` where unknown; ``starts``, ``ends`` (n, fields) int64: where the text or list
    stands in the block without its brackets, both 0 where unknown. Columns follow
    :data:`NUMBERS`, :data:`MOMENTS`, :data:`SPANS`.
    """

    is_read: Bools
    numbers: Floats
    moments: Ints
    starts: Ints
    ends: Ints


def scan(data: bytes, begins: Ints, stops: Ints, learned: Iterable[str] = ()) -> Scanned:
    """Scans the lines ``data[begins[k]:stops[k]]``; ``data`` must be UTF-8.

    Parameters
    ----------
    learned
        Free names inside ``thresholds`` or ``order_intent`` (dotted) to read over.
    """
    n = len(begins)
    cells = kernels.Cells(
        numbers=np.full((n, len(NUMBERS)), np.nan),
        moments=np.full((n, len(MOMENTS)), NO_MOMENT, np.int64),
        starts=np.zeros((n, len(SPANS)), np.int64),
        ends=np.zeros((n, len(SPANS)), np.int64),
    )
    is_read = np.zeros(n, np.bool_)
    layout = _layout(tuple(sorted(learned)))
    kernels.scan_lines(np.frombuffer(data, np.uint8), begins, stops, layout, cells, is_read)
    return Scanned(is_read, *cells)


def gather(data: bytes, starts: Ints, ends: Ints) -> tuple[Any, Any]:
    """(offsets int32 (n + 1,), letters uint8): the spans copied one after the other."""
    offsets = np.zeros(len(starts) + 1, np.int32)
    np.cumsum(ends - starts, out=offsets[1:])
    letters = np.empty(int(offsets[-1]), np.uint8)
    kernels.copy_spans(np.frombuffer(data, np.uint8), starts, offsets, letters)
    return offsets, letters


@lru_cache(maxsize=16)
def _layout(learned: tuple[str, ...]) -> kernels.Layout:
    names: list[str] = []
    codes: list[int] = []
    slots: list[int] = []
    scopes = [0]
    for scope in SCOPES:
        found = [name for name in (*_FIELDS, *learned) if scope == name.rpartition(".")[0]]
        names += [name.rpartition(".")[2] for name in found]
        codes += [_FIELDS.get(name, _skip_code(scope)) for name in found]
        slots += [_slot(name) for name in found]
        scopes.append(len(names))
    letters = np.frombuffer("".join(names).encode(), np.uint8)
    starts = np.cumsum([0, *(len(name.encode()) for name in names)])
    return kernels.Layout(letters, starts, np.array(codes), np.array(slots), np.array(scopes))


def _skip_code(scope: str) -> int:
    return kernels.SKIP_NUMBER if scope == "thresholds" else kernels.SKIP_FACT


def _slot(name: str) -> int:
    rows = (NUMBERS, MOMENTS, SPANS, SCOPES)
    return next((row.index(name) for row in rows if name in row), -1)

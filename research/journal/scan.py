"""Lines of a journal -> columns, in one pass over the bytes and without an object per value.

The scanner reads the plain lines that the writer writes. Whatever it does not understand for
certain (an escape, an unknown field, a field given twice, a number it could not round) it leaves:
that line is read by :func:`research.journal.parse.parse_line`, which is the definition.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

import numpy as np

from research.arrays import Bools, Floats, Ints
from research.jit import kernel
from research.journal.fields import INTENT_FACTS
from research.journal.numerals import byte, read_moment, read_number
from research.journal.record import KINDS, THRESHOLDS

__all__ = ["MOMENTS", "NO_MOMENT", "NUMBERS", "SCOPES", "SPANS", "Scanned", "gather", "scan"]

NO_MOMENT: Final = np.iinfo(np.int64).min

# what a field holds, as the kernel sees it
_NUMBER, _WHOLE, _MOMENT, _TEXT, _LIST, _TABLE, _SKIP_NUMBER, _SKIP_FACT = range(8)
_CODES: Final = {"time": _MOMENT, "whole": _WHOLE, "sign": _WHOLE, "text": _TEXT} | {
    "price_kind": _TEXT,
    "texts": _LIST,
    "numbers": _TABLE,
    "facts": _TABLE,
}
_WORDS: Final = np.frombuffer(b"nulltruefalse", np.uint8)
SCOPES: Final = ("", "thresholds", "order_intent")  # where names stand: the line, two objects
_INNER: Final = {f"thresholds.{name}": _NUMBER for name in THRESHOLDS} | {
    f"order_intent.{name}": _TEXT if kind == "text" else _NUMBER
    for name, kind in INTENT_FACTS.items()
}
_FIELDS: Final = (
    {"schema": _NUMBER} | {name: _CODES.get(kind, _NUMBER) for name, kind in KINDS.items()} | _INNER
)
NUMBERS: Final = tuple(name for name, code in _FIELDS.items() if code in (_NUMBER, _WHOLE))
MOMENTS: Final = tuple(name for name, code in _FIELDS.items() if code == _MOMENT)
SPANS: Final = tuple(name for name, code in _FIELDS.items() if code in (_TEXT, _LIST))


class _Layout(NamedTuple):
    letters: Any  # uint8: all names, one after the other
    starts: Any  # int64 (names + 1,): where each begins in letters
    codes: Any  # int64 (names,)
    slots: Any  # int64 (names,): column of its output array; for a table its scope
    scopes: Any  # int64 (scopes + 1,): first name of each scope


class _Cells(NamedTuple):
    numbers: Any
    moments: Any
    starts: Any
    ends: Any


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
    cells = _Cells(
        numbers=np.full((n, len(NUMBERS)), np.nan),
        moments=np.full((n, len(MOMENTS)), NO_MOMENT, np.int64),
        starts=np.zeros((n, len(SPANS)), np.int64),
        ends=np.zeros((n, len(SPANS)), np.int64),
    )
    is_read = np.zeros(n, np.bool_)
    layout = _layout(tuple(sorted(learned)))
    _scan_lines(np.frombuffer(data, np.uint8), begins, stops, layout, cells, is_read)
    return Scanned(is_read, *cells)


def gather(data: bytes, starts: Ints, ends: Ints) -> tuple[Any, Any]:
    """(offsets int32 (n + 1,), letters uint8): the spans copied one after the other."""
    offsets = np.zeros(len(starts) + 1, np.int32)
    np.cumsum(ends - starts, out=offsets[1:])
    letters = np.empty(int(offsets[-1]), np.uint8)
    _copy_spans(np.frombuffer(data, np.uint8), starts, offsets, letters)
    return offsets, letters


@lru_cache(maxsize=16)
def _layout(learned: tuple[str, ...]) -> _Layout:
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
    return _Layout(letters, starts, np.array(codes), np.array(slots), np.array(scopes))


def _skip_code(scope: str) -> int:
    return _SKIP_NUMBER if scope == "thresholds" else _SKIP_FACT


def _slot(name: str) -> int:
    rows = (NUMBERS, MOMENTS, SPANS, SCOPES)
    return next((row.index(name) for row in rows if name in row), -1)


@kernel
def _copy_spans(data: Any, starts: Any, offsets: Any, letters: Any) -> None:
    for row in range(starts.size):
        shift = starts[row] - offsets[row]
        for place in range(offsets[row], offsets[row + 1]):
            letters[place] = byte(data, place + shift)


@kernel
def _scan_lines(
    data: Any, begins: Any, stops: Any, layout: _Layout, cells: _Cells, is_read: Any
) -> None:
    seen = np.full(layout.codes.size, -1)
    for row in range(begins.size):
        at, stop = begins[row], stops[row]
        if stop - at >= 2 and byte(data, at) == 123 and byte(data, stop - 1) == 125:
            is_read[row] = _scan_line(data, at + 1, stop, layout, cells, seen, row)


@kernel
def _scan_line(data: Any, at: int, stop: int, layout: Any, cells: Any, seen: Any, row: int) -> bool:
    letters, name_starts, codes, slots, scopes = layout
    numbers, moments, starts, ends = cells
    i, first, last, guess, back = at, scopes[0], scopes[1], scopes[0], -1
    while True:
        i, name = _read_name(data, i, stop, letters, name_starts, first, last, guess)
        if i == 0 or seen[name] == row:
            return False
        seen[name] = row
        guess = name + 1
        code, slot, begin = codes[name], slots[name], i
        if byte(data, i) == 110:  # null: unknown
            i = _skip_word(data, i, stop)
        elif code <= _WHOLE:
            i, numbers[row, slot] = read_number(data, i, stop)
            if code == _WHOLE and not _is_whole(numbers[row, slot]):
                return False
        elif code == _MOMENT:
            i, moments[row, slot] = read_moment(data, i, stop)
        elif code <= _LIST:
            i = _end_of_text(data, i, stop) if code == _TEXT else _end_of_list(data, i, stop)
            starts[row, slot], ends[row, slot] = begin + 1, i - 1
        elif code != _TABLE:
            i = _skip_value(data, i, stop, code)
        elif byte(data, i) == 123:
            back, first, last, guess = guess, scopes[slot], scopes[slot + 1], scopes[slot]
            i += 1
            if byte(data, i) != 125:
                continue
        else:
            return False
        if i == 0:
            return False
        while i < stop and byte(data, i) == 125:
            if back < 0:
                return bool(i == stop - 1)
            i, first, last, guess, back = i + 1, scopes[0], scopes[1], back, -1
        i = _next_item(data, i, stop)


@kernel
def _is_whole(value: float) -> bool:
    return value == np.floor(value) and abs(value) <= 2.0**53


@kernel
def _next_item(data: Any, at: int, stop: int) -> int:
    if at + 2 >= stop or byte(data, at) != 44:
        return 0
    return at + 2 if byte(data, at + 1) == 32 else at + 1


@kernel
def _read_name(
    data: Any, at: int, stop: int, letters: Any, name_starts: Any, first: int, last: int, guess: int
) -> tuple[int, int]:
    if at == 0 or at >= stop or byte(data, at) != 34:
        return 0, 0
    for step in range(last - first):
        name = guess + step
        if name >= last:
            name -= last - first
        start = name_starts[name]
        size = name_starts[name + 1] - start
        i = at + 1 + size
        if i + 3 < stop and byte(data, i) == 34 and byte(data, i + 1) == 58:
            j = 0
            while j < size and byte(data, at + 1 + j) == byte(letters, start + j):
                j += 1
            if j == size:
                return (i + 3 if byte(data, i + 2) == 32 else i + 2), name
    return 0, 0


@kernel
def _skip_value(data: Any, at: int, stop: int, code: int) -> int:
    if byte(data, at) == 34:
        return _end_of_text(data, at, stop) if code == _SKIP_FACT else 0
    if byte(data, at) == 116 or byte(data, at) == 102:
        return _skip_word(data, at, stop) if code == _SKIP_FACT else 0
    return read_number(data, at, stop)[0]


@kernel
def _skip_word(data: Any, at: int, stop: int) -> int:
    first = 0
    for length in (4, 4, 5):  # null, true, false
        if at + length <= stop:
            j = 0
            while j < length and byte(data, at + j) == byte(_WORDS, first + j):
                j += 1
            if j == length:
                return at + length
        first += length
    return 0


@kernel
def _end_of_text(data: Any, at: int, stop: int) -> int:
    if byte(data, at) != 34:
        return 0
    i = at + 1
    while i < stop and byte(data, i) != 34 and byte(data, i) != 92 and byte(data, i) >= 32:
        i += 1
    return i + 1 if i < stop and byte(data, i) == 34 else 0


@kernel
def _end_of_list(data: Any, at: int, stop: int) -> int:
    if byte(data, at) != 91:
        return 0
    i = at + 1
    if i < stop and byte(data, i) == 93:
        return i + 1
    while i < stop:
        i = _end_of_text(data, i, stop)
        if i == 0 or i >= stop:
            return 0
        if byte(data, i) == 93:
            return i + 1
        i = _next_item(data, i, stop)
        if i == 0:
            return 0
    return 0

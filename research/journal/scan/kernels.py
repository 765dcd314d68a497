"""The kernels of the scanner: one pass over the bytes of a line, a cell per field.

Offsets are places in the block. A kernel that does not understand a byte for certain gives up
the line (place 0), which is then read by :mod:`research.journal.parse`.
"""

from typing import Any, Final, NamedTuple

import numpy as np

from research.jit import kernel
from research.journal.scan.numerals import byte, read_moment, read_number

__all__ = ["Cells", "Layout", "copy_spans", "scan_lines"]

# what a field holds, as the kernel sees it
NUMBER, WHOLE, MOMENT, TEXT, LIST, TABLE, SKIP_NUMBER, SKIP_FACT = range(8)
_WORDS: Final = np.frombuffer(b"nulltruefalse", np.uint8)


class Layout(NamedTuple):
    """Names to look for, and where their values go."""

    letters: Any  # uint8: all names, one after the other
    starts: Any  # int64 (names + 1,): where each begins in letters
    codes: Any  # int64 (names,)
    slots: Any  # int64 (names,): column of its output array; for a table its scope
    scopes: Any  # int64 (scopes + 1,): first name of each scope


class Cells(NamedTuple):
    """Output arrays of shape (lines, fields)."""

    numbers: Any
    moments: Any
    starts: Any
    ends: Any


@kernel
def copy_spans(data: Any, starts: Any, offsets: Any, letters: Any) -> None:
    """Copies the span that begins at ``starts[k]`` to ``letters[offsets[k]:offsets[k + 1]]``."""
    for row in range(starts.size):
        shift = starts[row] - offsets[row]
        for place in range(offsets[row], offsets[row + 1]):
            letters[place] = byte(data, place + shift)


@kernel
def scan_lines(
    data: Any, begins: Any, stops: Any, layout: Layout, cells: Cells, is_read: Any
) -> None:
    """Fills ``cells`` row by row; ``is_read`` says which rows hold."""
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
        elif code <= WHOLE:
            i, numbers[row, slot] = read_number(data, i, stop)
            if code == WHOLE and not _is_whole(numbers[row, slot]):
                return False
        elif code == MOMENT:
            i, moments[row, slot] = read_moment(data, i, stop)
        elif code <= LIST:
            i = _end_of_text(data, i, stop) if code == TEXT else _end_of_list(data, i, stop)
            starts[row, slot], ends[row, slot] = begin + 1, i - 1
        elif code != TABLE:
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
        return _end_of_text(data, at, stop) if code == SKIP_FACT else 0
    if byte(data, at) == 116 or byte(data, at) == 102:
        return _skip_word(data, at, stop) if code == SKIP_FACT else 0
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

"""From corners to the full exit cube: inclusive prefix sums along the free axes of each kind.

TP events are free along sl and horizon, SL events along tp and horizon, horizon events along tp
and sl. What the kinds share is summed in one pass. Additions only: nothing cancels, so sums are
as exact as those of a loop over trades.

Lines of the cube are added in loops of one statement each: so they become vector arithmetic.
"""

from typing import Any

import numpy as np

from research.jit import inlined_kernel

__all__ = ["integrate", "integrate_lows", "work_size"]


@inlined_kernel
def work_size(lanes: int, s: int, h: int) -> int:
    """Doubles that integrating needs beside its corners."""
    return lanes * (2 * s * h + 3 * h)


@inlined_kernel
def integrate(corners: Any, work: Any, lanes: int, t: int, s: int, h: int, out: Any) -> None:
    """Adds the sums per cell to ``out`` and clears the corners.

    Parameters
    ----------
    corners : array, shape (3 * t * s * h * lanes,)
        Kinds TP, SL, horizon one after the other.
    work : array
        At least :func:`work_size` doubles.
    lanes
        Numbers a cell; a literal, so that the compiler knows it.
    out : array, shape (t * s * h * lanes,)
    """
    size, plane, line = lanes * t * s * h, lanes * s * h, lanes * h
    work = work[: work_size(lanes, s, h)]
    work[:] = 0.0
    along_tp, ends_along_tp = work[:plane], work[plane : 2 * plane]
    rows = work[2 * plane :]
    tp_row, end_row, total = rows[:line], rows[line : 2 * line], rows[2 * line : 3 * line]
    for i in range(t):
        tp_row[:] = 0.0
        end_row[:] = 0.0
        for j in range(s):
            p, q = i * plane + j * line, j * line
            tp, sl = corners[p : p + line], corners[size + p : size + p + line]
            end, into = corners[2 * size + p : 2 * size + p + line], out[p : p + line]
            stops, ends = along_tp[q : q + line], ends_along_tp[q : q + line]
            for x in range(line):
                tp_row[x] += tp[x]
            for x in range(line):
                stops[x] += sl[x]
            for x in range(line):
                ends[x] += end[x]
            for x in range(line):
                end_row[x] += ends[x]
            for x in range(line):
                total[x] = tp_row[x] + stops[x]
            for x in range(lanes, line):
                total[x] += total[x - lanes]
            for x in range(line):
                into[x] += total[x] + end_row[x]
    corners[:] = 0.0


@inlined_kernel
def integrate_lows(corners: Any, work: Any, t: int, s: int, h: int, out: Any) -> None:
    """The same of smallest values, +inf without an event, with one lane a cell."""
    size, plane = t * s * h, s * h
    work = work[: work_size(1, s, h)]
    work[:] = np.inf
    along_tp, ends_along_tp = work[:plane], work[plane : 2 * plane]
    rows = work[2 * plane :]
    tp_row, end_row, total = rows[:h], rows[h : 2 * h], rows[2 * h : 3 * h]
    for i in range(t):
        tp_row[:] = np.inf
        end_row[:] = np.inf
        for j in range(s):
            p, q = i * plane + j * h, j * h
            tp, sl = corners[p : p + h], corners[size + p : size + p + h]
            end, into = corners[2 * size + p : 2 * size + p + h], out[p : p + h]
            stops, ends = along_tp[q : q + h], ends_along_tp[q : q + h]
            for x in range(h):
                tp_row[x] = min(tp_row[x], tp[x])
                stops[x] = min(stops[x], sl[x])
                ends[x] = min(ends[x], end[x])
                end_row[x] = min(end_row[x], ends[x])
                total[x] = min(tp_row[x], stops[x])
            for x in range(1, h):
                total[x] = min(total[x], total[x - 1])
            for x in range(h):
                into[x] = min(into[x], min(total[x], end_row[x]))
    corners[:] = np.inf

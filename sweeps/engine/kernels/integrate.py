"""From corners to the full exit cube: inclusive prefix sums along the free axes of each kind.

TP events are free along sl and horizon, SL events along tp and horizon, horizon events along tp
and sl. What the kinds share is summed in one pass. Additions only: nothing cancels, so sums are
as exact as those of a loop over trades.

Planes of the cube are added in loops of one statement each: so they become vector arithmetic.
"""

from typing import Any

import numpy as np

from research.jit import inlined_kernel, kernel

__all__ = ["integrate_holds", "integrate_lows", "integrate_sums", "work_size"]


@inlined_kernel
def work_size(lanes: int, s: int, h: int) -> int:
    """Doubles that integrating needs beside its corners."""
    return 4 * lanes * s * h


@inlined_kernel
def add_down(values: Any, line: int, out: Any) -> None:
    """Prefix sums of the lines of a plane, one below the other."""
    for x in range(line):
        out[x] = values[x]
    for j in range(line, values.size, line):
        now, above, own = out[j : j + line], out[j - line : j], values[j : j + line]
        for x in range(line):
            now[x] = own[x] + above[x]


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
    stops, ends = work[:plane], work[plane : 2 * plane]  # along tp
    total, ended = work[2 * plane : 3 * plane], work[3 * plane : 4 * plane]
    stops[:] = 0.0
    ends[:] = 0.0
    for p in range(0, size, plane):
        sl, end = corners[size + p : size + p + plane], corners[2 * size + p :]
        into = out[p : p + plane]
        for x in range(plane):
            stops[x] += sl[x]
        for x in range(plane):
            ends[x] += end[x]
        add_down(corners[p : p + plane], line, total)
        add_down(ends, line, ended)
        for x in range(plane):
            total[x] += stops[x]
        for j in range(0, plane, line):
            for x in range(j + lanes, j + line):
                total[x] += total[x - lanes]
        for x in range(plane):
            into[x] += total[x] + ended[x]
    corners[:] = 0.0


@kernel
def integrate_sums(corners: Any, work: Any, t: int, s: int, h: int, out: Any) -> None:
    """:func:`integrate` with four lanes a cell."""
    integrate(corners, work, 4, t, s, h, out)


@kernel
def integrate_holds(corners: Any, work: Any, t: int, s: int, h: int, out: Any) -> None:
    """:func:`integrate` with one lane a cell."""
    integrate(corners, work, 1, t, s, h, out)


@inlined_kernel
def lower_down(values: Any, line: int, out: Any) -> None:
    """Prefix minima of the lines of a plane."""
    for x in range(line):
        out[x] = values[x]
    for j in range(line, values.size, line):
        now, above, own = out[j : j + line], out[j - line : j], values[j : j + line]
        for x in range(line):
            now[x] = min(own[x], above[x])


@kernel
def integrate_lows(corners: Any, work: Any, t: int, s: int, h: int, out: Any) -> None:
    """The same of smallest values, +inf without an event, with one lane a cell."""
    size, plane = t * s * h, s * h
    stops, ends = work[:plane], work[plane : 2 * plane]
    total, ended = work[2 * plane : 3 * plane], work[3 * plane : 4 * plane]
    stops[:] = np.inf
    ends[:] = np.inf
    for p in range(0, size, plane):
        sl, end = corners[size + p : size + p + plane], corners[2 * size + p :]
        into = out[p : p + plane]
        for x in range(plane):
            stops[x] = min(stops[x], sl[x])
        for x in range(plane):
            ends[x] = min(ends[x], end[x])
        lower_down(corners[p : p + plane], h, total)
        lower_down(ends, h, ended)
        for x in range(plane):
            total[x] = min(total[x], stops[x])
        for j in range(0, plane, h):
            for x in range(j + 1, j + h):
                total[x] = min(total[x], total[x - 1])
        for x in range(plane):
            into[x] = min(into[x], min(total[x], ended[x]))
    corners[:] = np.inf

"""Sets that made the same trades, told by what their trades sum up to."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from research.arrays import Floats, Ints
from sweeps.tally import Tally

__all__ = ["distinct_largest", "largest", "traces_of"]


def largest(value: Floats | Ints, cells: Ints, top: int) -> Ints:
    """The ``top`` of ``cells`` with the largest value, largest first; equals in their order."""
    if top < len(cells):
        least = np.partition(value[cells], len(cells) - top)[len(cells) - top]
        cells = cells[value[cells] >= least]
    found: Ints = cells[np.argsort(-value[cells], kind="stable")][:top]
    return found


def distinct_largest(
    value: Floats | Ints,
    cells: Ints,
    top: int,
    traces_at: Callable[[Ints], npt.NDArray[np.uint64]],
) -> Ints:
    """As :func:`largest`, of sets that made the same trades only the first.

    Parameters
    ----------
    traces_at
        The traces of some cells.
    """
    wanted = top
    while True:
        order = largest(value, cells, wanted)
        _, first = np.unique(traces_at(order), return_index=True)
        if len(first) >= top or wanted >= len(cells):
            found: Ints = order[np.sort(first)][:top]
            return found
        wanted *= 8


def traces_of(tally: Tally, cells: Ints | None = None) -> npt.NDArray[np.uint64]:
    """A number that sets with the same trades have in common, uint64, shape (sets,).

    Two sets with other trades share one with a chance of 2**-64.

    Parameters
    ----------
    tally
        Of one segment.
    cells
        Places of the sets meant; all of them by default.
    """
    sums = (tally.events, tally.counts["hold"], tally.sums["net"], tally.sums["gross"])
    columns: Sequence[Floats | Ints] = (*sums, tally.worst)
    if cells is not None:
        columns = [column[cells] for column in columns]
    trace = np.zeros(len(columns[0]), dtype=np.uint64)
    for column in (*columns[:-1], np.nan_to_num(columns[-1])):
        bits = (column.astype(np.float64) + 0.0).view(np.uint64)  # -0.0 is 0.0
        trace = (trace ^ bits) * np.uint64(0x9E3779B97F4A7C15)
        trace ^= trace >> np.uint64(29)
    return trace

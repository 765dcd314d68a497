"""The best set of every cell of every pair of axes, in one pass over the sets."""

from research.arrays import Bools, Floats, Ints
from research.jit import kernel

__all__ = ["fold_pairs"]


@kernel
def fold_pairs(
    first: int,
    values: Floats,
    events: Ints,
    is_valid: Bools,
    cells: Ints,
    min_events: int,
    best: Floats,
    most: Ints,
    sets: Ints,
    is_enough: Bools,
) -> None:
    """Takes sets ``first ..`` into the best of each cell.

    A known value with ``min_events`` trades beats all without; among those the larger value, and
    the set that comes first among equals. Without any, the set with most trades.

    Parameters
    ----------
    values, events
        Shape (segments, sets), contiguous; NaN: unknown.
    is_valid
        Shape (sets,).
    cells
        Shape (sets, pairs): the cell of each set, of the cells of all pairs in a row.
    best, most, sets, is_enough
        Shape (segments, cells), changed in place; ``most`` -1 where nothing was taken yet.
    """
    count, pairs = cells.shape
    for s in range(values.shape[0]):
        for i in range(count):
            if not is_valid[i]:
                continue
            value, trades = values[s, i], events[s, i]
            counts = trades >= min_events and value == value
            for p in range(pairs):
                cell = cells[i, p]
                if counts:
                    wins = not is_enough[s, cell] or value > best[s, cell]
                else:
                    wins = not is_enough[s, cell] and trades > most[s, cell]
                if wins:
                    best[s, cell], most[s, cell] = value, trades
                    sets[s, cell] = first + i
                    is_enough[s, cell] = is_enough[s, cell] or counts

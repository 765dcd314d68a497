"""Bands by the stationary block bootstrap, for anything that is a function of sums over minutes.

Minutes are summed in cells of a quarter of an hour; a resample takes runs of neighbouring cells,
of geometric length, with replacement, around the circle (Politis and Romano 1994, "The stationary
bootstrap", JASA 89). Volatility comes in clusters, and a band that takes minutes one by one would
be too narrow. One set of resamples serves every statistic and segment of a report.
"""

from functools import lru_cache

import numpy as np

from research.arrays import Bools, Floats, Ints
from research.errors import EvidenceError

__all__ = [
    "CELL_MIN",
    "MIN_BLOCKS",
    "band",
    "block_counts",
    "cell_rows",
    "cell_sums",
    "check_blocks",
    "in_all_cells",
    "resampled",
]

CELL_MIN = 15  # minutes of a cell
MIN_BLOCKS = 8  # below, a band says more about the blocks than about the market
_CHUNK = 64  # resamples at once: bounds the memory


def cell_sums(values: Floats, cell: Ints | None = None) -> Floats:
    """Sums over cells.

    Parameters
    ----------
    values : array, shape (rows, q)
        One row a minute; a minute that says nothing is a row of zeros.
    cell : int64 array, shape (rows,), optional
        Rising from 0, which cell each row belongs to. Left out: :data:`CELL_MIN` rows a cell.

    Returns
    -------
    array, shape (cells, q)
    """
    if cell is None:
        first = np.arange(0, len(values), CELL_MIN)
    else:
        first = np.flatnonzero(np.r_[True, np.diff(cell) > 0])
    sums: Floats = np.add.reduceat(values, first, axis=0)
    return sums


def cell_rows(inside: Bools) -> tuple[Ints, Ints]:
    """The cells that hold a minute of ``inside``, and all rows of these cells.

    A segment leaves most cells empty: what is summed over the others is known.

    Returns
    -------
    tuple of int64 arrays, shapes (cells,) and (rows,)
        Both rising.
    """
    cells = np.unique(np.flatnonzero(inside) // CELL_MIN)
    rows = (cells[:, np.newaxis] * CELL_MIN + np.arange(CELL_MIN)).ravel()
    return cells, rows[rows < inside.size]


def in_all_cells(sums: Floats, cells: Ints, rows: int) -> Floats:
    """Sums of some cells among those of ``rows`` minutes, zero in the others."""
    out = np.zeros((-(-rows // CELL_MIN), sums.shape[1]))
    out[cells] = sums
    return out


@lru_cache(maxsize=4)
def block_counts(cells: int, mean_cells: float, draws: int, seed: int) -> Floats:
    """How often each cell stands in each resample, shape (draws, cells); rows sum to ``cells``.

    ``mean_cells`` is the mean length of a block; 1 takes cells one by one. Whether there are
    enough blocks to say anything is the caller's question, see :func:`check_blocks`. The same
    array for everyone who asks for the same: read-only.
    """
    generator = np.random.Generator(np.random.PCG64(seed))
    counts = np.zeros((draws, cells))
    place = np.arange(cells)
    for row in counts:
        begins = generator.random(cells) < 1 / mean_cells
        begins[0] = True
        start = generator.integers(0, cells, cells)
        since = np.maximum.accumulate(np.where(begins, place, 0))
        row += np.bincount((start[since] + place - since) % cells, minlength=cells)
    counts.flags.writeable = False
    return counts


def check_blocks(cells: int, mean_cells: float) -> None:
    """Raises EvidenceError where fewer than :data:`MIN_BLOCKS` blocks fit into ``cells``."""
    if cells < MIN_BLOCKS * mean_cells:
        raise EvidenceError(
            f"{cells * CELL_MIN:,} minutes hold {cells / mean_cells:.1f} blocks of "
            f"{mean_cells * CELL_MIN:g} minutes; a band needs {MIN_BLOCKS}: "
            "take more days or shorter blocks"
        )


def resampled(sums: Floats, counts: Floats) -> Floats:
    """Sums of every resample, shape (draws, q), from cell sums (cells, q) and their counts."""
    used = np.flatnonzero(sums.any(axis=1))  # a segment leaves most cells empty
    counts, sums = counts[:, used], sums[used]
    # einsum and not BLAS: the same bytes whatever the number of threads
    parts = [
        np.einsum("dc,cq->dq", counts[k : k + _CHUNK], sums) for k in range(0, len(counts), _CHUNK)
    ]
    return np.concatenate(parts)


def band(draws: Floats, level: float = 0.95) -> tuple[Floats, Floats]:
    """Lower and upper percentile over axis 0; NaN where a draw is NaN."""
    low, high = np.quantile(draws, ((1 - level) / 2, (1 + level) / 2), axis=0)
    return low, high

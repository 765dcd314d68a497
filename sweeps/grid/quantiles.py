"""Quantiles of net pnl of every set of a grid, from histograms, as Parquet.

Columns ``set`` and ``median_pnl``, ``pnl_q05``, ``pnl_q25``, ``pnl_q75``, ``pnl_q95`` in percent,
NaN without trades. They are off by at most ``error_pct``, which the file says; a value at an
outermost edge (``low``, ``high``) stands for that or anything beyond.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from research.atomic import atomic_path
from research.features.labels import SEGMENTS, Segment
from research.parquet import metadata_of
from sweeps.engine import AnySweep, Bins, histogram_of

__all__ = ["QUANTILES", "write_quantiles"]

QUANTILES = {
    "median_pnl": 0.5,
    "pnl_q05": 0.05,
    "pnl_q25": 0.25,
    "pnl_q75": 0.75,
    "pnl_q95": 0.95,
}
_SCHEMA = "leadfollow.grid-quantiles/1"


def write_quantiles(
    sweep: AnySweep,
    path: Path,
    *,
    about: Mapping[str, Any],
    bins: Bins | None = None,
    segment: Segment = SEGMENTS[0],
    memory_mib: int = 1024,
    progress: Callable[[int], None] | None = None,
) -> None:
    """Writes the quantiles of every set of ``sweep`` in one segment, atomically.

    Parameters
    ----------
    about
        Where the grid came from.
    progress
        Called with the number of sets that were finished since the last call.

    Raises
    ------
    SearchError
        Not even the smallest piece fits into the memory.
    StoreError
        The folder cannot be made or written.
    """
    bins = bins or Bins()
    spans = sweep.pieces(memory_mib, 6 * 8 * (bins.count + 2))
    names = {"set": pa.int64()} | dict.fromkeys(QUANTILES, pa.float64())
    said = {"schema": _SCHEMA, **about, "segment": segment.name, "error_pct": bins.width}
    schema = pa.schema(list(names.items()), metadata_of({**said, **asdict(bins)}))
    with (
        atomic_path(path) as temporary,
        pq.ParquetWriter(temporary, schema, compression="zstd", use_dictionary=False) as writer,
    ):
        for first, stop in spans:
            found = histogram_of(sweep, first, stop, bins=bins, segment=segment, progress=progress)
            columns = {name: found.quantile(q) for name, q in QUANTILES.items()}
            writer.write_table(pa.table({"set": np.arange(first, stop), **columns}, schema=schema))

"""Columns of others beside a frame's own: scores of a model, signals of another venue.

What row t holds must have been known at the close of minute t: nothing here can check that.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from research.errors import FrameError
from research.frame.frame import COLUMNS, OPTIONAL, Frame, with_table

__all__ = ["extra_columns", "read_columns", "with_columns"]

_MINUTE = "minute"


def extra_columns(frame: Frame) -> list[str]:
    """Names of the columns that ``frame`` carries beside its own, in their order."""
    return [str(name) for name in frame.table.columns if name not in (*COLUMNS, *OPTIONAL)]


def with_columns(frame: Frame, columns: pd.DataFrame, sources: Sequence[str] = ()) -> Frame:
    """``frame`` with further numeric columns; they are part of its content hash.

    Parameters
    ----------
    columns
        Indexed by UTC minutes, sorted or not, each once. A minute of the frame that is not in it
        is NaN, one that is not in the frame is left out.
    sources
        Where the columns came from.

    Raises
    ------
    FrameError
        No minute in common, a repeated minute, a name that is taken, or a column of no numbers.
    """
    index = columns.index
    if not isinstance(index, pd.DatetimeIndex) or index.tz is None:
        raise FrameError(f"{frame.label}: further columns must be indexed by UTC minutes")
    if index.has_duplicates:
        first = index[index.duplicated()][0]
        raise FrameError(f"{frame.label}: further columns have two rows of {first:%Y-%m-%dT%H:%MZ}")
    table = frame.table.copy()
    for name in columns.columns:
        if name in table.columns:
            raise FrameError(f"{frame.label}: column {name} is there already; rename it")
        if not pd.api.types.is_numeric_dtype(columns[name]):
            raise FrameError(f"{frame.label}: column {name} holds no numbers; leave it out")
        table[name] = columns[name].astype(np.float64).reindex(table.index)
    if not table.index.isin(index).any():
        raise FrameError(
            f"{frame.label}: further columns have no minute of it; are their times UTC, and opens?"
        )
    return with_table(frame, table, sources)


def read_columns(path: Path) -> pd.DataFrame:
    """The numeric columns in a CSV or Parquet file, by its column ``minute`` (UTC open time).

    Raises
    ------
    FrameError
        It cannot be read, or has no column ``minute`` of times.
    """
    try:
        table = _read(path)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise FrameError(f"{path}: cannot be read ({error}); give a CSV or Parquet file") from None
    if _MINUTE in table.index.names:
        table = table.reset_index()
    if _MINUTE not in table.columns:
        raise FrameError(f"{path}: no column {_MINUTE}; name the UTC open time of each row so")
    try:
        minute = pd.to_datetime(table[_MINUTE], utc=True)
    except ValueError as error:
        raise FrameError(f"{path}: {_MINUTE} holds no times ({error})") from None
    if pd.api.types.is_numeric_dtype(table[_MINUTE]) or minute.isna().any():
        raise FrameError(f"{path}: {_MINUTE} must be ISO times such as 2026-01-05T00:00Z")
    further: pd.DataFrame = table.drop(columns=_MINUTE).set_index(pd.DatetimeIndex(minute))
    return further


def _read(path: Path) -> pd.DataFrame:
    if path.suffix == ".parquet":
        table: pd.DataFrame = pq.read_table(path).to_pandas()
        return table
    return pd.read_csv(path)

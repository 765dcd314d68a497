"""Feather and Parquet -> candles or funding, and the label of the project's own store."""

import io

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc as ipc
import pyarrow.parquet as pq

from research.data.parse.columns import RawCandles, read_table
from research.data.parse.funding_table import (
    RawFunding,
    binance_funding_refused,
    is_funding,
    read_funding,
)
from research.data.parse.names import known_name
from research.data.tables.schema import Venue
from research.errors import FormatError

__all__ = ["SYNTHETIC_KEY", "read_feather", "read_parquet"]

SYNTHETIC_KEY = b"leadfollow.synthetic"
_MOST_ROWS = 20_000_000  # 38 years of minutes


def read_feather(data: bytes, venue: Venue, *, place: str) -> tuple[RawCandles | RawFunding, bool]:
    """Candles of a Feather (Arrow IPC) file, and whether it calls itself synthetic.

    Raises
    ------
    FormatError
        A torn file, more rows than decades have minutes, unknown columns.
    """
    try:
        reader = ipc.open_file(io.BytesIO(data))
        batches = []
        rows = 0
        for number in range(reader.num_record_batches):
            batches.append(reader.get_batch(number))
            rows += batches[-1].num_rows
            _check_rows(rows, place)
        table = pa.Table.from_batches(batches, reader.schema)
        table.validate(full=True)
        _check_names(table)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise FormatError(f"{place}: torn Feather file ({error}); fetch it again") from None
    return _read(table, venue, place, "Feather")


def read_parquet(data: bytes, venue: Venue, *, place: str) -> tuple[RawCandles | RawFunding, bool]:
    """Candles of a Parquet file, and whether it calls itself synthetic.

    Raises
    ------
    FormatError
        A torn file, more rows than decades have minutes, unknown columns.
    """
    try:
        file = pq.ParquetFile(io.BytesIO(data))
        _check_rows(file.metadata.num_rows, place)
        table = file.read()
        _check_names(table)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise FormatError(f"{place}: torn Parquet file ({error}); fetch it again") from None
    return _read(table, venue, place, "Parquet")


def _check_names(table: pa.Table) -> None:
    """Raises UnicodeDecodeError, a ValueError, where damage made a name that is no text."""
    table.column_names  # noqa: B018 (decoded when asked for)


def _check_rows(rows: int, place: str) -> None:
    if rows > _MOST_ROWS:
        raise FormatError(f"{place}: {rows:,} rows are more than {_MOST_ROWS:,}; split the file")


def _read(
    table: pa.Table, venue: Venue, place: str, kind: str
) -> tuple[RawCandles | RawFunding, bool]:
    is_synthetic = (table.schema.metadata or {}).get(SYNTHETIC_KEY) == b"true"
    kept = _without_idle_index(table)
    if _is_binance_funding(kept):
        raise FormatError(binance_funding_refused(place))
    if is_funding(kept.column_names):
        return read_funding(kept, venue, place=place), is_synthetic
    layout = f"{kind}, {kept.num_columns} columns"
    return read_table(kept, venue, place=place, layout=layout), is_synthetic


def _without_idle_index(table: pa.Table) -> pa.Table:
    """Without pandas' index, unless the index without a name is the only column of time."""
    idle = [name for name in table.column_names if name.startswith("__index_")]
    others = [name for name in table.column_names if name not in idle]
    has_time = any(known_name(name) == "minute" for name in others)
    return table.drop_columns(idle) if has_time or is_funding(others) else table


def _is_binance_funding(table: pa.Table) -> bool:
    """A known layout of others: the rate in ``open``, zeros in the other candle columns."""
    named = {known_name(header): header for header in table.column_names}
    zeros = [named[name] for name in ("high", "low", "close", "volume") if name in named]
    if table.num_rows == 0 or len(zeros) < 4:
        return False
    return all(
        pa.types.is_floating(table[name].type) and pc.all(pc.equal(table[name], 0.0)).as_py()
        for name in zeros
    )

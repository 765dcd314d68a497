"""One month of candles, or a market's funding, as Parquet bytes that depend on the values alone."""

import io
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from research.data.files.arrowfile import SYNTHETIC_KEY
from research.data.tables.schema import COLUMNS, REQUIRED, Venue, candle_table, minutes_ms

__all__ = ["candles_from_bytes", "candles_to_bytes", "funding_from_bytes", "funding_to_bytes"]

_MINUTE = pa.timestamp("ms", tz="UTC")


def candles_to_bytes(candles: pd.DataFrame, venue: Venue, *, is_synthetic: bool) -> bytes:
    """Parquet bytes of a candle table: the same minutes give the same bytes.

    Every column of the venue is written, unknown values as NaN, so that neither the order of
    imports nor their number shows in the file. The bytes change with the version of pyarrow.
    """
    full = candles.reindex(columns=list(COLUMNS[venue]))
    columns = {name: full[name].to_numpy() for name in full.columns}
    return _to_bytes(minutes_ms(candles.index), columns, is_synthetic)


def candles_from_bytes(data: bytes) -> pd.DataFrame:
    """Candle table of :func:`candles_to_bytes`; optional columns without a value are left out."""
    table = pq.read_table(io.BytesIO(data))
    columns = {
        name: table[name].to_numpy().astype(np.float64, copy=False)
        for name in table.column_names
        if name != "minute"
    }
    told = {
        name: values
        for name, values in columns.items()
        if name in REQUIRED or not np.isnan(values).all()
    }
    return candle_table(_minutes(table), told)


def funding_to_bytes(rates: pd.Series, *, is_synthetic: bool) -> bytes:
    """Parquet bytes of a funding series: the same rates give the same bytes."""
    return _to_bytes(minutes_ms(rates.index), {"rate": rates.to_numpy()}, is_synthetic)


def funding_from_bytes(data: bytes) -> pd.Series:
    """Funding series of :func:`funding_to_bytes`."""
    table = pq.read_table(io.BytesIO(data))
    index = pd.DatetimeIndex(_minutes(table).astype("datetime64[ms]"), name="minute")
    rates = table["rate"].to_numpy().astype(np.float64, copy=False)
    return pd.Series(rates, index=index.tz_localize("UTC"), name="rate")


def _minutes(table: pa.Table) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.asarray(table["minute"].cast(pa.int64()).to_numpy(), dtype=np.int64)


def _to_bytes(
    minutes: np.ndarray[tuple[int], np.dtype[np.int64]],
    columns: Mapping[str, np.ndarray[tuple[int], np.dtype[np.float64]]],
    is_synthetic: bool,
) -> bytes:
    arrays = [pa.array(minutes, type=pa.int64()).cast(_MINUTE)]
    arrays += [
        pa.array(values, type=pa.float64(), from_pandas=False) for values in columns.values()
    ]
    label = {SYNTHETIC_KEY: b"true" if is_synthetic else b"false"}
    table = pa.Table.from_arrays(arrays, names=["minute", *columns]).replace_schema_metadata(label)
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd", compression_level=3)
    return sink.getvalue()

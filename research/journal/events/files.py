"""The event table as a file: Parquet, CSV or JSON, batch by batch, whole or not at all."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from research.atomic import atomic_path
from research.errors import SettingsError
from research.journal.scan.rows import COLUMNS
from research.parquet import metadata_of

__all__ = ["EventSink", "event_sink"]

_TEXTS: Final = [item.name for item in COLUMNS if pa.types.is_string(item.type)]
_ROWS_PER_GROUP: Final = 1 << 16


class EventSink:
    """Takes batches until its block ends. ``about`` says where the rows come from; set it late."""

    def __init__(self, write: Callable[[pa.RecordBatch], None]) -> None:
        self.add = write
        self.about: Mapping[str, Any] = {}


@contextmanager
def event_sink(path: Path) -> Iterator[EventSink]:
    """Yields a sink; the file appears, whole, when the block succeeds.

    Parameters
    ----------
    path
        ``.parquet``, ``.csv`` (lists joined by ``; ``) or ``.json`` (``{"events": [...],
        "about": ...}``, one event per line, unknown fields left out). ``about`` is kept in the
        metadata of Parquet; CSV has no place for it.

    Raises
    ------
    SettingsError
        Another ending.
    StoreError
        The file cannot be written.
    """
    sinks = {".parquet": _parquet, ".csv": _csv, ".json": _json}
    if path.suffix not in sinks:
        raise SettingsError(f"--out {path}: must end in .csv, .json or .parquet")
    with atomic_path(path) as temporary, sinks[path.suffix](temporary) as sink:
        yield sink


@contextmanager
def _parquet(path: Path) -> Iterator[EventSink]:
    waiting: list[pa.RecordBatch] = []
    # dictionaries of numbers that hardly repeat cost more time than they save room
    with pq.ParquetWriter(
        path, COLUMNS, use_dictionary=_TEXTS, write_statistics=["ts"], compression="snappy"
    ) as writer:

        def flush() -> None:
            if waiting:
                writer.write_table(pa.Table.from_batches(waiting))
                waiting.clear()

        def write(batch: pa.RecordBatch) -> None:
            waiting.append(batch)
            if sum(part.num_rows for part in waiting) >= _ROWS_PER_GROUP:
                flush()

        sink = EventSink(write)
        yield sink
        flush()
        writer.add_key_value_metadata(metadata_of(sink.about))


@contextmanager
def _csv(path: Path) -> Iterator[EventSink]:
    columns = {item.name: _as_text(item.type) for item in COLUMNS}
    schema = pa.schema([(name, kind) for name, (kind, _) in columns.items()])
    with pacsv.CSVWriter(path, schema) as writer:

        def write(batch: pa.RecordBatch) -> None:
            made = [change(batch[name]) for name, (_, change) in columns.items()]
            writer.write_batch(pa.RecordBatch.from_arrays(made, schema=schema))

        yield EventSink(write)


@contextmanager
def _json(path: Path) -> Iterator[EventSink]:
    encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
    with path.open("w", encoding="utf-8") as file:
        file.write('{"events": [')
        before = "\n"

        def write(batch: pa.RecordBatch) -> None:
            nonlocal before
            for row in _iso_moments(batch).to_pylist():
                known = {name: value for name, value in row.items() if value is not None}
                file.write(before + encode(known))
                before = ",\n"

        sink = EventSink(write)
        yield sink
        file.write(f'\n],\n"about": {encode(sink.about)}}}\n')


def _as_text(kind: pa.DataType) -> tuple[pa.DataType, Callable[[Any], Any]]:
    if pa.types.is_timestamp(kind):
        return pa.string(), _iso
    if pa.types.is_list(kind):
        return pa.string(), lambda values: pc.binary_join(values, "; ")
    return kind, lambda values: values


def _iso(values: Any) -> Any:
    return pc.binary_join_element_wise(pc.strftime(values, "%Y-%m-%dT%H:%M:%S"), "Z", "")


def _iso_moments(batch: pa.RecordBatch) -> pa.RecordBatch:
    made = {
        item.name: _iso(batch[item.name]) if pa.types.is_timestamp(item.type) else batch[item.name]
        for item in COLUMNS
    }
    return pa.RecordBatch.from_pydict(made)

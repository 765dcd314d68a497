"""Tallies as Parquet, read a column at a time: what a grid on disk is made of.

A part holds some sets of a grid, a row for every segment and set, one row group a segment:
``segment``, ``set``, ``is_valid``, the parameters, then ``events``, ``max_loss``, ``lcb_pnl`` for
whoever looks at it, and under ``tally_*`` the other counts and sums (``tally_net`` is a sum: 0
without trades) from which a reader gets every report column of a grid back bit by bit.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from research.arrays import Floats, Ints
from research.atomic import atomic_path
from research.errors import StoreError
from research.features.labels import SEGMENTS
from sweeps.axes import GridSpec, axis_bounds
from sweeps.tally import COUNTS, SUMS, Tally

__all__ = ["METADATA_KEY", "ROW_BYTES", "Part", "StoredTally", "about_of_part", "write_part"]

METADATA_KEY = b"leadfollow"
_KEPT = 2
ROW_BYTES = 48
"""Bytes of one set and segment on disk, about: what the space on a disk is compared with."""
_SHOWN = {"events": "events", "worst": "max_loss"}  # the others stand under tally_*


@dataclass(frozen=True, slots=True)
class Part:
    """The file of sets ``first .. stop``."""

    path: Path
    first: int
    stop: int


@dataclass(frozen=True, slots=True, eq=False)
class StoredTally:
    """The tally of a grid on disk: nothing is read before it is asked for.

    Attributes
    ----------
    parts
        In the order of the grid, which they cover.
    """

    parts: tuple[Part, ...]
    _footers: dict[Path, Any] = field(default_factory=dict, repr=False)

    def of_segment(self, segment: int) -> Tally:
        """The tally of one index into SEGMENTS; counts and sums are read when they are used."""
        return Tally(
            counts=_Columns(self, segment, COUNTS),
            sums=_Columns(self, segment, SUMS),
            worst=self.read("worst", segment),
        )

    def in_parts(self, segment: int) -> Iterator[Tally]:
        """The same part by part: what is worked out of it needs no more memory than a part."""
        for part in self.parts:
            yield StoredTally((part,), self._footers).of_segment(segment)

    def read(self, name: str, segment: int) -> Any:
        """One count or sum of one segment, shape (sets,). Raises :class:`StoreError`."""
        read = [self._read_part(part, name, segment) for part in self.parts]
        return read[0] if len(read) == 1 else np.concatenate(read)

    def _read_part(self, part: Part, name: str, segment: int) -> Any:
        column = _column_name(name)
        try:
            if part.path not in self._footers:
                self._footers[part.path] = pq.read_metadata(part.path)
            with pq.ParquetFile(part.path, metadata=self._footers[part.path]) as file:
                values = file.read_row_group(segment, columns=[column])[column].to_numpy()
        except (OSError, pa.ArrowException, KeyError) as error:
            raise StoreError(
                f"{part.path}: {column} of {SEGMENTS[segment].name} cannot be read ({error}); "
                "make the grid again"
            ) from None
        return values.astype(np.int64) if name in COUNTS else values


class _Columns(Mapping[str, Any]):
    """Counts or sums of one segment, read when they are asked for; the last few are kept."""

    def __init__(self, stored: StoredTally, segment: int, names: tuple[str, ...]) -> None:
        self._stored, self._segment, self._names = stored, segment, names
        self._read: dict[str, Floats | Ints] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._read:
            if len(self._read) == _KEPT:  # ten million sets are 80 MB a column
                self._read.pop(next(iter(self._read)))
            self._read[name] = self._stored.read(name, self._segment)
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def write_part(
    path: Path, spec: GridSpec, tally: Tally, first: int, about: Mapping[str, Any]
) -> Part:
    """Writes the tally of the sets from ``first`` on, one row group a segment, atomically.

    Raises
    ------
    StoreError
        The folder cannot be made or written.
    """
    sets = tally.worst.shape[1]
    metadata = {METADATA_KEY: json.dumps({**about, "first": first}, allow_nan=False).encode()}
    fixed = _set_columns(spec, first, first + sets)
    with atomic_path(path) as temporary:
        writer: pq.ParquetWriter | None = None
        for index, segment in enumerate(SEGMENTS):
            columns = fixed | _tally_columns(tally.of_segment(index))
            name = pa.DictionaryArray.from_arrays(
                np.zeros(sets, dtype=np.int32), pa.array([segment.name], pa.string())
            )
            table = pa.table({"segment": name, **columns}).replace_schema_metadata(metadata)
            if writer is None:
                coded = ["segment", *(axis.name for axis in spec.axes)]
                writer = pq.ParquetWriter(
                    temporary, table.schema, compression="zstd", use_dictionary=coded
                )
            writer.write_table(table, row_group_size=sets)
        if writer is not None:
            writer.close()
    return Part(path, first, first + sets)


def about_of_part(path: Path) -> tuple[dict[str, Any], int]:
    """What :func:`write_part` was told, and how many rows there are.

    Raises
    ------
    StoreError
        Missing, or not Parquet.
    """
    try:
        stored = pq.read_metadata(path)
    except (OSError, pa.ArrowException) as error:
        raise StoreError(
            f"{path}: cannot be read as a grid ({error}); make one with `leadfollow grid`"
        ) from None
    about: dict[str, Any] = json.loads((stored.metadata or {}).get(METADATA_KEY, b"{}"))
    return about, stored.num_rows


def _column_name(name: str) -> str:
    return _SHOWN.get(name, f"tally_{name}")


def _set_columns(spec: GridSpec, first: int, stop: int) -> dict[str, Any]:
    known, cells = axis_bounds(spec.base), np.arange(first, stop)
    parameters = {
        axis.name: spec.values_at(axis.name, cells).astype(
            np.int64 if known[axis.name].is_integer else np.float64
        )
        for axis in spec.axes
    }
    return {"set": cells, "is_valid": spec.is_valid_at(cells), **parameters}


def _tally_columns(tally: Tally) -> dict[str, Any]:
    columns: dict[str, Any] = {"lcb_pnl": tally.lcb_pnl, _column_name("worst"): tally.worst}
    for name, values in tally.counts.items():
        columns[_column_name(name)] = values.astype(np.int64 if name == "hold" else np.int32)
    return columns | {_column_name(name): values for name, values in tally.sums.items()}

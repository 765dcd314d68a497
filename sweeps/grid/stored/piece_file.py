"""Tallies as Parquet, read a column at a time: what a grid on disk is made of.

A piece holds some sets of a grid, a row for every segment and set, one row group a segment:
``segment``, ``set``, ``is_valid``, the parameters, then ``events``, ``max_loss``, and under
``tally_*`` the other counts and sums (``tally_net`` is a sum: 0 without trades) from which a reader
gets every report column of a grid back bit by bit. What follows from the others is left out: every
mean and bound, and the trades that left at their horizon (``events`` less those of other reasons).

Encodings were chosen by measuring five million rows of a lead/follow grid: bytes of numbers apart
under Zstandard 3 take 8 % less room than under LZ4 and are read in 65 % of the time, for twice the
time of writing, which is done beside the making. A set's number only counts up (delta), a segment's
name stays (dictionary). What nobody filters by has no statistics.
"""

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
from research.parquet import about_in, metadata_of
from sweeps.axes import GridSpec, axis_bounds
from sweeps.tally import COUNTS, REASON_COUNTS, SUMS, Tally

__all__ = [
    "ROW_BYTES",
    "PieceFile",
    "Pieces",
    "StoredTally",
    "metadata_of_piece",
    "write_piece",
]

Pieces = tuple[tuple[int, int], ...]
"""Spans of sets, first and stop, in the order of a grid."""
_KEPT = 2
_LEFT_OUT = "horizon"
_SMALL_ROWS = 1 << 17  # a file of so few is read once and whole
ROW_BYTES = 48
"""Bytes of one set and segment on disk, about: what the space on a disk is compared with."""
_STORED = tuple(name for name in COUNTS if name != _LEFT_OUT)
_SHOWN = {"events": "events", "worst": "max_loss"}  # the others stand under tally_*


@dataclass(frozen=True, slots=True)
class PieceFile:
    """The file of sets ``first .. stop``."""

    path: Path
    first: int
    stop: int


@dataclass(frozen=True, slots=True, eq=False)
class StoredTally:
    """The tally of a grid on disk: nothing is read before it is asked for.

    Attributes
    ----------
    pieces
        In the order of the grid, which they cover.
    """

    pieces: tuple[PieceFile, ...]
    _footers: dict[Path, Any] = field(default_factory=dict, repr=False)
    _whole: dict[Path, Any] = field(default_factory=dict, repr=False)

    def of_segment(self, segment: int) -> Tally:
        """The tally of one index into SEGMENTS; counts and sums are read when they are used."""
        return Tally(
            counts=_Columns(self, segment, COUNTS),
            sums=_Columns(self, segment, SUMS),
            worst=self.read("worst", segment),
        )

    def in_pieces(self, segment: int) -> Iterator[Tally]:
        """The same piece by piece: what is worked out of it needs no more memory than one."""
        for piece in self.pieces:
            yield StoredTally((piece,), self._footers, self._whole).of_segment(segment)

    def whole(self) -> Tally:
        """The tally of all segments, in memory."""
        every = range(len(SEGMENTS))
        return Tally(
            counts={name: np.stack([self.read(name, s) for s in every]) for name in COUNTS},
            sums={name: np.stack([self.read(name, s) for s in every]) for name in SUMS},
            worst=np.stack([self.read("worst", s) for s in every]),
        )

    def of_sets(self, segment: int, sets: Ints) -> Tally:
        """The tally of some sets in one segment; only their pieces are read."""
        found = {name: np.zeros(len(sets), np.int64) for name in COUNTS}
        sums = {name: np.zeros(len(sets)) for name in (*SUMS, "worst")}
        for piece in self.pieces:
            here = np.flatnonzero((sets >= piece.first) & (sets < piece.stop))
            if len(here):
                at = sets[here] - piece.first
                for name, values in (found | sums).items():
                    values[here] = self._read_piece(piece, name, segment)[at]
        return Tally(counts=found, sums=sums, worst=sums.pop("worst"))

    def read(self, name: str, segment: int) -> Any:
        """One count or sum of one segment, shape (sets,). Raises :class:`StoreError`."""
        read = [self._read_piece(piece, name, segment) for piece in self.pieces]
        return read[0] if len(read) == 1 else np.concatenate(read)

    def _read_piece(self, piece: PieceFile, name: str, segment: int) -> Any:
        column = _column_name(name)
        try:
            if piece.path not in self._footers:
                self._footers[piece.path] = pq.read_metadata(piece.path)
            footer = self._footers[piece.path]
            if name == _LEFT_OUT and column not in footer.schema.names:
                others = (each for each in REASON_COUNTS if each != _LEFT_OUT)
                events = self._read_piece(piece, "events", segment)
                return events - sum(self._read_piece(piece, each, segment) for each in others)
            if footer.num_rows <= _SMALL_ROWS:
                values = self._of_small(piece, footer, segment)[column].to_numpy()
            else:
                with pq.ParquetFile(piece.path, metadata=footer) as file:
                    values = file.read_row_group(segment, columns=[column])[column].to_numpy()
        except (OSError, pa.ArrowException, KeyError) as error:
            raise StoreError(
                f"{piece.path}: {column} of {SEGMENTS[segment].name} cannot be read ({error}); "
                "make the grid again"
            ) from None
        return values.astype(np.int64) if name in COUNTS else values

    def _of_small(self, piece: PieceFile, footer: Any, segment: int) -> Any:
        if piece.path not in self._whole:
            with pq.ParquetFile(piece.path, metadata=footer) as file:
                self._whole[piece.path] = file.read()
        rows = footer.num_rows // len(SEGMENTS)
        return self._whole[piece.path].slice(segment * rows, rows)


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


def write_piece(
    path: Path, spec: GridSpec, tally: Tally, first: int, metadata: Mapping[str, Any]
) -> PieceFile:
    """Writes the tally of the sets from ``first`` on, one row group a segment, atomically.

    Raises
    ------
    StoreError
        The folder cannot be made or written.
    """
    sets = tally.worst.shape[1]
    schema = _schema(spec, {**metadata, "first": first})
    fixed = _set_columns(spec, first, first + sets)
    with (
        atomic_path(path) as temporary,
        pq.ParquetWriter(temporary, schema, **_encoding(spec)) as writer,
    ):
        for index, segment in enumerate(SEGMENTS):
            columns = {"segment": _repeated(segment.name, sets), **fixed}
            columns |= _tally_columns(tally.of_segment(index))
            writer.write_table(pa.table(columns, schema=schema), row_group_size=sets)
    return PieceFile(path, first, first + sets)


def metadata_of_piece(path: Path) -> tuple[dict[str, Any], int]:
    """What :func:`write_piece` was told, and how many rows there are.

    Raises
    ------
    StoreError
        Missing, or not Parquet.
    """
    try:
        stored = pq.read_metadata(path)
    except (OSError, UnicodeDecodeError, pa.ArrowException) as error:
        raise StoreError(
            f"{path}: cannot be read as a grid ({error}); make one with `leadfollow grid`"
        ) from None
    try:
        about = about_in(stored.metadata)
    except ValueError as error:
        raise StoreError(
            f"{path}: what it says of itself is damaged ({error}); make it again with "
            "`leadfollow grid`"
        ) from None
    return about or {}, stored.num_rows


def _column_name(name: str) -> str:
    return _SHOWN.get(name, f"tally_{name}")


def _schema(spec: GridSpec, metadata: Mapping[str, Any]) -> Any:
    """Names and types in their order; nothing is ever null (what is not known is NaN)."""
    types = {"segment": pa.dictionary(pa.int32(), pa.string()), "set": pa.int64()}
    types |= {"is_valid": pa.bool_()}
    types |= {axis.name: pa.from_numpy_dtype(_level_type(spec, axis.name)) for axis in spec.axes}
    types |= {_column_name("worst"): pa.float64()}
    types |= {_column_name(name): pa.from_numpy_dtype(_count_type(name)) for name in _STORED}
    types |= {_column_name(name): pa.float64() for name in SUMS}
    fields = [pa.field(name, of, nullable=False) for name, of in types.items()]
    return pa.schema(fields, metadata_of(metadata))


def _encoding(spec: GridSpec) -> dict[str, Any]:
    axes = [axis.name for axis in spec.axes]
    counts, sums = ([_column_name(name) for name in names] for names in (_STORED, SUMS))
    numbers = [*axes, *counts, *sums]
    return {
        "compression": "zstd",
        "compression_level": 3,
        "use_dictionary": ["segment"],
        "column_encoding": dict.fromkeys(numbers, "BYTE_STREAM_SPLIT")
        | {"set": "DELTA_BINARY_PACKED"},
        "write_statistics": ["segment", "set", "is_valid", "events"],
        "write_batch_size": 1 << 16,
    }


def _repeated(text: str, count: int) -> Any:
    return pa.DictionaryArray.from_arrays(np.zeros(count, np.int32), pa.array([text], pa.string()))


def _set_columns(spec: GridSpec, first: int, stop: int) -> dict[str, Any]:
    cells = np.arange(first, stop)
    levels = {
        axis.name: spec.values_at(axis.name, cells).astype(_level_type(spec, axis.name))
        for axis in spec.axes
    }
    return {"set": cells, "is_valid": spec.is_valid_at(cells), **levels}


def _tally_columns(tally: Tally) -> dict[str, Any]:
    columns: dict[str, Any] = {_column_name("worst"): tally.worst}
    for name in _STORED:
        columns[_column_name(name)] = tally.counts[name].astype(_count_type(name))
    return columns | {_column_name(name): values for name, values in tally.sums.items()}


def _level_type(spec: GridSpec, axis: str) -> Any:
    return np.dtype(np.int64 if axis_bounds(spec.base)[axis].is_integer else np.float64)


def _count_type(name: str) -> Any:
    return np.dtype(np.int64 if name == "hold" else np.int32)

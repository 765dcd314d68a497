"""A grid as a Parquet file: a row for every segment and set, and where it all came from.

Columns: ``segment``, ``set``, ``is_valid``, the parameters, the report columns; then, under
``tally_*``, the counts and sums from which a reader gets the same numbers back bit by bit.
"""

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from research.atomic import atomic_path
from research.costs import Costs
from research.errors import LeadfollowError, StoreError
from research.features.labels import SEGMENTS, RegimeEdges
from research.provenance import Origin, provenance
from strategies.entry_filters import EntryFilters
from strategies.execution import Execution
from strategies.registry import strategy_named
from sweeps.axes import Axis, GridSpec
from sweeps.grid import GridResult
from sweeps.tally import COUNTS, SUMS, Tally

__all__ = ["grid_digest", "grid_provenance", "read_grid", "write_grid"]

_KEY = b"leadfollow"
_SCHEMA = "leadfollow.grid/1"
_STORED = {"events": "events", "net": "total_pnl"}  # known from a report column


def write_grid(result: GridResult, path: Path, command: Sequence[str] = ()) -> None:
    """Writes ``result`` as Parquet, one row group a segment, atomically.

    Raises
    ------
    StoreError
        The folder cannot be made or written.
    """
    about = {"schema": _SCHEMA, **grid_provenance(result, command)}
    metadata = {_KEY: json.dumps(about, allow_nan=False).encode()}
    schema = _segment_table(result, 0).schema.with_metadata(metadata)
    with (
        atomic_path(path) as temporary,
        pq.ParquetWriter(temporary, schema, compression="zstd") as writer,
    ):
        for segment in range(len(SEGMENTS)):
            table = _segment_table(result, segment)
            writer.write_table(table.replace_schema_metadata(metadata), row_group_size=len(table))


def grid_provenance(result: GridResult, command: Sequence[str] = ()) -> dict[str, Any]:
    """Where a grid came from, for its files and pictures: strict JSON."""
    return {
        "market": result.market,
        "label": result.label,
        "synthetic": result.origin.is_synthetic,
        **provenance(origin=result.origin, parameters=_parameters(result), command=command),
    }


def grid_digest(result: GridResult) -> str:
    """Eight hex digits over data, axes, model and costs: the name of the same grid."""
    about = [result.origin.content_sha256, _parameters(result)]
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:8]


def read_grid(path: Path) -> GridResult:
    """The grid that :func:`write_grid` wrote.

    Raises
    ------
    StoreError
        Missing, not Parquet, not a grid, or damaged.
    """
    try:
        stored = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise StoreError(
            f"{path}: cannot be read as a grid ({error}); make one with `leadfollow grid`"
        ) from None
    try:
        about = json.loads((stored.schema.metadata or {}).get(_KEY, b"{}"))
        if about.get("schema") != _SCHEMA:
            raise ValueError(f"schema is {about.get('schema')!r}, not {_SCHEMA!r}")
        return _result(about, stored)
    except (LeadfollowError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise StoreError(
            f"{path}: Parquet, but not a whole grid ({error}); make it with `leadfollow grid`"
        ) from None


def _segment_table(result: GridResult, segment: int) -> pa.Table:
    name = SEGMENTS[segment].name
    tally = result.tally.of_segment(segment)
    size = result.spec.size
    columns: dict[str, Any] = {
        "segment": pa.DictionaryArray.from_arrays(
            np.zeros(size, dtype=np.int32), pa.array([name], pa.string())
        ),
        "set": np.arange(size),
        "is_valid": result.is_valid,
    }
    columns |= {str(key): values.to_numpy() for key, values in result.parameters().items()}
    columns |= {key: tally.column(key) for key in result.columns}
    for key, values in (*tally.counts.items(), *tally.sums.items()):
        if key not in _STORED:
            columns[f"tally_{key}"] = values
    return pa.table(columns)


def _parameters(result: GridResult) -> dict[str, Any]:
    """Everything but data and numbers, for strict JSON: what is not finite becomes text."""
    parameters = {
        "strategy": result.spec.strategy.name,
        "base": asdict(result.spec.base),
        "axes": {axis.name: list(axis.levels) for axis in result.spec.axes},
        "execution": asdict(result.execution),
        "costs": asdict(result.costs),
        "has_funding": result.has_funding,
        "rows": [result.rows.start, result.rows.stop],
        "edges": asdict(result.edges),
        "feature_settings": result.feature_settings,
    }
    written: dict[str, Any] = _finite(parameters)
    return written


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def _result(about: dict[str, Any], stored: pa.Table) -> GridResult:
    parameters, data = about["parameters"], about["data"]
    spec = _spec(parameters)
    if stored.num_rows != len(SEGMENTS) * spec.size:
        raise ValueError(f"{stored.num_rows:,} rows for {spec.size:,} sets")
    edges = parameters["edges"]
    return GridResult(
        spec=spec,
        market=about["market"],
        label=about["label"],
        origin=Origin(**data | {"sources": tuple(data["sources"])}),
        edges=RegimeEdges(**edges | {key: float(edges[key]) for key in ("low", "high")}),
        feature_settings=parameters["feature_settings"],
        execution=Execution(**parameters["execution"]),
        costs=Costs(**parameters["costs"]),
        has_funding=parameters["has_funding"],
        rows=slice(*parameters["rows"]),
        tally=_tally(stored, spec),
    )


def _spec(parameters: dict[str, Any]) -> GridSpec:
    base = dict(parameters["base"])
    filters = {key: _filter(value) for key, value in base.pop("filters").items()}
    strategy = strategy_named(parameters["strategy"])
    return GridSpec(
        base=strategy.params_type(**base, filters=EntryFilters(**filters)),
        axes=tuple(Axis(name, tuple(levels)) for name, levels in parameters["axes"].items()),
    )


def _filter(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    return float(value) if value in ("inf", "-inf", "nan") else value


def _tally(stored: pa.Table, spec: GridSpec) -> Tally:
    shape = (len(SEGMENTS), spec.size)

    def column(name: str) -> Any:
        return stored[_STORED.get(name, f"tally_{name}")].to_numpy().reshape(shape)

    events, net = column("events"), column("net")
    return Tally(
        counts={name: np.ascontiguousarray(column(name)) for name in COUNTS},
        sums={name: column(name) for name in SUMS} | {"net": np.where(events > 0, net, 0.0)},
        worst=stored["max_loss"].to_numpy().reshape(shape),
    )

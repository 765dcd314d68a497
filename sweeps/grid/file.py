"""A grid on disk: a Parquet file, or a folder of them where it was written piece by piece.

Either is one table to pandas, pyarrow or DuckDB. A folder also holds ``_about.json``: where the
grid came from and of which pieces it is made, those that are still missing included.
"""

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from research.atomic import write_json
from research.errors import LeadfollowError, StoreError
from research.features.labels import SEGMENTS, RegimeEdges
from research.measures.costs import Costs
from research.provenance import Origin, provenance
from strategies.law.execution import Execution
from strategies.law.filters import EntryFilters
from strategies.registry import strategy_named
from sweeps.axes import Axis, GridSpec
from sweeps.grid.parts import Part, StoredTally, about_of_part, write_part
from sweeps.grid.result import GridResult
from sweeps.tally import Tally

__all__ = [
    "about_grid",
    "grid_digest",
    "grid_provenance",
    "part_path",
    "read_about",
    "read_grid",
    "write_about",
    "write_grid",
]

_SCHEMA = "leadfollow.grid/2"
_ABOUT = "_about.json"  # the underscore keeps it out of what is read as one table


def write_grid(result: GridResult, path: Path, command: Sequence[str] = ()) -> None:
    """Writes a grid that is in memory as one file, atomically.

    Raises
    ------
    StoreError
        The folder cannot be made or written.
    """
    if not isinstance(result.tally, Tally):
        raise StoreError(f"{path}: not written, the grid is on disk already; copy its files")
    write_part(path, result.spec, result.tally, 0, about_grid(result, command))


def about_grid(result: GridResult, command: Sequence[str] = ()) -> dict[str, Any]:
    """What a grid's files say of it: strict JSON."""
    return {"schema": _SCHEMA, **grid_provenance(result, command)}


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
    """The grid that was written to ``path``, a file or a folder; its numbers are read when used.

    Raises
    ------
    StoreError
        Missing, not Parquet, not a grid, unfinished or damaged.
    """
    about, parts = _parts(path)
    try:
        return _result(about, parts)
    except (LeadfollowError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise StoreError(
            f"{path}: Parquet, but not a whole grid ({error}); make it with `leadfollow grid`"
        ) from None


def _parts(path: Path) -> tuple[dict[str, Any], tuple[Part, ...]]:
    """What a grid says of itself, and its files. Raises :class:`StoreError`."""
    if not path.is_dir():
        about, rows = about_of_part(path)
        return about, (Part(path, 0, -(-rows // len(SEGMENTS))),)
    about = read_about(path)
    spans = [(part_path(path, first), first, stop) for first, stop in about["pieces"]]
    missing = sum(stop - first for file, first, stop in spans if not file.exists())
    if missing:
        raise StoreError(
            f"{path}: unfinished, {missing:,} sets are missing; go on with `leadfollow grid "
            "... --resume`"
        )
    return about, tuple(Part(*span) for span in spans)


def part_path(folder: Path, first: int) -> Path:
    """The file of the piece that begins with set ``first``."""
    return folder / f"part-{first:012d}.parquet"


def write_about(
    folder: Path, result: GridResult, pieces: Sequence[tuple[int, int]], command: Sequence[str]
) -> None:
    """Begins a grid of several pieces. Raises :class:`StoreError`."""
    write_json(
        folder / _ABOUT,
        {**about_grid(result, command), "digest": grid_digest(result), "pieces": list(pieces)},
    )


def read_about(folder: Path) -> dict[str, Any]:
    """What :func:`write_about` wrote. Raises :class:`StoreError`."""
    try:
        about: dict[str, Any] = json.loads((folder / _ABOUT).read_bytes())
        _check_schema(about)
        about["pieces"] = [(int(first), int(stop)) for first, stop in about["pieces"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(
            f"{folder}: no folder of a grid ({error}); make one with `leadfollow grid`"
        ) from None
    return about


def _check_schema(about: dict[str, Any]) -> None:
    if about.get("schema") != _SCHEMA:
        raise ValueError(f"schema is {about.get('schema')!r}, not {_SCHEMA!r}")


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


def _result(about: dict[str, Any], parts: tuple[Part, ...]) -> GridResult:
    _check_schema(about)
    parameters, data = about["parameters"], about["data"]
    spec = _spec(parameters)
    rows = sum(about_of_part(part.path)[1] for part in parts)
    if rows != len(SEGMENTS) * spec.size:
        raise ValueError(f"{rows:,} rows for {spec.size:,} sets")
    edges = parameters["edges"]
    return GridResult(
        spec=spec,
        market=about["market"],
        label=about["label"],
        origin=Origin(**data | {"sources": tuple(data["sources"])}),
        edges=RegimeEdges(**edges | {key: float(edges[key]) for key in ("low", "high")}),
        feature_settings=parameters["feature_settings"],
        # files from before the field read every flat candle as a price
        execution=Execution(**{"flat_is_price": True} | parameters["execution"]),
        costs=Costs(**parameters["costs"]),
        has_funding=parameters["has_funding"],
        rows=slice(*parameters["rows"]),
        tally=StoredTally(parts),
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

"""What a grid is about as strict JSON: for its files and pictures, its digest, and back again."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from research.features.labels import RegimeEdges
from research.measures.costs import Costs
from research.provenance import Origin, provenance
from research.strict_json import spelled
from strategies.law.execution import Execution
from strategies.law.filters import EntryFilters
from strategies.registry import strategy_named
from sweeps.axes import Axis, GridSpec
from sweeps.grid.about import GridAbout

__all__ = ["SCHEMAS", "about_of", "file_metadata", "grid_digest", "grid_provenance"]

SCHEMA = "leadfollow.grid/3"
SCHEMAS = (SCHEMA, "leadfollow.grid/2")  # the older one holds what is left out now


def grid_provenance(about: GridAbout, command: Sequence[str] = ()) -> dict[str, Any]:
    """Where a grid came from, for whatever is made of it: strict JSON."""
    return {
        "market": about.market,
        "label": about.label,
        "synthetic": about.origin.is_synthetic,
        **provenance(origin=about.origin, parameters=_parameters(about), command=command),
    }


def file_metadata(about: GridAbout, command: Sequence[str] = ()) -> dict[str, Any]:
    """What a grid's own files say of it: strict JSON."""
    return {"schema": SCHEMA, **grid_provenance(about, command)}


def grid_digest(about: GridAbout) -> str:
    """Eight hex digits over data, axes, model and costs: the name of the same grid."""
    told = [about.origin.content_sha256, _parameters(about)]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:8]


def about_of(metadata: Mapping[str, Any]) -> GridAbout:
    """What :func:`file_metadata` was made of.

    Raises
    ------
    ValueError
        It is of another schema; other errors of look-up and type where it is damaged.
    """
    if metadata.get("schema") not in SCHEMAS:
        raise ValueError(f"schema is {metadata.get('schema')!r}, not {SCHEMA!r}")
    parameters, data = metadata["parameters"], metadata["data"]
    edges = parameters["edges"]
    return GridAbout(
        spec=_spec(parameters),
        market=metadata["market"],
        label=metadata["label"],
        origin=Origin(**data | {"sources": tuple(data["sources"])}),
        edges=RegimeEdges(**edges | {key: float(edges[key]) for key in ("low", "high")}),
        feature_settings=parameters["feature_settings"],
        # files from before the field read every flat candle as a price
        execution=Execution(**{"flat_is_price": True} | parameters["execution"]),
        costs=Costs(**parameters["costs"]),
        has_funding=parameters["has_funding"],
        rows=slice(*parameters["rows"]),
    )


def _parameters(about: GridAbout) -> dict[str, Any]:
    """Everything but data and numbers, for strict JSON: what is not finite becomes text."""
    parameters = {
        "strategy": about.spec.strategy.name,
        "base": asdict(about.spec.base),
        "axes": {axis.name: list(axis.levels) for axis in about.spec.axes},
        "execution": asdict(about.execution),
        "costs": asdict(about.costs),
        "has_funding": about.has_funding,
        "rows": [about.rows.start, about.rows.stop],
        "edges": asdict(about.edges),
        "feature_settings": about.feature_settings,
    }
    written: dict[str, Any] = spelled(parameters)
    return written


def _spec(parameters: Mapping[str, Any]) -> GridSpec:
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

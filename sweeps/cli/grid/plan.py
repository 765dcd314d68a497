"""From the words of a command to the grids it asks for: axes, model, costs, paths."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from research.errors import StoreError
from research.measures.costs import Costs
from strategies.backtest.model import Model
from strategies.lead_follow import LeadFollowParams
from strategies.registry import Params
from strategies.reversion import ReversionParams
from sweeps.axes import GridSpec, grid_spec, parse_axis
from sweeps.cli.options import LeadMode, ModelName, StrategyName
from sweeps.cli.session import Session, choose_models
from sweeps.grid.about import GridAbout, describe_grid
from sweeps.grid.identity import grid_digest

__all__ = ["check_folder", "chosen_model", "grids_asked", "path_of"]

_PLAIN_FEES_BPS = 8.0


def chosen_model(session: Session, name: ModelName, overrides: Mapping[str, Any]) -> Model:
    """The one model of the grids; ``overrides`` by name, None leaves the model's own value."""
    given = {key: getattr(each, "value", each) for key, each in overrides.items()}
    (model,) = choose_models(session.settings, name=name, fees_bps=_PLAIN_FEES_BPS, overrides=given)
    return model


def grids_asked(
    session: Session,
    strategy: StrategyName,
    mode: LeadMode,
    *,
    model: Model,
    fees_bps: float | None,
    axes: Sequence[str],
) -> list[GridAbout]:
    """One grid for each mode: the axes of the settings, changed by those of the command line."""
    bases: list[Params] = [ReversionParams()]
    levels = dict(session.settings.axes.reversion)
    if strategy is StrategyName.LEAD:
        levels = dict(session.settings.axes.lead)
        both = (LeadFollowParams(mode="short"), LeadFollowParams(mode="long"))
        bases = [params for params in both if mode in (LeadMode.BOTH, params.mode)]
    levels |= dict(parse_axis(text) for text in axes)
    specs = [grid_spec(model.apply(base), levels) for base in bases]
    return [
        describe_grid(
            session.panel,
            spec,
            execution=model.execution,
            costs=_costs(model, spec, fees_bps),
            rows=session.rows,
        )
        for spec in specs
    ]


def _costs(model: Model, spec: GridSpec, fees_bps: float | None) -> Costs:
    """The model's costs, with the fees of the command line where it names any."""
    costs = model.costs(spec.base)
    return costs if fees_bps is None else replace(costs, fees_bps=fees_bps)


def path_of(about: GridAbout, out: Path | None, runs: Path) -> Path:
    """Where a grid goes: the same data, axes, model and costs to the same folder."""
    usual = runs / f"grid-{about.name}-{about.market}-{grid_digest(about)}"
    return (out or usual) / f"{about.name}.parquet"


def check_folder(folder: Path) -> None:
    """Refuses a folder that cannot be made before the work, not after it. Raises StoreError."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise StoreError(
            f"{folder}: {there} is no folder that can be written; give another with --out"
        )

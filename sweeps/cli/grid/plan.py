"""From the words of a command to the grids it asks for: axes, model, costs, paths."""

import os
from collections.abc import Sequence
from pathlib import Path

from research.errors import StoreError
from strategies.backtest.model import Model
from strategies.registry import strategy_named
from sweeps.axes import grid_spec, parse_axis
from sweeps.cli.options import SideMode
from sweeps.cli.session import Session
from sweeps.grid.about import GridAbout, describe_grid
from sweeps.grid.stored.identity import grid_digest

__all__ = ["check_folder", "grids_asked", "path_of"]


def grids_asked(
    session: Session,
    name: str,
    mode: SideMode,
    *,
    model: Model,
    axes: Sequence[str],
) -> list[GridAbout]:
    """One grid for each mode of a strategy: the settings' axes, changed by the command line's."""
    bases = strategy_named(name).bases_of(mode.value)
    levels = session.settings.axes.of(name)
    levels |= dict(parse_axis(text) for text in axes)
    specs = [grid_spec(model.apply(base), levels) for base in bases]
    return [
        describe_grid(
            session.panel,
            spec,
            execution=model.execution,
            costs=model.costs(spec.base),
            rows=session.rows,
        )
        for spec in specs
    ]


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

"""The section of heatmaps: every grid of the run, its cells and the trades behind them."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from research.errors import LeadfollowError, StoreError
from research.features.labels import REGIMES, SEGMENTS, SESSIONS
from research.outcomes import REASONS
from research.parquet import about_in
from sweeps.axes import axis_bounds
from sweeps.grid.looks.derived import LookedAt
from sweeps.grid.looks.find import grids_at
from sweeps.grid.looks.scale import center_of, unit_of
from sweeps.grid.looks.views import FOLDED, Views, columns_of, views_of
from sweeps.report.page.arrays import block
from sweeps.report.page.html import Html, element, joined
from sweeps.report.page.run_folder import RunFolder
from sweeps.report.page.section import Section
from sweeps.report.seen import trades_file

__all__ = ["grids", "section_of"]

_TITLES = {
    "lcb_pnl": "lower bound of the mean",
    "avg_pnl": "mean net",
    "breakeven_bps": "break-even cost",
    "events": "trades",
    "win_rate": "win rate",
    "plateau_lcb": "plateau: lower bound with neighbours",
    "after_avg_pnl": "mean net out of sample",
    "in_minus_after": "in minus out of sample",
    "total_pnl": "total net",
    "avg_hold": "mean hold",
    "max_loss": "worst trade",
}
_WORDS = (
    "The best of many sets looks better than it is: these numbers were picked and judged on the "
    "same minutes. Colours part at the value that parts good from bad; hatched cells have too few "
    "trades; the frame marks the best set, the line around it its plateau: cells that keep half "
    "of it."
)
_NO_SCRIPT = "Heatmaps need JavaScript; pictures of them are in the folder of the run."


def grids(run: RunFolder) -> Section | None:
    """All grids of the run; where one is torn it is named in their place."""
    if not any((run.path / "grids").glob("*.parquet")):
        return Section("grids", "Heatmaps", element("p", "This run holds no grid."))
    min_events = run.report["provenance"]["parameters"]["settings"]["study"]["min_events"]
    try:
        found = grids_at(run.path, min_events=min_events)
    except LeadfollowError as error:
        return Section("grids", "Heatmaps", element("p", str(error), class_="alarm"))
    shown = [(grid, *_trades(run, grid)) for grid, _ in found]
    return section_of(shown, min_events=min_events, first=_first(run))


def section_of(
    found: Sequence[tuple[LookedAt, dict[str, Any], list[int]]],
    *,
    min_events: int,
    first: str | None = None,
) -> Section:
    """Heatmaps of grids, each with the columns of its shown trades and the sets they are of.

    Parameters
    ----------
    first
        Name of the grid that is shown when the page opens.
    """
    told, blocks, faults = [], [], []
    for grid, trades, sets in found:
        if not grid.is_valid.any():
            faults.append(element("p", f"{grid.name}: no valid set, so nothing to show."))
            continue
        views = views_of(grid, min_events=min_events)
        told.append(_about(grid, views, sets, min_events))
        blocks.append(block(f"grid-{grid.name}", _arrays(views)))
        if trades:
            blocks.append(block(f"trades-{grid.name}", trades))
    shown = {
        "segments": [segment.name for segment in SEGMENTS],
        "sessions": SESSIONS,
        "regimes": REGIMES,
        "reasons": REASONS,
        "grids": told,
        "first": first,
    }
    text = json.dumps(shown, allow_nan=False).replace("<", "\\u003c")
    data = Html(f'<script type="application/json" id="about">{text}</script>')
    body = [
        *faults,
        element("p", _WORDS),
        element("div", id="heatmaps"),
        element("noscript", element("p", _NO_SCRIPT)),
    ]
    return Section("grids", "Heatmaps", joined(body), joined([data, *blocks]))


def _first(run: RunFolder) -> str | None:
    """The grid of the first claim that may trade: what a reader wants to see."""
    enabled = [name for name, each in run.report["verdict"].items() if each["enabled"]]
    return enabled[0].split(".")[0] if enabled else None


def _about(grid: LookedAt, views: Views, sets: list[int], min_events: int) -> dict[str, Any]:
    spec, known = grid.spec, axis_bounds(grid.spec.base)
    flags = spec.strategy.flags
    names = columns_of(grid)
    return {
        "name": grid.name,
        "label": grid.label,
        "model": grid.model,
        "size": spec.size,
        "minEvents": min_events,
        "isWhole": len(views.sets) == spec.size,
        "after": None if grid.after is None else grid.after.label,
        "axes": [
            {"name": axis.name, "unit": known[axis.name].unit, "levels": list(axis.levels)}
            for axis in spec.axes
        ],
        "pairs": [[pair.x, pair.y] for pair in views.pairs],
        "leftOut": [list(pair) for pair in views.left_out],
        "columns": [
            {
                "name": name,
                "title": _TITLES[name],
                "unit": unit_of(name),
                "center": center_of(grid, name),
                "isFolded": name in FOLDED,
            }
            for name in names
        ],
        "winner": views.winner,
        "withTrades": sets,
        "command": f"leadfollow {spec.strategy.name}"
        + (f" --mode {spec.mode}" if spec.strategy.modes else ""),
        "flags": {
            axis.name: flags.get(
                axis.name,
                "--"
                + axis.name.replace("_", "-")
                + ("-min" if known[axis.name].unit == "min" else ""),
            )
            for axis in spec.axes
        },
    }


def _arrays(views: Views) -> dict[str, Any]:
    found: dict[str, Any] = {"sets": views.sets}
    for name, column in views.columns.items():
        found[f"column.{name}"] = column if name == "events" else column.astype(np.float64)
    for at, pair in enumerate(views.pairs):
        found[f"best.{at}"] = pair.best
        for name in FOLDED:
            found[f"median.{at}.{name}"] = pair.median[name]
            found[f"positive.{at}.{name}"] = pair.positive[name]
    return found


def _trades(run: RunFolder, grid: LookedAt) -> tuple[dict[str, Any], list[int]]:
    path = run.path / trades_file(grid.name)
    if not path.exists():
        return {}, []
    try:
        table = pq.read_table(path)
        about = about_in(table.schema.metadata) or {}
        small = ("side", "reason", "session", "regime", "is_after")
        columns: dict[str, Any] = {}
        for name in table.column_names:
            values = table[name].to_numpy()
            columns[name] = (
                (values.astype(np.int16) & 0xFF).astype(np.uint8) if (name in small) else values
            )
        return columns, list(about.get("sets", []))
    except (OSError, ValueError, pa.ArrowException) as error:
        raise StoreError(f"{path}: cannot be read ({error}); make the run again") from None

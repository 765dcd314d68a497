"""A value over two thresholds: one panel per segment, trades counted in every cell.

What is in the picture stands in :class:`HeatmapInfo`; :func:`draw_heatmap` only draws it.
"""

from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection, PatchCollection
from matplotlib.colors import Colormap, ListedColormap, Normalize, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from research.arrays import Bools, Floats, Ints
from research.plots.figure import (
    FAINT,
    INK,
    LINE_HEIGHT,
    new_figure,
    wrapped,
    write_head,
    write_notes,
)

__all__ = ["HeatmapAxis", "HeatmapInfo", "HeatmapPanel", "draw_heatmap"]

_UNKNOWN = "#ececec"
_GAP_X, _GAP_Y = 0.22, 0.40  # inches between panels; above each stands its title
_LEFT, _RIGHT, _HEAD = 0.95, 1.25, 0.90
_PALE = 0.35  # how much of its colour a thin cell keeps
_NUMBER_WIDTH, _VALUE_WIDTH = 0.2, 0.42  # inches: a narrower cell has no room for them


@dataclass(frozen=True, slots=True, eq=False)
class HeatmapAxis:
    """One of the two thresholds."""

    name: str
    unit: str
    levels: Floats


@dataclass(frozen=True, slots=True, eq=False)
class HeatmapPanel:
    """One segment. Arrays have the shape (y levels, x levels) and are read-only."""

    segment: str
    row: int  # place in the picture
    column: int
    values: Floats  # NaN where unknown
    events: Ints
    is_thin: Bools  # fewer trades than ``min_events``: hatched
    best: tuple[int, int] | None  # cell of the best value that is not thin
    plateau: Bools | None = None  # the cells around it that keep half of its value


@dataclass(frozen=True, slots=True, eq=False)
class HeatmapInfo:
    """Everything that :func:`draw_heatmap` draws.

    Attributes
    ----------
    value, unit
        Report column and its unit.
    center
        The value that parts good from bad, where there is one: the colours diverge there.
    limits
        Values of the two ends of the colours, shared by all panels, as far from ``center`` on
        either side. Thin cells do not widen them: they saturate.
    is_valid
        (y levels, x levels): whether any set of the cell is a valid parameter set.
    notes
        Lines for the foot: data, model, costs, what happened with the other axes, caveats.
    is_less_better
        Whether the best value is the smallest, as of a drawdown.
    """

    title: str
    subtitle: str
    x: HeatmapAxis
    y: HeatmapAxis
    value: str
    unit: str
    center: float | None
    limits: tuple[float, float]
    min_events: int
    is_valid: Bools
    panels: tuple[HeatmapPanel, ...]
    notes: tuple[str, ...]
    is_less_better: bool = False


def draw_heatmap(info: HeatmapInfo) -> Figure:
    """The picture: numbers are trades, hatched cells have too few, a frame marks the best."""
    columns = 1 + max(panel.column for panel in info.panels)
    rows = 1 + max(panel.row for panel in info.panels)
    cell = _cell_inches(info, columns, rows)
    wide, high = len(info.x.levels) * cell[0], len(info.y.levels) * cell[1]
    width = max(_LEFT + columns * (wide + _GAP_X) + _RIGHT, 7.0)
    notes = wrapped((*info.notes, _legend(info, cell)), width)
    foot = (0.75 if _is_crowded(info.x) else 0.5) + LINE_HEIGHT * len(notes)
    height = _HEAD + rows * high + (rows - 1) * _GAP_Y + foot
    figure = new_figure(width, height)
    write_head(figure, info.title, info.subtitle)
    write_notes(figure, notes)
    taken = {(panel.row, panel.column) for panel in info.panels}
    for panel in info.panels:
        left = _LEFT + panel.column * (wide + _GAP_X)
        bottom = height - _HEAD - panel.row * (high + _GAP_Y) - high
        axes = figure.add_axes((left / width, bottom / height, wide / width, high / height))
        _draw_panel(axes, info, panel, cell)
        _label(axes, info, panel, taken)
    tall = min(3.2, rows * high)
    left, bottom = _LEFT + columns * (wide + _GAP_X), height - _HEAD - tall
    place = (left / width, bottom / height, 0.16 / width, tall / height)
    _draw_colorbar(figure, info, place)
    return figure


def _cell_inches(info: HeatmapInfo, columns: int, rows: int) -> tuple[float, float]:
    """Width and height of a cell: roomy where levels are few, never a poster."""
    nx, ny = len(info.x.levels), len(info.y.levels)
    wide = min(0.62, max(0.34, 3.0 / nx), 40 / (nx * columns))
    high = min(0.46, max(0.26, 2.0 / ny), 40 / (ny * rows))
    return wide, high


def _colors(info: HeatmapInfo) -> tuple[Normalize, Colormap]:
    norm = Normalize(*info.limits, clip=True)
    if info.center is None:
        # bright is good, so that the frame of the best can be seen
        return norm, mpl.colormaps["viridis_r" if info.is_less_better else "viridis"]
    # without its near-black ends, on which nothing can be read
    ends = mpl.colormaps["RdBu"](np.linspace(0.06, 0.94, 255))
    return norm, ListedColormap(ends)


def _draw_panel(
    axes: Axes, info: HeatmapInfo, panel: HeatmapPanel, cell: tuple[float, float]
) -> None:
    colors = _cell_colors(info, panel)
    cells = [(int(iy), int(ix)) for iy, ix in np.argwhere(info.is_valid)]
    axes.add_collection(
        PatchCollection(
            [_square(iy, ix) for iy, ix in cells],
            facecolors=[colors[each] for each in cells],
            edgecolors="white",
            linewidths=0.6,
        )
    )
    thin = [_square(iy, ix) for iy, ix in cells if panel.is_thin[iy, ix]]
    hatch = PatchCollection(thin, facecolors="none", edgecolors="white", linewidths=0.6)
    hatch.set_hatch("////")
    hatch.set_hatchcolor("#b4b4b4")
    hatch.set_hatch_linewidth(0.5)
    axes.add_collection(hatch)
    if panel.plateau is not None and panel.plateau.sum() > 1:
        axes.add_collection(
            LineCollection(outline(panel.plateau), colors="#1a1a1a", linewidths=1.3, zorder=3)
        )
    if panel.best is not None:
        frame = _square(*panel.best)
        frame.set(fill=False, edgecolor="black", linewidth=1.8, zorder=4)
        axes.add_patch(frame)
    if cell[0] >= _NUMBER_WIDTH:
        for iy, ix in cells:
            _write_cell(axes, info, panel, (iy, ix), cell[0] >= _VALUE_WIDTH, colors[iy, ix])
    axes.set_xlim(-0.5, len(info.x.levels) - 0.5)
    axes.set_ylim(-0.5, len(info.y.levels) - 0.5)


def outline(cells: Bools) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """The edges between the cells and all others, as lines of two points (x, y)."""
    inside = np.pad(cells, 1)
    lines: list[tuple[tuple[float, float], tuple[float, float]]] = []
    for iy, ix in np.argwhere(cells).tolist():
        for dy, dx in ((-1, 0), (1, 0), (0, -1), (0, 1)):
            if not inside[iy + 1 + dy, ix + 1 + dx]:
                at = (ix + dx / 2, iy + dy / 2)
                half = (abs(dy) / 2, abs(dx) / 2)
                lines.append(
                    ((at[0] - half[0], at[1] - half[1]), (at[0] + half[0], at[1] + half[1]))
                )
    return lines


def _cell_colors(info: HeatmapInfo, panel: HeatmapPanel) -> Floats:
    """RGB of every cell, shape (y levels, x levels, 3)."""
    norm, colormap = _colors(info)
    colors: Floats = colormap(norm(np.nan_to_num(panel.values)))[:, :, :3]
    colors[panel.is_thin] = 1 - _PALE * (1 - colors[panel.is_thin])
    colors[np.isnan(panel.values)] = to_rgb(_UNKNOWN)
    return colors


def _square(iy: int, ix: int) -> Rectangle:
    return Rectangle((ix - 0.5, iy - 0.5), 1, 1)


def _write_cell(
    axes: Axes,
    info: HeatmapInfo,
    panel: HeatmapPanel,
    at: tuple[int, int],
    has_room: bool,
    color: Floats,
) -> None:
    text = short_count(int(panel.events[at]))
    value = float(panel.values[at])
    if has_room and info.value != "events":
        text = f"n {text}"
        if not np.isnan(value):
            text = f"{_short(value, info)}\n{text}"
    luminance = float(color @ np.array([0.299, 0.587, 0.114]))
    axes.text(
        at[1],
        at[0],
        text,
        ha="center",
        va="center",
        size=6.2,
        linespacing=1.1,
        color=INK if luminance > 0.5 else "white",
        zorder=5,
    )


def short_count(count: int) -> str:
    """A count in at most four characters: 9999, 12k, 3M."""
    if count < 10_000:
        return str(count)
    return f"{count // 1000}k" if count < 1_000_000 else f"{count // 1_000_000}M"


def _short(value: float, info: HeatmapInfo) -> str:
    digits = 3 if abs(value) < 1 else 2 if abs(value) < 10 else 1
    return f"{value:+.{digits}f}" if info.center == 0 else f"{value:.{digits}f}"


def _label(axes: Axes, info: HeatmapInfo, panel: HeatmapPanel, taken: set[tuple[int, int]]) -> None:
    """Title of a panel; tick labels only where no neighbour carries them."""
    best = "too few trades"
    if panel.best is not None:
        best = f"best {_short(float(panel.values[panel.best]), info)}"
        best += f" (n {short_count(int(panel.events[panel.best]))})"
    axes.set_title(panel.segment, loc="left", size=8.5, weight="bold", color=INK, pad=4)
    axes.set_title(best, loc="right", size=7, color=FAINT, pad=4)
    axes.tick_params(length=0, labelsize=7, labelcolor=INK, pad=2)
    for spine in axes.spines.values():
        spine.set_visible(False)
    has_below = (panel.row + 1, panel.column) in taken
    has_left = (panel.row, panel.column - 1) in taken
    # ticks that show nothing take as long as those that do
    axes.set_xticks([])
    axes.set_yticks([])
    if not has_below:
        axes.set_xticks(range(len(info.x.levels)), _ticks(info.x))
        axes.tick_params(axis="x", labelrotation=90 if _is_crowded(info.x) else 0)
        axes.set_xlabel(f"{info.x.name} [{info.x.unit}]", size=8, color=INK)
    if not has_left:
        axes.set_yticks(range(len(info.y.levels)), _ticks(info.y))
        axes.set_ylabel(f"{info.y.name} [{info.y.unit}]", size=8, color=INK)


def _is_crowded(axis: HeatmapAxis) -> bool:
    return max(len(f"{level:g}") for level in axis.levels) * len(axis.levels) > 32


def _ticks(axis: HeatmapAxis) -> list[str]:
    """Levels as text; only every so many where there are too many to read."""
    every = -(-len(axis.levels) // 40)
    return [f"{level:g}" if k % every == 0 else "" for k, level in enumerate(axis.levels)]


def _plateau_words(info: HeatmapInfo) -> str:
    is_there = any(each.plateau is not None and each.plateau.sum() > 1 for each in info.panels)
    return "; line around it: its plateau, cells that keep half of it" if is_there else ""


def _draw_colorbar(
    figure: Figure, info: HeatmapInfo, place: tuple[float, float, float, float]
) -> None:
    known = np.concatenate([panel.values[~np.isnan(panel.values)] for panel in info.panels])
    is_beyond = (bool((known < info.limits[0]).any()), bool((known > info.limits[1]).any()))
    ends = {(True, False): "min", (False, True): "max", (True, True): "both"}
    norm, colormap = _colors(info)
    bar: Any = figure.colorbar(
        ScalarMappable(norm, colormap),
        cax=figure.add_axes(place),
        extend=ends.get(is_beyond, "neither"),
    )
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=7, length=2, colors=FAINT, labelcolor=INK)
    bar.set_label(f"{info.value} [{info.unit}]", size=8, color=INK)


def _legend(info: HeatmapInfo, cell: tuple[float, float]) -> str:
    number = "number: trades; "
    if cell[0] < _NUMBER_WIDTH:
        number = "too many cells to write their trades; "
    elif cell[0] >= _VALUE_WIDTH and info.value != "events":
        number = f"{info.value} over n trades; "
    best = "smallest" if info.is_less_better else "largest"
    blank = "" if info.is_valid.all() else "; blank: not a valid set"
    return (
        f"{number}hatched and pale: fewer than {info.min_events} trades; grey: value unknown; "
        f"frame: the panel's {best} value with enough trades{_plateau_words(info)}{blank}"
    )

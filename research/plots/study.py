"""A parameter search: its history, which parameters matter, slices and the contour of two."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from research.arrays import Bools, Floats
from research.plots.figure import COLORS, FAINT, INK, new_figure, quiet, write_head, write_notes

__all__ = ["StudyInfo", "draw_study"]

_WIDTH, _HEIGHT, _SLICES = 11.0, 8.0, 4
_MIXED = "RdBu"  # safe for colour-blind eyes, white at zero


@dataclass(frozen=True, slots=True, eq=False)
class StudyInfo:
    """Everything that :func:`draw_study` draws; arrays of shape (trials,)."""

    title: str
    subtitle: str
    scores: Floats  # percent, NaN where infeasible
    params: dict[str, Floats]  # by name, the most important first
    importance: dict[str, float]  # shares that sum to 1, the same order
    is_log: frozenset[str]  # parameters that are searched in ratios
    notes: Sequence[str] = ()

    @property
    def is_feasible(self) -> Bools:
        """Trials with a score."""
        found: Bools = np.isfinite(self.scores)
        return found

    @property
    def best_so_far(self) -> Floats:
        """The best score up to and with each trial, NaN before the first."""
        filled = np.where(self.is_feasible, self.scores, -np.inf)
        best = np.maximum.accumulate(filled) if filled.size else filled
        found: Floats = np.where(np.isfinite(best), best, np.nan)
        return found


def draw_study(info: StudyInfo) -> Figure:
    """History and importance above, slices of the most important parameters and a contour below."""
    figure = new_figure(_WIDTH, _HEIGHT)
    write_head(figure, info.title, info.subtitle)
    grid = figure.add_gridspec(
        2, _SLICES, left=0.07, right=0.95, top=0.86, bottom=0.14, hspace=0.4, wspace=0.45
    )
    _draw_history(figure, grid[0, :2], info)
    _draw_importance(figure, grid[0, 2], info)
    _draw_contour(figure, grid[0, 3], info)
    for at, name in enumerate([*info.params][:_SLICES]):
        _draw_slice(figure, grid[1, at], info, name, is_first=at == 0)
    write_notes(figure, info.notes)
    return figure


def _draw_history(figure: Figure, place: object, info: StudyInfo) -> None:
    axes = figure.add_subplot(place)  # type: ignore[call-overload]
    quiet(axes)
    number = np.arange(info.scores.size)
    axes.plot(number, info.scores, "o", ms=3, color=COLORS[0], alpha=0.5, label="trial")
    axes.step(number, info.best_so_far, where="post", color=COLORS[1], label="best so far")
    infeasible = number[~info.is_feasible]
    if infeasible.size:
        low = axes.get_ylim()[0]
        label = f"infeasible ({infeasible.size})"
        axes.plot(infeasible, np.full(infeasible.size, low), "|", color=FAINT, label=label)
    axes.axhline(0, color=FAINT, lw=0.8)
    axes.set(xlabel="trial", ylabel="score, %", title="history")
    axes.legend(frameon=False, fontsize=8)


def _draw_importance(figure: Figure, place: object, info: StudyInfo) -> None:
    axes = figure.add_subplot(place)  # type: ignore[call-overload]
    quiet(axes)
    names = [*info.importance][::-1]
    axes.barh(names, [info.importance[name] for name in names], color=COLORS[0])
    axes.set(xlabel="share", title="what matters", xlim=(0, 1))
    axes.tick_params(axis="y", labelsize=8)


def _draw_contour(figure: Figure, place: object, info: StudyInfo) -> None:
    axes = figure.add_subplot(place)  # type: ignore[call-overload]
    quiet(axes)
    names = [*info.params][:2]
    if len(names) < 2 or not info.is_feasible.any():
        axes.set_axis_off()
        return
    x, y = (info.params[name][info.is_feasible] for name in names)
    score = info.scores[info.is_feasible]
    limit = max(float(np.abs(score).max()), 1e-6)
    if _spans_a_plane(x, y):
        levels = np.linspace(-limit, limit, 13)
        axes.tricontourf(x, y, score, levels=levels, cmap=_MIXED, alpha=0.6)
    drawn = axes.scatter(
        x, y, c=score, s=18, cmap=_MIXED, vmin=-limit, vmax=limit, edgecolors=INK, linewidths=0.3
    )
    figure.colorbar(drawn, ax=axes, label="score, %")
    for name, which in zip(names, ("x", "y"), strict=True):
        if name in info.is_log:
            _in_ratios(axes, which)
    axes.set(xlabel=names[0], ylabel=names[1], title="the first two")


def _draw_slice(
    figure: Figure, place: object, info: StudyInfo, name: str, *, is_first: bool
) -> None:
    axes = figure.add_subplot(place)  # type: ignore[call-overload]
    quiet(axes)
    axes.plot(info.params[name], info.scores, "o", ms=3, color=COLORS[0], alpha=0.5)
    axes.axhline(0, color=FAINT, lw=0.8)
    if name in info.is_log:
        _in_ratios(axes, "x")
    axes.set(xlabel=name, ylabel="score, %" if is_first else "")


def _spans_a_plane(x: Floats, y: Floats) -> bool:
    """Whether points do not lie on a line: only then is there anything between them."""
    spread = np.column_stack([x - x.mean(), y - y.mean()])
    spread = spread / np.maximum(spread.std(axis=0), 1e-12)
    return len(x) >= 4 and bool(np.linalg.matrix_rank(spread, tol=1e-6) == 2)


def _in_ratios(axes: Axes, which: str) -> None:
    """A logarithmic axis with plain numbers at 1, 2 and 5."""
    axis = axes.xaxis if which == "x" else axes.yaxis
    (axes.set_xscale if which == "x" else axes.set_yscale)("log")
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())

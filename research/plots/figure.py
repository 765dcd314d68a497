"""What all pictures share: a figure without global state, its notes, and its file."""

import io
import json
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from research.atomic import atomic_path

__all__ = [
    "COLORS",
    "DPI",
    "FAINT",
    "INK",
    "LINE_HEIGHT",
    "new_figure",
    "quiet",
    "save_figure",
    "svg_text",
    "wrapped",
    "write_head",
    "write_notes",
]

DPI = 150
INK, FAINT, _ALARM = "#222222", "#777777", "#c0271b"
COLORS = ("#3b6fb6", "#d1662d", "#4b9a5f", "#8d5aa8", "#8a8a8a")
LINE_HEIGHT = 0.17  # inches a line of notes
_LEFT = 0.12  # inches
_SAME_NAMES: Any = {"svg.hashsalt": "leadfollow"}  # else every file names its parts anew
_LETTER = 4.2  # points: mean width of a letter of the notes


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of so many inches, drawn by Agg: no pyplot, no display."""
    figure = Figure(figsize=(width, height), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def quiet(axes: Axes) -> None:
    """Takes the box and the loud ticks off ``axes``."""
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(FAINT)
    axes.tick_params(labelsize=8, colors=FAINT, labelcolor=INK, length=3)


def write_head(figure: Figure, title: str, subtitle: str) -> None:
    """Title and subtitle at the top left; they take 0.55 inches together."""
    height = figure.get_figheight()
    x = _LEFT / figure.get_figwidth()
    figure.text(x, 1 - 0.10 / height, title, size=12, weight="bold", color=INK, va="top")
    color = _ALARM if "SYNTHETIC" in subtitle else INK  # nobody may take it for a market
    figure.text(x, 1 - 0.36 / height, subtitle, size=8.5, color=color, va="top")


def wrapped(notes: Sequence[str], width: float) -> list[str]:
    """``notes`` as lines that fit into a figure of ``width`` inches."""
    letters = int((width - 2 * _LEFT) * 72 / _LETTER)
    return [line for note in notes for line in textwrap.wrap(note, letters) or [""]]


def write_notes(figure: Figure, notes: Sequence[str]) -> None:
    """Lines at the bottom left, :data:`LINE_HEIGHT` inches each."""
    width, height = figure.get_figwidth(), figure.get_figheight()
    for line, note in enumerate(reversed(notes)):
        y = (0.08 + line * LINE_HEIGHT) / height
        figure.text(_LEFT / width, y, note, size=7.5, color=FAINT, va="bottom")


def save_figure(figure: Figure, path: Path, about: Mapping[str, Any] | None = None) -> None:
    """Writes ``figure`` atomically in the format of its ending (png, svg, pdf).

    Parameters
    ----------
    about
        Where the picture came from (:func:`research.provenance.provenance`), kept as JSON in
        the file's description. Same figure, same bytes: no clock.

    Raises
    ------
    StoreError
        The folder cannot be made or written.
    """
    text = json.dumps(dict(about or {}), allow_nan=False)
    key = {".png": "Description", ".svg": "Description"}.get(path.suffix, "Subject")
    undated = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(path.suffix, {})
    with atomic_path(path) as temporary, mpl.rc_context(_SAME_NAMES):
        figure.savefig(temporary, metadata={key: text, **undated})


def svg_text(figure: Figure) -> str:
    """``figure`` as SVG, for a page that holds it itself."""
    stream = io.StringIO()
    with mpl.rc_context(_SAME_NAMES):
        figure.savefig(stream, format="svg", metadata={"Date": None})
    return stream.getvalue()

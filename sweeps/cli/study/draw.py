"""``leadfollow study plot``: the pictures of one study."""

import sys
from pathlib import Path

from research.plots.figure import save_figure
from research.plots.study import draw_study
from research.provenance import versions
from sweeps.cli.terminal import say
from sweeps.study.books import Books
from sweeps.study.view import study_info

__all__ = ["draw_study_of"]


def draw_study_of(books: Books, name: str, folder: Path) -> None:
    """Draws and saves ``<study>.png`` in ``folder``."""
    info = study_info(books, name)
    file = folder / f"{name}.png"
    save_figure(
        draw_study(info),
        file,
        {"study": name, "versions": versions(), "command": " ".join(sys.argv)},
    )
    say(f"wrote {file}")

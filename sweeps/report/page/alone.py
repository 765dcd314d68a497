"""The interactive heatmaps of one grid by themselves: in a notebook, or as a file."""

from dataclasses import dataclass

from sweeps.grid.looks.derived import looked_at
from sweeps.grid.result import GridResult
from sweeps.report.page.grids import section_of
from sweeps.report.page.html import element, joined
from sweeps.report.page.page import document

__all__ = ["Interactive", "interactive"]

_SCRIPTS = ("chart.js", "grid.js", "page.js")


@dataclass(frozen=True, slots=True)
class Interactive:
    """A document that a notebook shows in a frame of its own; ``text`` is a whole HTML file."""

    text: str
    height: int

    def _repr_html_(self) -> str:
        return element(
            "iframe",
            srcdoc=self.text,
            width="100%",
            height=self.height,
            title="Heatmaps of a grid",
            sandbox="allow-scripts",
        )


def interactive(
    result: GridResult,
    *,
    after: GridResult | None = None,
    min_events: int = 30,
    height: int = 900,
) -> Interactive:
    """Every pair of axes, column and segment of a grid, without the trades behind its cells.

    Parameters
    ----------
    after
        The same sets on later minutes, for out of sample beside in sample.

    Raises
    ------
    SearchError
        ``after`` has other sets.
    """
    seen = looked_at(result, after, min_events=min_events)
    section = section_of([(seen, {}, [])], min_events=min_events)
    body = joined([element("main", element("h1", result.label), section.body), section.data or ""])
    return Interactive(document(result.name, body, scripts=_SCRIPTS), height)

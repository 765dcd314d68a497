"""A section of a page: a function from the folder of a run to one of these, or to None."""

from dataclasses import dataclass
from typing import Protocol

from sweeps.report.page.html import Html
from sweeps.report.page.run_folder import RunFolder

__all__ = ["Section", "SectionOf"]


@dataclass(frozen=True, slots=True)
class Section:
    """What stands under one heading."""

    name: str  # of its anchor
    title: str
    body: Html
    data: Html | None = None  # script elements of arrays, at the foot of the page


class SectionOf(Protocol):
    """What :data:`sweeps.report.page.page.SECTIONS` lists."""

    def __call__(self, run: RunFolder) -> Section | None:
        """The section, None where the run has nothing for it. Raises LeadfollowError if torn."""

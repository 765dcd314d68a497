"""The ``[frame]`` table of the settings file: which minutes no study may look at."""

from pydantic import Field

from research.settings.section import Section

__all__ = ["FrameSettings"]


class FrameSettings(Section):
    """The rule by which frames leave out minutes; see :mod:`research.data.quality.exclusions`.

    Thirty minutes: a market that trades in every third minute only is silent for longer less
    than once a year, while the halts of dYdX lasted hours.
    """

    halt_min: int = Field(30, ge=2, le=100_000)  # longest silence that is still a quiet market
    settle_min: int = Field(5, ge=0, le=1440)  # left out after it as well: the book is thin

    def sentence(self) -> str:
        """The rule for people."""
        return (
            f"more than {self.halt_min} min without a trade at either venue, and "
            f"{self.settle_min} min after"
        )

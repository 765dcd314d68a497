"""The ``[synthetic]`` table of the settings file: the embedded market."""

from pydantic import Field

from research.settings.section import Section

__all__ = ["SyntheticSettings"]


class SyntheticSettings(Section):
    """The embedded default market."""

    days: float = Field(30.0, gt=0, le=4000)
    seed: int = Field(7, ge=0)
    edge: float = Field(1.0, ge=0, le=5)

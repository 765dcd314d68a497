"""The tables of the settings file that trades are made by."""

from typing import Literal, Protocol

from pydantic import Field

from research.settings.costs import CostSettings
from research.settings.section import Section

__all__ = ["ExecutionSettings", "ModelSettings"]


class ExecutionSettings(Section):
    """The executable model: how a signal becomes a trade."""

    fill: Literal["close", "next_open"] = "next_open"
    touch: Literal["close", "intrabar"] = "intrabar"
    overlap: bool = False
    max_age_min: float = Field(0.0, ge=0)
    reference: Literal["raw", "excess"] = "excess"


class ModelSettings(Protocol):
    """The tables that a model is made of; the whole settings file has them."""

    @property
    def execution(self) -> ExecutionSettings:
        """How a signal becomes a trade."""

    @property
    def costs(self) -> CostSettings:
        """What a trade costs."""

"""The tables of the settings file that trades are made by."""

from typing import Annotated, Literal, Protocol

from pydantic import Field, model_validator

from research.settings.costs import CostSettings
from research.settings.section import Section

__all__ = ["ExecutionSettings", "FilterSettings", "ModelSettings"]


class ExecutionSettings(Section):
    """The executable model: how a signal becomes a trade."""

    fill: Literal["close", "next_open"] = "next_open"
    touch: Literal["close", "intrabar"] = "intrabar"
    overlap: bool = False
    trusts_prints: bool = False  # a minute that quality names as a bad print fires TP and SL
    max_age_min: float = Field(0.0, ge=0)
    reference: Literal["raw", "excess"] = "excess"


Rsi = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
Bound = Annotated[float | None, Field(allow_inf_nan=False)]  # None: no bound


class FilterSettings(Section):
    """What must hold at an entry beside the thresholds, in every model; see ``EntryFilters``.

    The age of the dYdX price, which differs between the models, stands in ``[execution]``.
    """

    sessions: tuple[Literal["asia", "europe", "us"], ...] = ("asia", "europe", "us")
    regimes: tuple[Literal["calm", "normal", "wild"], ...] = ("calm", "normal", "wild")
    needs_alignment: bool = False
    rsi_timeframe: Literal["1m", "5m", "15m", "1h", "4h"] = "5m"
    rsi_min: Rsi = 0.0
    rsi_max: Rsi = 100.0
    max_funding_pct: Bound = None  # percent an hour
    score_column: str | None = None  # of the frame
    score_min: Bound = None

    @model_validator(mode="after")
    def _makes_sense(self) -> "FilterSettings":
        if not self.sessions or not self.regimes:
            raise ValueError("at least one session and one regime must be let in")
        if self.rsi_min > self.rsi_max:
            raise ValueError("RSI bounds must satisfy rsi_min <= rsi_max")
        if self.score_min is not None and self.score_column is None:
            raise ValueError("score_min needs a score_column")
        return self


class ModelSettings(Protocol):
    """The tables that a model is made of; the whole settings file has them."""

    @property
    def execution(self) -> ExecutionSettings:
        """How a signal becomes a trade."""

    @property
    def filters(self) -> FilterSettings:
        """What must hold at an entry."""

    @property
    def costs(self) -> CostSettings:
        """What a trade costs."""

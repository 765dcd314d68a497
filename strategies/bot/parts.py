"""The small parts of the bot's file: names, units, labels, costs, execution, filters."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from strategies.listed import LISTED

__all__ = [
    "CostsAssumed",
    "ExecutionAssumed",
    "Filters",
    "Lookbacks",
    "MarketNames",
    "ParameterValue",
    "Part",
    "RegimeName",
    "RegimeRule",
    "SessionName",
    "Silence",
    "StrategyName",
]

SessionName = Literal["asia", "europe", "us"]
RegimeName = Literal["calm", "normal", "wild"]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


def _listed(name: str) -> str:
    if name not in LISTED:
        raise ValueError(f"no strategy {name!r}; this version knows {', '.join(LISTED)}")
    return name


StrategyName = Annotated[
    str,
    AfterValidator(_listed),
    WithJsonSchema({"enum": list(LISTED), "type": "string"}),
]


class Part(BaseModel):
    """A part of the file: frozen, and closed to unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_inf_nan="null")


class MarketNames(Part):
    """One market and its names at both venues."""

    name: str = Field(min_length=1)
    binance: str = Field(min_length=1)
    dydx: str = Field(min_length=1)
    price_scale: Positive = Field(description="dYdX's units in one of Binance's contract")


class ParameterValue(Part):
    """A parameter with its unit."""

    value: Finite
    unit: Literal["min", "percent"]


class RegimeRule(Part):
    """How the bot tells the regime of a minute: a value on an edge belongs to the wilder side."""

    feature: Literal["atr_pct"] = "atr_pct"
    atr_min: int = Field(
        ge=2, le=10_000, description="Wilder ATR over so many one-minute Binance bars"
    )
    low: float | None = Field(description="percent; below it is calm; null: not fitted")
    high: float | None = Field(description="percent; from it on is wild")
    fitted_on: str
    edges: Literal["in-sample", "training span"]


class Lookbacks(Part):
    """What features look back at, beside ``basis_min`` and ``regime.atr_min``."""

    realized_vol_min: int = Field(ge=2, le=10_000)
    rsi_bars: int = Field(ge=2, le=200, description="completed bars of each timeframe")


class Silence(Part):
    """Which minutes the evidence left out: the bot must not trade in such, either."""

    halt_min: int = Field(
        ge=2, le=100_000, description="longest silence of a venue that is no halt"
    )
    settle_min: int = Field(ge=0, le=1440, description="minutes left out after a halt")


class CostsAssumed(Part):
    """What the evidence paid."""

    fees_bps: Finite = Field(description="round trip over all legs")
    slippage_bps: Finite = Field(description="per fill")
    funding: bool


class ExecutionAssumed(Part):
    """How the evidence was filled."""

    fill: Literal["close", "next_open"]
    touch: Literal["close", "intrabar"]
    overlap: bool
    trusts_prints: bool = Field(description="bad prints fire TP and SL within the minute")


class Filters(Part):
    """What must hold beside the thresholds."""

    max_age_min: float | None = Field(ge=0, description="null: any age")
    sessions: tuple[SessionName, ...]
    regimes: tuple[RegimeName, ...]
    needs_alignment: bool
    rsi_timeframe: Literal["1m", "5m", "15m", "1h", "4h"]
    rsi_min: float
    rsi_max: float
    max_funding_pct: float | None = Field(description="percent an hour; null: no bound")
    score_column: str | None = Field(None, description="of the frame; null: no score")
    score_min: float | None = Field(None, description="least score; null: any that is known")

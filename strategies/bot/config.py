"""The contract with the bot: a versioned JSON file of the sets that survived, and of those not.

Percent, minutes and basis points as everywhere in the project; every parameter carries its unit.
"""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    WithJsonSchema,
    model_validator,
)

from research.errors import ExportError, ParamError
from strategies.law.bounds import bounds
from strategies.listed import LISTED

__all__ = [
    "SCHEMA_VERSION",
    "BotConfig",
    "BotSet",
    "Evidence",
    "MarketNames",
    "ParameterValue",
    "RegimeRule",
    "json_schema",
    "load_bot_config",
]

SCHEMA_VERSION = 1
SessionName = Literal["asia", "europe", "us"]
RegimeName = Literal["calm", "normal", "wild"]


def _listed(name: str) -> str:
    if name not in LISTED:
        raise ValueError(f"no strategy {name!r}; this version knows {', '.join(LISTED)}")
    return name


StrategyName = Annotated[
    str,
    AfterValidator(_listed),
    WithJsonSchema({"enum": list(LISTED), "type": "string"}),
]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_inf_nan="null")


class MarketNames(_Part):
    """One market and its names at both venues."""

    name: str
    binance: str
    dydx: str


class ParameterValue(_Part):
    """A parameter with its unit."""

    value: float
    unit: Literal["min", "percent"]


class RegimeRule(_Part):
    """How the bot tells the regime of a minute: a value on an edge belongs to the wilder side."""

    feature: Literal["atr_pct"] = "atr_pct"
    atr_min: int = Field(description="Wilder ATR over so many one-minute Binance bars")
    low: float | None = Field(description="percent; below it is calm; null: not fitted")
    high: float | None = Field(description="percent; from it on is wild")
    fitted_on: str
    edges: Literal["in-sample", "training span"]


class CostsAssumed(_Part):
    """What the evidence paid."""

    fees_bps: float = Field(description="round trip over all legs")
    slippage_bps: float = Field(description="per fill")
    funding: bool


class ExecutionAssumed(_Part):
    """How the evidence was filled."""

    fill: Literal["close", "next_open"]
    touch: Literal["close", "intrabar"]
    overlap: bool


class Filters(_Part):
    """What must hold beside the thresholds."""

    max_age_min: float | None = Field(description="null: any age")
    sessions: tuple[SessionName, ...]
    regimes: tuple[RegimeName, ...]
    needs_alignment: bool
    rsi_timeframe: Literal["1m", "5m", "15m", "1h", "4h"]
    rsi_min: float
    rsi_max: float
    max_funding_pct: float | None = Field(description="percent an hour; null: no bound")
    score_column: str | None = Field(None, description="of the frame; null: no score")
    score_min: float | None = Field(None, description="least score; null: any that is known")


class Evidence(_Part):
    """All report columns over one span; null where unknown."""

    first_minute: str
    last_minute: str
    report: dict[str, float | None]


class BotSet(_Part):
    """One parameter set, enabled or refused with the reason."""

    id: str
    enabled: bool
    reason: str = Field(min_length=1, description="why it is enabled, or why not")
    strategy: StrategyName
    mode: Literal["short", "long", "both"]
    segment: str
    reference: Literal["raw", "excess"]
    parameters: dict[str, ParameterValue]
    filters: Filters
    execution: ExecutionAssumed
    costs: CostsAssumed
    in_sample: Evidence
    out_of_sample: Evidence
    sets_tried: int = Field(ge=1, description="parameter sets looked at to find this one")

    @model_validator(mode="after")
    def _enabled_needs_proof(self) -> "BotSet":
        bound = self.out_of_sample.report.get("lcb_pnl")
        if self.enabled and not (bound is not None and bound > 0):
            raise ValueError("an enabled set needs a positive out-of-sample lcb_pnl")
        return self

    @model_validator(mode="after")
    def _parameters_are_the_strategys(self) -> "BotSet":
        # not at the top: who asks for the schema alone needs no strategy
        from strategies.registry import BOTH, strategy_named

        strategy = strategy_named(self.strategy)
        if set(self.parameters) != set(strategy.axes):
            raise ValueError(
                f"parameters of {strategy.name} are {', '.join(strategy.axes)}; were "
                f"{', '.join(self.parameters) or 'none'}"
            )
        known = bounds(strategy.params_type)
        for name, each in self.parameters.items():
            if each.unit != known[name].unit:
                raise ValueError(f"{name} must be in {known[name].unit}, was in {each.unit}")
        if not strategy.modes and self.mode != BOTH:
            raise ValueError(f"mode of {strategy.name} must be {BOTH}, was {self.mode}")
        mode = {"mode": self.mode} if strategy.modes else {}
        values = {name: each.value for name, each in self.parameters.items()}
        try:
            strategy.params_type(reference=self.reference, **mode, **values)
        except ParamError as error:
            raise ValueError(str(error)) from None
        return self


class BotConfig(_Part):
    """The file."""

    schema_version: Annotated[int, Field(ge=SCHEMA_VERSION, le=SCHEMA_VERSION)] = SCHEMA_VERSION
    kind: Literal["leadfollow.bot_config"] = "leadfollow.bot_config"
    synthetic: bool = Field(description="true: made on a synthetic market, never to be traded")
    market: MarketNames
    sessions: dict[SessionName, int] = Field(description="first UTC hour")
    basis_min: int = Field(description="lookback of the excess spread's basis")
    regime: RegimeRule
    sets: tuple[BotSet, ...]
    provenance: dict[str, Any]

    @property
    def enabled(self) -> tuple[BotSet, ...]:
        """The sets that may trade."""
        return tuple(each for each in self.sets if each.enabled)

    def to_json(self) -> str:
        """The file's text."""
        known = json.loads(self.model_dump_json())  # the one road on which inf and NaN are null
        return json.dumps(known, indent=2, allow_nan=False) + "\n"


def json_schema() -> dict[str, Any]:
    """JSON Schema of the file."""
    return BotConfig.model_json_schema()


def load_bot_config(path: Path) -> BotConfig:
    """The bot config in ``path``.

    Raises
    ------
    ExportError
        Missing, not JSON, or not of this schema; names the field.
    """
    try:
        return BotConfig.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ExportError(f"{path}: cannot be read ({error.strerror})") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "file"
        raise ExportError(
            f"{path}: {where}: {first['msg']}; write it with `leadfollow export` of this version"
        ) from None

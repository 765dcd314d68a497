"""Black-swan guards: when the bot slows down or stops, whatever the evidence says.

Those that are a choice come from the table ``[bot]`` of the settings; volatility is fitted.
"""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from strategies.bot.parts import Part

__all__ = ["Guards", "SpreadBands", "VolatilityGuard"]

Above = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Share = Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]


class VolatilityGuard(Part):
    """Fitted on the evidence: what Binance's minutes had done at most."""

    feature: Literal["realized_vol_pct"] = "realized_vol_pct"
    lookback_min: int = Field(ge=2)
    slow_above: Above = Field(description="percent: smaller size from here")
    halt_above: Above = Field(description="percent: no entry from here; unseen by the evidence")

    @model_validator(mode="after")
    def _slows_before_it_halts(self) -> "VolatilityGuard":
        if self.slow_above > self.halt_above:
            raise ValueError(
                f"slow_above must be at most halt_above={self.halt_above:g}, "
                f"was {self.slow_above:g}"
            )
        return self


class SpreadBands(Part):
    """Bands of the effective diff, fractions (0.003 is 0.3 %), as the bot's own records have it."""

    base_entry: Share
    min_entry: Share
    max_entry: Share
    halt_mult: Annotated[float, Field(ge=1, le=100, description="halt band over entry band")]
    min_halt: Share
    max_halt: Share
    oracle_warn: Share
    oracle_halt: Share
    escape_timeout_sec: Annotated[float, Field(gt=0, le=86_400)]

    @model_validator(mode="after")
    def _in_order(self) -> "SpreadBands":
        for low, high in (
            ("min_entry", "base_entry"),
            ("base_entry", "max_entry"),
            ("min_halt", "max_halt"),
            ("min_entry", "min_halt"),
            ("max_entry", "max_halt"),
            ("oracle_warn", "oracle_halt"),
        ):
            if getattr(self, low) > getattr(self, high):
                raise ValueError(
                    f"{low} must be at most {high}={getattr(self, high):g}, "
                    f"was {getattr(self, low):g}"
                )
        return self


class Guards(Part):
    """All guards in force."""

    max_dydx_age_ms: Above = Field(description="older dYdX data: no entry")
    max_binance_age_ms: Above = Field(description="older Binance data: no entry")
    max_consecutive_losses: int = Field(ge=1, le=1000)
    loss_cooldown_min: int = Field(ge=0, le=100_000)
    max_daily_loss_usdt: Above
    max_concurrent_positions: int = Field(ge=1, le=1000)
    order_usdt: Above = Field(description="one order, notional")
    min_depth_usdt: Above = Field(description="book within reach of the order; less: no entry")
    volatility: VolatilityGuard
    spread: SpreadBands

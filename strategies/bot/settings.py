"""The ``[bot]`` table of the settings file: what an export assumes beside the evidence."""

from datetime import date
from typing import Annotated

from pydantic import Field, model_validator

from research.settings.section import Section

__all__ = ["BotSettings"]

Above = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Share = Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]


class BotSettings(Section):
    """Validity, guards, and the fees as they were looked up.

    The bands of the effective diff are fractions (0.003 is 0.3 %), as the bot's records have them.
    Fees are dated facts: ``fees_checked`` says when the taker fees of ``[costs]`` were looked up.
    """

    valid_days: float = Field(14.0, gt=0, le=365)  # after the last minute of the evidence
    window_min: int = Field(1440, ge=60, le=100_000)  # newest minutes that are compared

    fees_checked: date = date(2026, 11, 1)
    fees_are_mine: bool = False  # [costs] has your account's fees, whatever the base tier is
    maker_fee_bps: float = Field(1.0, ge=-100, le=1000, allow_inf_nan=False)

    max_dydx_age_ms: Above = 2000.0
    max_binance_age_ms: Above = 2000.0
    max_consecutive_losses: int = Field(5, ge=1, le=1000)
    loss_cooldown_min: int = Field(60, ge=0, le=100_000)
    max_daily_loss_usdt: Above = 50.0
    max_concurrent_positions: int = Field(1, ge=1, le=1000)
    depth_orders: float = Field(3.0, ge=1, le=1000)  # the book must hold so many orders

    base_entry: Share = 0.002
    min_entry: Share = 0.001
    max_entry: Share = 0.01
    halt_mult: float = Field(3.0, ge=1, le=100)
    min_halt: Share = 0.01
    max_halt: Share = 0.03
    oracle_warn: Share = 0.005
    oracle_halt: Share = 0.01
    escape_timeout_sec: float = Field(60.0, gt=0, le=86_400)

    @model_validator(mode="after")
    def _bands_in_order(self) -> "BotSettings":
        if not self.min_entry <= self.base_entry <= self.max_entry <= self.max_halt:
            raise ValueError("bands must satisfy min_entry <= base_entry <= max_entry <= max_halt")
        if not self.min_entry <= self.min_halt <= self.max_halt:
            raise ValueError("bands must satisfy min_entry <= min_halt <= max_halt")
        if self.oracle_warn > self.oracle_halt:
            raise ValueError("bands must satisfy oracle_warn <= oracle_halt")
        return self

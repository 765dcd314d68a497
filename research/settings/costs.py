"""The ``[costs]`` table of the settings file: what the executable model pays."""

from typing import Annotated

from pydantic import Field

from research.settings.section import Section

__all__ = ["CostSettings"]

Bps = Annotated[float, Field(ge=-100, le=1000, allow_inf_nan=False)]


class CostSettings(Section):
    """Costs of the executable model, basis points of entry notional.

    Defaults: regular taker tier at both venues (checked 2026-11); fees are dated facts, set yours.
    """

    dydx_taker_fee_bps: Bps = 5.0
    binance_taker_fee_bps: Bps = 5.0
    slippage_bps: Bps = 1.0  # per fill
    funding: bool = True

"""The tables ``[risk]``, ``[gate]`` and ``[paper]`` of the settings file.

Reasons stand beside the values.
"""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from research.settings.section import Section

__all__ = ["GateSettings", "PaperSettings", "RiskSettings"]

Factor = Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]
Share = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]


class RiskSettings(Section):
    """How bands follow the market, and the ways back. The bands' ends stand in the bot's file."""

    # the entry band is the largest of base_entry and these, within min_entry and max_entry
    volatility_mult: Factor = 6.0  # x one-second volatility: six deviations are no accident
    book_spread_mult: Factor = 2.0  # x dYdX bid-ask: half of it is paid by every fill
    latency_mult: Factor = 2.0  # x seconds of latency x one-second volatility
    volatility_window_sec: float = Field(60.0, ge=5, le=3600)  # of the one-second returns

    release_share: Share = 0.8  # of a limit: what raised the state must fall below it again
    suspect_calm_sec: Seconds = 5.0  # without a cause, before SUSPECT ends
    halt_calm_sec: Seconds = 15.0  # before HALT becomes SUSPECT
    max_ahead_ms: float = Field(500.0, ge=0, le=60_000)  # a quote of the future: clocks disagree
    max_unwatched_sec: float = Field(90.0, gt=0, le=3600)  # a bot looks once a minute at least
    max_oracle_age_sec: float = Field(60.0, gt=0, le=3600)  # dYdX renews it every few seconds

    slow_size: Share = 0.5  # size factor while a guard slows down
    slow_losses_share: Share = 0.6  # of max_consecutive_losses: slower from here
    slow_daily_loss_share: Share = 0.5  # of max_daily_loss_usdt: slower from here


class GateSettings(Section):
    """What the gate asks of a minute, and what it answers with."""

    # gate: no evidence, no entry. weight: the bot's own score decides, evidence adds to it;
    # safety refuses in both
    mode: Literal["gate", "weight"] = "gate"
    needs_signal: bool = True  # the evidence is about minutes that met the thresholds only
    signal_bonus: float = Field(1.0, ge=0, le=1000)  # to the bot's score, in its own units
    segment_bonus: float = Field(0.25, ge=0, le=1000)  # the segment is proven, no signal now
    reduce_from: Share = 0.5  # of the entry band: from here on to the band the size falls
    suspect_size: float = Field(0.5, ge=0, le=1)  # size factor in SUSPECT; 0 refuses
    min_size: float = Field(0.1, ge=0, le=1)  # a smaller factor is a refusal: fees stay the same
    max_signal_age_ms: float = Field(5000.0, gt=0, le=60_000)  # evidence filled at the next open
    max_minute_delay_ms: float = Field(10_000.0, gt=0, le=60_000)  # closed minutes come in late
    min_window_share: float = Field(0.5, ge=0, le=1)  # of validity's window that must be known

    port: int = Field(8377, ge=0, le=65_535)  # on the loopback; 0: any that is free
    max_body_kib: int = Field(64, ge=1, le=1024)  # a book of 100 levels a side is 8 KiB

    @model_validator(mode="after")
    def _segment_counts_less(self) -> "GateSettings":
        if self.segment_bonus > self.signal_bonus:
            raise ValueError("segment_bonus must be at most signal_bonus")
        return self


class PaperSettings(Section):
    """How simulated orders meet the book. Reasons stand beside the values."""

    order_latency_ms: float = Field(250.0, ge=0, le=60_000)  # decision to fill: a dYdX block or two
    slippage_bps: float = Field(0.0, ge=0, le=1000)  # a fill, beyond walking the recorded book
    minute_delay_ms: float = Field(500.0, ge=0, le=10_000)  # candles come in after their end
    longest_silence_sec: float = Field(60.0, gt=0, le=86_400)  # a longer one is told as a hole
    # candles of Binance come from another address than its book
    binance_market_ws_url: str = Field("wss://fstream.binance.com/market/ws", pattern="^wss?://")
    history_days: float = Field(3.0, ge=0, le=31)  # fetched for a first start; 0: none
    checkpoint_sec: float = Field(2.0, ge=0, le=3600)  # by this machine's clock, between two

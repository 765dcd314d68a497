"""The table ``[paper]`` of the settings file."""

from pydantic import Field

from research.settings.section import Section

__all__ = ["PaperSettings"]


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

"""The ``[markets]`` table of the settings file: one market, two names."""

from pydantic import Field

from research.settings.section import Section

__all__ = ["MarketSettings", "default_markets"]


class MarketSettings(Section):
    """The names of one market at both venues."""

    binance: str
    dydx: str
    # dYdX's units in one of Binance's contract: 1000 for 1000PEPEUSDT against PEPE-USD
    price_scale: float = Field(1.0, gt=0, allow_inf_nan=False)


def default_markets() -> dict[str, MarketSettings]:
    """The markets that need no line in the file."""
    return {
        base: MarketSettings(binance=f"{base}USDT", dydx=f"{base}-USD")
        for base in ("BTC", "ETH", "SOL", "DOGE", "LINK", "AVAX", "XRP", "ADA")
    }

"""The ``[markets]`` table of the settings file: one market, two names."""

from research.settings.section import Section

__all__ = ["MarketSettings", "default_markets"]


class MarketSettings(Section):
    """The names of one market at both venues."""

    binance: str
    dydx: str


def default_markets() -> dict[str, MarketSettings]:
    """The markets that need no line in the file."""
    return {
        base: MarketSettings(binance=f"{base}USDT", dydx=f"{base}-USD")
        for base in ("BTC", "ETH", "SOL", "DOGE", "LINK", "AVAX", "XRP", "ADA")
    }

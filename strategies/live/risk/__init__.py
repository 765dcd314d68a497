"""Whether the market can be traded at all: quotes, bands, risk states, guards.

``market`` is what is known of both venues now, ``fills`` what an order would meet in the book,
``bands`` the limits that follow the market, ``causes`` what is wrong and ``transitions`` where each
cause leads, ``signs`` finds the causes, ``machine`` remembers; ``guards`` count losses and watch
volatility and depth; ``volatility`` is that of one second.
"""

from strategies.live.risk.bands import Bands, bands_of
from strategies.live.risk.causes import Cause
from strategies.live.risk.fills import Fill, depth_usdt, fill_of
from strategies.live.risk.guards import GuardMemory, Guards, GuardVerdict
from strategies.live.risk.machine import RiskMachine, RiskMemory, RiskReading
from strategies.live.risk.market import MarketSnapshot, VenueQuote
from strategies.live.risk.transitions import TRANSITIONS, RiskState
from strategies.live.risk.volatility import SecondVolatility

__all__ = [
    "TRANSITIONS",
    "Bands",
    "Cause",
    "Fill",
    "GuardMemory",
    "GuardVerdict",
    "Guards",
    "MarketSnapshot",
    "RiskMachine",
    "RiskMemory",
    "RiskReading",
    "RiskState",
    "SecondVolatility",
    "VenueQuote",
    "bands_of",
    "depth_usdt",
    "fill_of",
]

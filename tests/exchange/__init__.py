"""A local exchange on loopback that speaks the wire formats of Binance and of the dYdX indexer.

`minutes` makes what the venues hold, `binance` and `dydx` answer HTTP requests from it, `archive`
is the bulk site, `limits` counts requests as the venues do, `faults` breaks answers on purpose,
`sockets` streams quotes, and `server` runs all of it in a thread of its own.
"""

from tests.exchange.faults import FAULTS, Faults
from tests.exchange.minutes import VenueMinutes, make_minutes
from tests.exchange.server import LocalExchange, running

__all__ = ["FAULTS", "Faults", "LocalExchange", "VenueMinutes", "make_minutes", "running"]

"""What the legs of a position pay at each minute: dYdX every hour, Binance every 8 or 4 hours.

A long pays the rate of its venue, a short receives it. A law of two legs is long one venue and
short the other, on equal notionals and filled together: it pays the difference of the rates. When
Binance pays is data, not a rule: its rate stands on the row of the minute in which it is paid.
Source: SEMANTICS.md, section 6.
"""

import numpy as np

from research.arrays import Floats
from research.features.panel import Panel
from research.remembered import remembered

__all__ = ["funding_venues", "is_funding_known", "leg_rates"]


def leg_rates(panel: Panel, legs: int) -> Floats:
    """What one side of the legs pays at the open of each minute, a fraction, shape (n,).

    Paid by a long on dYdX (of two legs, against a short on Binance), received by its mirror
    image. 0 where nothing is paid or known.
    """
    return remembered(panel, ("leg_rates", legs), lambda: _leg_rates(panel, legs), most=2)


def _leg_rates(panel: Panel, legs: int) -> Floats:
    rates = _known(panel.column("funding_rate"))
    if "binance" in funding_venues(panel, legs):
        rates -= _known(panel.column("binance_funding_rate"))
    return rates


def funding_venues(panel: Panel, legs: int) -> tuple[str, ...]:
    """The venues of the legs whose funding the frame knows: the others charge nothing."""
    return remembered(panel, ("funding_venues", legs), lambda: _venues(panel, legs), most=2)


def _venues(panel: Panel, legs: int) -> tuple[str, ...]:
    is_known = {"dydx": panel.has_funding, "binance": legs == 2 and panel.has_binance_funding}
    return tuple(venue for venue, known in is_known.items() if known)


def is_funding_known(panel: Panel, legs: int) -> bool:
    """Whether any venue of the legs has a known rate: else no funding is booked at all."""
    return bool(funding_venues(panel, legs))


def _known(rates: Floats) -> Floats:
    return np.where(np.isnan(rates), 0.0, rates)

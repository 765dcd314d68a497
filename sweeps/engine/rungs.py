"""What a trade earns when it is left on a given row: the arithmetic of the law, once per row.

A *rung* is one way out of an entry: the touch of one TP level, of one SL level, or the end of
one horizon. :class:`Rungs` holds them all for every candidate row; everything above this file
knows of fills, funding and gaps no more.
"""

from typing import Any, NamedTuple

import numpy as np

from research.arrays import Floats, Ints
from research.jit import inlined_kernel, kernel
from strategies.positions import leg_pct

__all__ = [
    "GROSS",
    "NET",
    "Exits",
    "Market",
    "Prices",
    "Rungs",
    "empty_rungs",
    "funded_up_to",
    "next_present",
    "price_rungs",
    "prices_of",
]

NET, SQUARE, GROSS, CODE = range(4)  # lanes of ``Rungs.value``


class Market(NamedTuple):
    """Minutes up to the end of the frame, contiguous arrays of shape (n,)."""

    dydx_open: Any
    dydx_high: Any
    dydx_low: Any
    dydx_close: Any
    binance_open: Any
    binance_close: Any
    spread: Any  # percent, raw or excess
    funding_rate: Any  # fraction paid at the open of the row, 0 where none
    next_present: Any  # int64, shape (n + 1,): first row >= this one with a price, else n


class Exits(NamedTuple):
    """The exit axes, and what fills and costs make of them."""

    tp: Any  # float64, shape (T,), rising; reversion: its exit levels, falling
    sl: Any  # float64, shape (S,), rising
    horizons: Any  # int64, shape (H,), rising
    legs: int
    fills_at_close: bool
    touches_intrabar: bool
    fees_pct: float
    slippage_pct: float
    has_funding: bool


class Terms(NamedTuple):
    """Numbers of :class:`Exits` that pricing needs."""

    legs: int
    fills_at_close: bool
    fees_pct: float
    slippage_pct: float
    has_funding: bool


class Prices(NamedTuple):
    """Columns of :class:`Market` that pricing needs, and its terms."""

    dydx_open: Any
    dydx_close: Any
    binance_open: Any
    binance_close: Any
    funding_rate: Any
    next_present: Any
    terms: Terms


class Rungs(NamedTuple):
    """All ways out of all candidate rows; L = T + S + H, in this order.

    ``when``: int32, shape (rows, L), minutes from the entry to the exit, 0 where it never comes.
    ``value``: float64, shape (rows, L, 4): net, net squared, gross in percent, and a code.
    ``cell``, ``fill``: what :mod:`sweeps.engine.corners` makes of them.
    """

    when: Any
    value: Any
    cell: Any
    fill: Any


def empty_rungs(rows: int, ways: int, *, with_corners: bool) -> Rungs:
    """Room for ``rows`` candidate rows with ``ways`` rungs each."""
    return Rungs(
        when=np.empty((rows, ways), dtype=np.int32),
        value=np.empty((rows, ways, 4), dtype=np.float64),
        cell=np.empty((rows if with_corners else 0, ways), dtype=np.int32),
        fill=np.empty(rows if with_corners else 0, dtype=np.int32),
    )


@kernel
def next_present(close: Floats, other_close: Floats) -> Any:
    """First row at or after each at which neither close is NaN, shape (n + 1,); n is none."""
    n = close.size
    out = np.empty(n + 1, dtype=np.int64)
    out[n] = n
    for t in range(n - 1, -1, -1):
        out[t] = out[t + 1] if np.isnan(close[t]) or np.isnan(other_close[t]) else t
    return out


@inlined_kernel
def funded(paid: float, entry: int, last: int, until: int, rate: Floats) -> float:
    """Rates paid once rows ``last + 1 .. until`` are over, added in the order of the law."""
    if entry < last < rate.size - 1:  # the instant of the entry fill itself is not paid
        paid += rate[last + 1]
    ahead = 0.0
    for row in range(last + 2, until + 1):
        ahead += rate[row]
    return paid + ahead


@inlined_kernel
def funded_up_to(
    paid: float, entry: int, last: int, row: int, rate: Floats, present: Ints
) -> float:
    """``funded`` from one row with a price to a later one, price by price as the law goes."""
    for j in range(last + 1, row + 1):
        if present[j] == j:
            paid = funded(paid, entry, last, j, rate)
            last = j
    return paid


@kernel
def price_rungs(
    entry: int, side: int, first: int, stop: int, when: Any, value: Any, prices: Prices
) -> None:
    """Writes net and gross of rungs ``first .. stop``, whose exits are filled by the model.

    All of them are decided on a close, and later ones not before earlier ones.
    """
    opens, closes, other_opens, other_closes, rate, present, terms = prices
    legs, fills_at_close, fees_pct, slippage_pct, has_funding = terms
    n, last, paid = closes.size, entry, 0.0
    for way in range(first, stop):
        if when[way] == 0:
            continue
        row = entry + when[way]
        if has_funding:
            paid = funded_up_to(paid, entry, last, row, rate, present)
        last, fill = row, n if fills_at_close else present[row + 1]
        if fills_at_close:
            gross = leg_pct(side, closes[entry], closes[row])
            if legs == 2:
                gross += leg_pct(-side, other_closes[entry], other_closes[row])
        elif fill < n:
            gross = leg_pct(side, opens[entry + 1], opens[fill])
            if legs == 2:
                gross += leg_pct(-side, other_opens[entry + 1], other_opens[fill])
        else:  # no price after it: left at the close of the row itself
            gross = leg_pct(side, opens[entry + 1], closes[row])
            if legs == 2:
                gross += leg_pct(-side, other_opens[entry + 1], other_closes[row])
        due = 0.0
        if has_funding:
            due = side * funded(paid, entry, row, fill if fill < n else row + 1, rate) * 100.0
        value[way, NET] = gross - fees_pct - slippage_pct - due
        value[way, GROSS] = gross


@kernel
def prices_of(market: Market, exits: Exits) -> Prices:
    """What pricing needs, taken out of the records once: each access of a field costs atomics."""
    terms = Terms(
        exits.legs, exits.fills_at_close, exits.fees_pct, exits.slippage_pct, exits.has_funding
    )
    return Prices(
        market.dydx_open,
        market.dydx_close,
        market.binance_open,
        market.binance_close,
        market.funding_rate,
        market.next_present,
        terms,
    )

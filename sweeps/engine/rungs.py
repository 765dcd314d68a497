"""What a trade earns when it is left on a given row: the arithmetic of the law, once per row.

A *rung* is one way out of an entry: the touch of one TP level, of one SL level, or the end of
one horizon. :class:`Rungs` holds them all for every candidate row; everything above this file
knows of fills, funding and gaps no more.
"""

from typing import Any, NamedTuple

import numpy as np

from research.arrays import Floats
from research.jit import inlined_kernel, kernel
from strategies.positions import leg_pct

__all__ = ["GROSS", "NET", "Exits", "Market", "Rungs", "empty_rungs", "leave", "next_present"]

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
def funded(paid: float, entry: int, last: int, until: int, market: Market) -> float:
    """Rates paid once rows ``last + 1 .. until`` are over, added in the order of the law."""
    rate = market.funding_rate
    if entry < last < rate.size - 1:  # the instant of the entry fill itself is not paid
        paid += rate[last + 1]
    ahead = 0.0
    for row in range(last + 2, until + 1):
        ahead += rate[row]
    return paid + ahead


@inlined_kernel
def book(rung: Any, gross: float, side: int, paid: float, exits: Exits) -> None:
    """Writes net = gross - fees - slippage - funding."""
    funding = side * paid * 100.0 if exits.has_funding else 0.0
    rung[0] = gross - exits.fees_pct - exits.slippage_pct - funding
    rung[2] = gross


@kernel
def leave(
    rung: Any, entry: int, side: int, last: int, paid: float, market: Market, exits: Exits
) -> None:
    """Books an exit that is decided on the close of row ``last`` and filled by the model."""
    n = market.dydx_close.size
    enters, leaves = market.dydx_close, market.dydx_close
    other_enters, other_leaves = market.binance_close, market.binance_close
    first, row, until = entry, last, last + 1
    if not exits.fills_at_close:
        enters, other_enters, first = market.dydx_open, market.binance_open, entry + 1
        if market.next_present[last + 1] < n:
            row = until = market.next_present[last + 1]
            leaves, other_leaves = market.dydx_open, market.binance_open
    if exits.has_funding:
        paid = funded(paid, entry, last, until, market)
    gross = leg_pct(side, enters[first], leaves[row])
    if exits.legs == 2:
        gross += leg_pct(-side, other_enters[first], other_leaves[row])
    book(rung, gross, side, paid, exits)

"""The minutes as the ladder reads them, with what is asked of them again and again worked out."""

from typing import Any, NamedTuple

import numpy as np

from research.arrays import Floats
from research.jit import inlined_kernel, kernel

__all__ = ["Exits", "Funding", "Market", "funded", "funded_up_to", "funding_of", "next_present"]


class Funding(NamedTuple):
    """Rates as the law books them: price by price, gap by gap; shape (n,) where not said."""

    rate: Any  # fraction paid at the open of the row, 0 where none
    first: Any  # on rows with a price: the rate of the row after the price before
    ahead: Any  # and the sum of those between that and this row
    next_paid: Any  # int64, shape (n + 1,): first row >= this one at which either is not 0, else n


class Market(NamedTuple):
    """Minutes up to the end of the frame, contiguous arrays of shape (n,)."""

    dydx_open: Any
    dydx_high: Any
    dydx_low: Any
    dydx_close: Any
    binance_open: Any
    binance_close: Any
    spread: Any  # percent, raw or excess
    funding: Funding
    next_present: Any  # int64, shape (n + 1,): first row >= this one with a price, else n
    last_present: Any  # int64: last row <= this one with a price, else -1


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
    pays_funding: bool


@kernel
def next_present(close: Floats, other_close: Floats) -> Any:
    """First row at or after and last row at or before each at which neither close is NaN.

    Shapes (n + 1,), n where there is none, and (n,), -1 where there is none.
    """
    n = close.size
    after, before = np.empty(n + 1, dtype=np.int64), np.empty(n, dtype=np.int64)
    after[n] = n
    for t in range(n - 1, -1, -1):
        after[t] = after[t + 1] if np.isnan(close[t]) or np.isnan(other_close[t]) else t
    last = -1
    for t in range(n):
        last = t if after[t] == t else last
        before[t] = last
    return after, before


@kernel
def funding_of(rate: Any, present: Any) -> Any:
    """``first``, ``ahead`` and ``next_paid`` of :class:`Funding`."""
    n = rate.size
    first, ahead = np.zeros(n), np.zeros(n)
    next_paid = np.empty(n + 1, dtype=np.int64)
    last = -1
    for t in range(n):
        if present[t] != t:
            continue
        if last >= 0:
            first[t] = rate[last + 1]
            for row in range(last + 2, t + 1):
                ahead[t] += rate[row]
        last = t
    next_paid[n] = n
    for t in range(n - 1, -1, -1):
        next_paid[t] = t if first[t] != 0 or ahead[t] != 0 else next_paid[t + 1]
    return first, ahead, next_paid


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
def funded_up_to(paid: float, entry: int, last: int, row: int, funding: Any, present: Any) -> float:
    """``funded`` from one row with a price to a later one, price by price as the law goes.

    Prices at which nothing is due are passed over: adding 0 changes no bit.
    """
    after, j = present[entry + 1], funding.next_paid[last + 1]
    while j <= row:
        if j > after:
            paid += funding.first[j]
        paid += funding.ahead[j]
        j = funding.next_paid[j + 1]
    return paid

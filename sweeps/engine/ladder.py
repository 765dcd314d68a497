"""The ladder of lead/follow: one walk per candidate row to the first touch of every level.

The walk is shared by every window, threshold and cooldown, and stops as soon as the outermost
TP or SL is touched: beyond it no parameter set is still in the trade.
"""

from typing import Any

from research.jit import inlined_kernel, kernel
from strategies.positions import leg_pct
from sweeps.engine.rungs import Exits, Market, Rungs, book, funded, leave

__all__ = ["climb"]


@inlined_kernel
def touch_close(
    j: int, at: Any, when: Any, value: Any, trade: Any, market: Market, exits: Exits
) -> Any:
    """How many TP and SL levels are touched once the close of row j is known."""
    a, b = at
    entry, side, price, paid = trade
    gross = leg_pct(side, price, market.dydx_close[j])
    while a < exits.tp.size and gross >= exits.tp[a]:
        when[a] = j - entry
        leave(value[a], entry, side, j, paid, market, exits)
        a += 1
    while b < exits.sl.size and gross <= -exits.sl[b]:
        when[exits.tp.size + b] = j - entry
        leave(value[exits.tp.size + b], entry, side, j, paid, market, exits)
        b += 1
    return a, b


@inlined_kernel
def touch_intrabar(
    j: int, at: Any, when: Any, value: Any, trade: Any, market: Market, exits: Exits
) -> Any:
    """How many TP and SL levels are touched once high and low of row j are known."""
    a, b = at
    entry, side, price, paid = trade
    opening = market.dydx_open[j]
    best = leg_pct(side, price, market.dydx_high[j] if side > 0 else market.dydx_low[j])
    worst = leg_pct(side, price, market.dydx_low[j] if side > 0 else market.dydx_high[j])
    while b < exits.sl.size and worst <= -exits.sl[b]:
        sl = exits.sl[b]
        beyond = leg_pct(side, price, opening) <= -sl
        gross = leg_pct(side, price, opening if beyond else price * (1 - side * sl / 100))
        when[exits.tp.size + b] = j - entry
        book(value[exits.tp.size + b], gross, side, paid, exits)
        b += 1
    while a < exits.tp.size and best >= exits.tp[a]:
        tp = exits.tp[a]
        beyond = leg_pct(side, price, opening) >= tp
        gross = leg_pct(side, price, opening if beyond else price * (1 + side * tp / 100))
        when[a] = j - entry
        book(value[a], gross, side, paid, exits)
        a += 1
    return a, b


@kernel
def climb_row(entry: int, side: int, when: Any, value: Any, market: Market, exits: Exits) -> None:
    """Fills the rungs of one candidate row."""
    when[:] = 0
    n, past_touches = market.dydx_close.size, exits.tp.size + exits.sl.size
    filled_at_close = exits.fills_at_close
    price = market.dydx_close[entry] if filled_at_close else market.dydx_open[entry + 1]
    last, paid, k = entry, 0.0, 0
    at = (k, k)  # TP and SL levels touched so far
    for j in range(entry + 1, min(entry + exits.horizons[-1], n - 1) + 1):
        if market.next_present[j] == j:
            if exits.has_funding:
                paid = funded(paid, entry, last, j, market)
            last, trade = j, (entry, side, price, paid)
            if exits.touches_intrabar:
                at = touch_intrabar(j, at, when, value, trade, market, exits)
            else:
                at = touch_close(j, at, when, value, trade, market, exits)
            if at[0] == exits.tp.size or at[1] == exits.sl.size:
                return
        if j - entry == exits.horizons[k]:
            if last > entry:
                when[past_touches + k] = last - entry
                leave(value[past_touches + k], entry, side, last, paid, market, exits)
            k += 1
    while k < exits.horizons.size and last > entry:  # these run past the end of the frame
        when[past_touches + k] = last - entry
        leave(value[past_touches + k], entry, side, last, paid, market, exits)
        k += 1


@kernel
def climb(
    first: int, stop: int, rows: Any, sides: Any, rungs: Rungs, market: Market, exits: Exits
) -> None:
    """Fills the rungs of candidates ``first .. stop``, each row on its own."""
    for r in range(first, stop):
        climb_row(rows[r], sides[r], rungs.when[r], rungs.value[r], market, exits)

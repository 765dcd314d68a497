"""The ladder of lead/follow: one walk per candidate row to the first touch of every level.

The walk is shared by every window, threshold and cooldown, and stops as soon as the outermost
TP or SL is touched: beyond it no parameter set is still in the trade.
"""

from typing import Any

from research.arrays import Floats, Ints
from research.jit import inlined_kernel, kernel
from strategies.positions import leg_pct
from sweeps.engine.rungs import (
    GROSS,
    NET,
    Exits,
    Market,
    Rungs,
    funded_up_to,
    price_rungs,
    prices_of,
)

__all__ = ["climb", "end_horizons"]


@inlined_kernel
def find_touches(
    entry: int,
    side: int,
    price: float,
    best: Floats,
    worst: Floats,
    present: Ints,
    tp: Floats,
    sl: Floats,
    until: int,
    when: Any,
) -> int:
    """Writes the first touch of every level up to row ``until``; the row where the walk ended.

    ``best``, ``worst``: the prices that touch TP and SL, highs and lows or closes.
    """
    a, b, t = 0, 0, tp.size
    for j in range(entry + 1, until + 1):
        if present[j] != j:
            continue
        low, high = leg_pct(side, price, worst[j]), leg_pct(side, price, best[j])
        while b < sl.size and low <= -sl[b]:
            when[t + b] = j - entry
            b += 1
        while a < t and high >= tp[a]:
            when[a] = j - entry
            a += 1
        if a == t or b == sl.size:
            return j
    return until


@inlined_kernel
def end_horizons(
    entry: int, until: int, horizons: Ints, present: Ints, first: int, when: Any
) -> None:
    """Writes where every horizon that the walk up to row ``until`` reached ends: its last price."""
    n, k, last = present.size - 1, 0, entry
    for j in range(entry + 1, until + 1):
        if present[j] == j:
            last = j
        if j - entry == horizons[k]:
            when[first + k] = last - entry
            k += 1
    if until == n - 1:  # the others run past the end of the frame
        while k < horizons.size:
            when[first + k] = last - entry
            k += 1


@kernel
def price_touches(
    entry: int, side: int, price: float, when: Any, value: Any, market: Market, exits: Exits
) -> None:
    """Writes net and gross of TP and SL touched within a minute: at the level or at its open."""
    opens, rate, present = market.dydx_open, market.funding_rate, market.next_present
    tp, sl, has_funding = exits.tp, exits.sl, exits.has_funding
    fees_pct, slippage_pct = exits.fees_pct, exits.slippage_pct
    for kind in range(2):
        levels, sign, first = (tp, 1.0, 0) if kind == 0 else (sl, -1.0, tp.size)
        last, paid = entry, 0.0
        for k in range(levels.size):
            way = first + k
            if when[way] == 0:
                break
            row, level = entry + when[way], levels[k]
            at_open = leg_pct(side, price, opens[row])
            goal = (
                price * (1 + side * level / 100) if kind == 0 else price * (1 - side * level / 100)
            )
            gross = leg_pct(side, price, opens[row] if sign * at_open >= level else goal)
            due = 0.0
            if has_funding:
                paid = funded_up_to(paid, entry, last, row, rate, present)
                due = side * paid * 100.0
            last = row
            value[way, NET] = gross - fees_pct - slippage_pct - due
            value[way, GROSS] = gross


@kernel
def climb(
    first: int, stop: int, rows: Any, sides: Any, rungs: Rungs, market: Market, exits: Exits
) -> None:
    """Fills the rungs of candidates ``first .. stop``, each row on its own."""
    prices, present, horizons = prices_of(market, exits), market.next_present, exits.horizons
    tp, sl, whens, values = exits.tp, exits.sl, rungs.when, rungs.value
    highs, lows, n = market.dydx_high, market.dydx_low, market.dydx_close.size
    if not exits.touches_intrabar:
        highs, lows = market.dydx_close, market.dydx_close
    touches, ways = tp.size + sl.size, tp.size + sl.size + horizons.size
    for r in range(first, stop):
        entry, side, when, value = rows[r], sides[r], whens[r], values[r]
        when[:] = 0
        price = market.dydx_close[entry] if exits.fills_at_close else market.dydx_open[entry + 1]
        until = min(entry + horizons[-1], n - 1)
        best, worst = (highs, lows) if side > 0 else (lows, highs)
        until = find_touches(entry, side, price, best, worst, present, tp, sl, until, when)
        end_horizons(entry, until, horizons, present, touches, when)
        if exits.touches_intrabar:
            price_touches(entry, side, price, when, value, market, exits)
        else:
            price_rungs(entry, side, 0, tp.size, when, value, prices)
            price_rungs(entry, side, tp.size, touches, when, value, prices)
        price_rungs(entry, side, touches, ways, when, value, prices)

"""The ladder: one walk per candidate row to the first touch of every level.

The walk is shared by every window, threshold and cooldown, and stops as soon as the outermost
TP or SL is touched: beyond it no parameter set is still in the trade. Spread reversion's exit
levels are its TP levels, widest first; it has no SL.
"""

from typing import Any

from research.arrays import Floats
from research.jit import inlined_kernel, kernel
from strategies.law.position import leg_pct
from sweeps.engine.kernels.minutes import Exits, Market

__all__ = ["climb", "climb_reversion"]

_SURE = 1e-9  # of a price: so far from a level, rounding cannot make a touch


@inlined_kernel
def guards(side: int, price: float, tp: Floats, a: int, sl: Floats, b: int) -> Any:
    """``side`` times the prices short of which neither the next TP nor the next SL is touched."""
    up = side * price * (1 + side * tp[a] / 100)
    down = side * price * (1 - side * sl[b] / 100)
    return up - price * _SURE, down + price * _SURE


@inlined_kernel
def find_touches(
    entry: int,
    side: int,
    price: float,
    best: Floats,
    worst: Floats,
    present: Any,
    tp: Floats,
    sl: Floats,
    until: int,
    when: Any,
) -> int:
    """Writes the first touch of every level up to row ``until``; the row where the walk ended.

    ``best``, ``worst``: the prices that touch TP and SL, highs and lows or closes.
    """
    a, b, t = 0, 0, tp.size
    up, down = guards(side, price, tp, a, sl, b)
    for j in range(entry + 1, until + 1):
        if (side * best[j] < up and side * worst[j] > down) or present[j] != j:
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
        up, down = guards(side, price, tp, a, sl, b)
    return until


@inlined_kernel
def find_reverts(
    entry: int, spread: Floats, levels: Floats, present: Any, until: int, when: Any
) -> int:
    """Writes the first minute within every falling level; the row where the walk ended."""
    a = 0
    for j in range(entry + 1, until + 1):
        if not abs(spread[j]) <= levels[a] or present[j] != j:
            continue
        while a < levels.size and abs(spread[j]) <= levels[a]:
            when[a] = j - entry
            a += 1
        if a == levels.size:
            return j
    return until


@inlined_kernel
def end_horizons(entry: int, until: int, last_present: Any, horizons: Any, when: Any) -> None:
    """Writes where every horizon that the walk up to row ``until`` reached ends: its last price."""
    end, first = last_present.size - 1, when.size - horizons.size
    for k in range(horizons.size):
        row = entry + horizons[k]
        if row > until < end:
            break
        # where there is no price at all, the last one is at or before the entry
        when[first + k] = max(last_present[min(row, end)] - entry, 0)


@kernel
def climb(
    first: int, stop: int, rows: Any, sides: Any, whens: Any, market: Market, exits: Exits
) -> None:
    """Fills ``whens`` of candidates ``first .. stop`` of lead/follow, each row on its own.

    Arrays are taken out of their records once: each access of a field costs atomics.
    """
    opens, closes, tp, sl = market.dydx_open, market.dydx_close, exits.tp, exits.sl
    highs, lows = market.dydx_high, market.dydx_low
    if not exits.touches_intrabar:
        highs, lows = closes, closes
    present, last_present, horizons = market.next_present, market.last_present, exits.horizons
    longest, end, at_close = horizons[-1], closes.size - 1, exits.fills_at_close
    for r in range(first, stop):
        entry, side, when = rows[r], sides[r], whens[r]
        when[:] = 0
        price = closes[entry] if at_close else opens[entry + 1]
        until = min(entry + longest, end)
        if side > 0:
            until = find_touches(entry, side, price, highs, lows, present, tp, sl, until, when)
        else:
            until = find_touches(entry, side, price, lows, highs, present, tp, sl, until, when)
        end_horizons(entry, until, last_present, horizons, when)


@kernel
def climb_reversion(
    first: int, stop: int, rows: Any, sides: Any, whens: Any, market: Market, exits: Exits
) -> None:
    """The same of spread reversion; ``sides`` do not matter."""
    present, last_present, horizons = market.next_present, market.last_present, exits.horizons
    longest, end = horizons[-1], market.dydx_close.size - 1
    spread, levels = market.spread, exits.tp
    for r in range(first, stop):
        entry, when = rows[r], whens[r]
        when[:] = 0
        until = min(entry + longest, end)
        until = find_reverts(entry, spread, levels, present, until, when)
        end_horizons(entry, until, last_present, horizons, when)

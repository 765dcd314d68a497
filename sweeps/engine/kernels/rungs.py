"""What a trade earns when it is left on a given row: the arithmetic of the law, once per row.

A *rung* is one way out of an entry: the touch of one TP level, of one SL level, or the end of
one horizon. Everything above this file knows of fills, funding and gaps no more.
"""

from typing import Any, NamedTuple

import numpy as np

from research.jit import inlined_kernel, kernel
from strategies.law.position import leg_pct
from sweeps.engine.kernels.minutes import Exits, Market, funded, funded_up_to

__all__ = ["Rungs", "empty_rungs", "price_row", "price_rows"]


class Rungs(NamedTuple):
    """All ways out of all candidate rows; L = T + S + H, in this order; shapes (rows, L)."""

    when: Any  # int32, minutes from the entry to the exit, 0 where it never comes
    net: Any  # float64, percent
    gross: Any  # float64, percent


def empty_rungs(rows: int, ways: int, *, with_prices: bool) -> Rungs:
    """Room for ``rows`` candidate rows with ``ways`` rungs each."""
    priced = (rows if with_prices else 0, ways)
    return Rungs(np.empty((rows, ways), dtype=np.int32), np.empty(priced), np.empty(priced))


@inlined_kernel
def price_exits(
    entry: int,
    side: int,
    first: int,
    when: Any,
    net: Any,
    gross: Any,
    market: Market,
    exits: Exits,
) -> None:
    """Writes net and gross of the rungs from ``first`` on, whose exits are filled by the model.

    All of them are decided on a close, and later ones of a kind not before earlier ones.
    """
    opens, closes, present = market.dydx_open, market.dydx_close, market.next_present
    other_opens, other_closes, funding = market.binance_open, market.binance_close, market.funding
    at_close, n, last, paid = exits.fills_at_close, market.dydx_close.size, entry, 0.0
    sl, horizons = exits.tp.size, exits.tp.size + exits.sl.size
    for way in range(first, when.size):
        if way in (sl, horizons):
            last, paid = entry, 0.0
        if when[way] == 0:
            continue
        row = entry + when[way]
        if exits.pays_funding:
            paid = funded_up_to(paid, entry, last, row, funding, present)
        last, fill = row, n if at_close else present[row + 1]
        if at_close:
            earned = leg_pct(side, closes[entry], closes[row])
            if exits.legs == 2:
                earned += leg_pct(-side, other_closes[entry], other_closes[row])
        elif fill < n:
            earned = leg_pct(side, opens[entry + 1], opens[fill])
            if exits.legs == 2:
                earned += leg_pct(-side, other_opens[entry + 1], other_opens[fill])
        else:  # no price after it: left at the close of the row itself
            earned = leg_pct(side, opens[entry + 1], closes[row])
            if exits.legs == 2:
                earned += leg_pct(-side, other_opens[entry + 1], other_closes[row])
        due = 0.0
        if exits.pays_funding:
            until = fill if fill < n else row + 1
            due = side * funded(paid, entry, row, until, funding.rate) * 100.0
        net[way] = earned - exits.fees_pct - exits.slippage_pct - due
        gross[way] = earned


@inlined_kernel
def price_touches(
    entry: int, side: int, when: Any, net: Any, gross: Any, market: Market, exits: Exits
) -> None:
    """Writes net and gross of TP and SL touched within a minute: at the level or at its open."""
    opens, present, tp, sl = market.dydx_open, market.next_present, exits.tp, exits.sl
    price = market.dydx_close[entry] if exits.fills_at_close else opens[entry + 1]
    for kind in range(2):
        levels, sign, first = (tp, 1.0, 0) if kind == 0 else (sl, -1.0, tp.size)
        last, paid = entry, 0.0
        for k in range(levels.size):
            way = first + k
            if when[way] == 0:
                continue
            row, level = entry + when[way], levels[k]
            at_open = leg_pct(side, price, opens[row])
            goal = (
                price * (1 + side * level / 100) if kind == 0 else price * (1 - side * level / 100)
            )
            earned = at_open if sign * at_open >= level else leg_pct(side, price, goal)
            due = 0.0
            if exits.pays_funding:
                paid = funded_up_to(paid, entry, last, row, market.funding, present)
                due = side * paid * 100.0
            last = row
            net[way] = earned - exits.fees_pct - exits.slippage_pct - due
            gross[way] = earned


@inlined_kernel
def price_row(
    entry: int, side: int, when: Any, net: Any, gross: Any, market: Market, exits: Exits
) -> None:
    """Writes net and gross of every rung that ``when`` says is reached.

    Which others are is of no matter: funding is booked minute by minute up to each of them.
    """
    first = exits.tp.size - exits.tp.size  # a literal number would compile a copy of its own
    if exits.touches_intrabar:
        price_touches(entry, side, when, net, gross, market, exits)
        first = exits.tp.size + exits.sl.size
    price_exits(entry, side, first, when, net, gross, market, exits)


@kernel
def price_rows(
    first: int, stop: int, rows: Any, sides: Any, rungs: Rungs, market: Market, exits: Exits
) -> None:
    """Prices the rungs of candidates ``first .. stop``, each row on its own."""
    for r in range(first, stop):
        price_row(rows[r], sides[r], rungs.when[r], rungs.net[r], rungs.gross[r], market, exits)

"""The law of lead/follow: one minute in, the positions after it out.

Binance moved by ``move_pct`` within ``window`` minutes while dYdX still trades at a premium
(short) or a discount (long). Source: SEMANTICS.md, sections 3 and 5.
"""

from typing import Any, NamedTuple

import numpy as np

from research.jit import inlined_kernel, kernel
from research.outcomes import SL, TP
from strategies.law.minute import (
    START,
    Bar,
    Desk,
    Minutes,
    State,
    bar_at,
    begin_minute,
    clear_desk,
    collect,
    expire,
    finish,
    may_enter,
    no_positions,
    no_trades,
    open_position,
)
from strategies.law.position import (
    CLOSED,
    OPEN,
    Rules,
    decide_exit,
    leave_within,
    leg_pct,
    mark,
)

__all__ = ["LeadTerms", "is_signal", "run", "step"]


class LeadTerms(NamedTuple):
    """Parameters as the kernel sees them."""

    side: int  # +1 long, -1 short
    move_pct: float
    spread_entry: float
    tp: float
    sl: float
    touches_intrabar: bool
    rules: Rules


@inlined_kernel
def is_signal(bar: Bar, terms: LeadTerms) -> bool:
    """Whether the minute meets both thresholds, inclusive; NaN never does."""
    if terms.side < 0:
        return bar.spread >= terms.spread_entry and bar.lead <= -terms.move_pct
    return bar.spread <= -terms.spread_entry and bar.lead >= terms.move_pct


@kernel
def touch_close(position: Any, bar: Bar, terms: LeadTerms) -> int:
    """TP or SL decided on this minute's close."""
    gross = leg_pct(position["side"], position["entry_price"], bar.dydx_close)
    position["mae_pct"] = min(position["mae_pct"], gross)
    position["mfe_pct"] = max(position["mfe_pct"], gross)
    if gross >= terms.tp:
        decide_exit(position, bar.t, TP)
    elif gross <= -terms.sl:
        decide_exit(position, bar.t, SL)
    return OPEN


@kernel
def touch_intrabar(position: Any, bar: Bar, terms: LeadTerms) -> int:
    """TP or SL touched within this minute; the worst order of events is assumed.

    A minute without high and low holds a bad print: nothing is touched in it.
    """
    if np.isnan(bar.dydx_high):
        return OPEN
    side, entry_price = position["side"], position["entry_price"]
    worst_price = bar.dydx_low if side > 0 else bar.dydx_high
    best_price = bar.dydx_high if side > 0 else bar.dydx_low
    worst = leg_pct(side, entry_price, worst_price)
    best = leg_pct(side, entry_price, best_price)
    at_open = leg_pct(side, entry_price, bar.dydx_open)
    if worst <= -terms.sl:
        decide_exit(position, bar.t, SL)
        at_level = entry_price * (1 - side * terms.sl / 100)
        price = bar.dydx_open if at_open <= -terms.sl else at_level
        leave_within(position, bar.t, price, terms.rules)
        position["mae_pct"] = min(position["mae_pct"], position["gross_pct"])
        return CLOSED
    position["mae_pct"] = min(position["mae_pct"], worst)
    if best >= terms.tp:
        decide_exit(position, bar.t, TP)
        at_level = entry_price * (1 + side * terms.tp / 100)
        price = bar.dydx_open if at_open >= terms.tp else at_level
        leave_within(position, bar.t, price, terms.rules)
        position["mfe_pct"] = max(position["mfe_pct"], position["gross_pct"])
        return CLOSED
    position["mfe_pct"] = max(position["mfe_pct"], best)
    return OPEN


@kernel
def live_one_minute(position: Any, bar: Bar, terms: LeadTerms) -> int:
    """What this minute makes of one position."""
    is_present = not np.isnan(bar.dydx_close)
    fate = begin_minute(position, bar, is_present, terms.rules)
    if fate != OPEN:
        return fate
    if is_present:
        mark(position, bar.t, bar.dydx_close, bar.binance_close)
        if terms.touches_intrabar:
            fate = touch_intrabar(position, bar, terms)
        else:
            fate = touch_close(position, bar, terms)
        if fate == CLOSED:
            return CLOSED
    return expire(position, bar.t, terms.rules)


@kernel
def live_all(state: State, bar: Bar, terms: LeadTerms, desk: Desk) -> State:
    """The state after every position has lived through the minute; no new position yet."""
    for i in range(state.alive):
        desk.positions[i]["fate"] = live_one_minute(desk.positions[i], bar, terms)
    return clear_desk(state, bar, desk)


@inlined_kernel
def step(state: State, bar: Bar, terms: LeadTerms, desk: Desk) -> State:
    """The state after the minute ``bar``: its exits on the desk, perhaps one new position."""
    state = live_all(state, bar, terms, desk) if state.alive > 0 else no_positions(state, bar)
    if not (bar.is_comparable and bar.is_allowed and is_signal(bar, terms)):
        return state
    if not may_enter(state, desk, bar.t, terms.rules):
        return state
    return open_position(state, bar, desk, terms.side, terms.rules)


@kernel
def run(minutes: Minutes, terms: LeadTerms, desk: Desk) -> Any:
    """Trades of a whole frame, in the order in which they ended; ``desk`` is empty."""
    trades, count, state = no_trades(), 0, START
    for t in range(len(minutes.dydx_close)):
        state = step(state, bar_at(minutes, t), terms, desk)
        if state.ended > 0:
            trades, count = collect(trades, count, state, desk)
    trades, count = collect(trades, count, finish(state, desk, terms.rules), desk)
    return trades[:count]

"""The law of lead/follow: one minute in, the positions after it out.

Binance moved by ``move_pct`` within ``window`` minutes while dYdX still trades at a premium
(short) or a discount (long). Source: the semantics page, sections 3 and 5.
"""

from typing import Any, NamedTuple

import numpy as np

from research.jit import inlined_kernel, kernel
from research.outcomes import SL, TP
from strategies.law.positions import (
    CLOSED,
    NEVER,
    OPEN,
    POSITION,
    START,
    VOID,
    Bar,
    Rules,
    State,
    append_closed,
    begin_minute,
    decide_exit,
    expire,
    finish,
    leave_within,
    leg_pct,
    mark,
    may_enter,
    open_position,
)

__all__ = ["LeadColumns", "LeadLaw", "is_signal", "run", "step"]


class LeadLaw(NamedTuple):
    """Parameters as the kernel sees them."""

    side: int  # +1 long, -1 short
    move_pct: float
    spread_entry: float
    tp: float
    sl: float
    touches_intrabar: bool
    rules: Rules


class LeadColumns(NamedTuple):
    """Minutes of one frame, contiguous arrays of shape (n,)."""

    dydx_open: Any
    dydx_high: Any
    dydx_low: Any
    dydx_close: Any
    spread: Any  # percent, raw or excess
    lead: Any  # percent, over the law's window
    is_comparable: Any
    is_allowed: Any
    funding_rate: Any


@inlined_kernel
def is_signal(bar: Bar, law: LeadLaw) -> bool:
    """Whether the minute meets both thresholds, inclusive; NaN never does."""
    if law.side < 0:
        return bar.spread >= law.spread_entry and bar.lead <= -law.move_pct
    return bar.spread <= -law.spread_entry and bar.lead >= law.move_pct


@kernel
def touch_close(position: Any, bar: Bar, law: LeadLaw) -> int:
    """TP or SL decided on this minute's close."""
    gross = leg_pct(position["side"], position["entry_price"], bar.dydx_close)
    position["mae_pct"] = min(position["mae_pct"], gross)
    position["mfe_pct"] = max(position["mfe_pct"], gross)
    if gross >= law.tp:
        decide_exit(position, bar.t, TP)
    elif gross <= -law.sl:
        decide_exit(position, bar.t, SL)
    return OPEN


@kernel
def touch_intrabar(position: Any, bar: Bar, law: LeadLaw) -> int:
    """TP or SL touched within this minute; the worst order of events is assumed."""
    side, entry_price = position["side"], position["entry_price"]
    worst_price = bar.dydx_low if side > 0 else bar.dydx_high
    best_price = bar.dydx_high if side > 0 else bar.dydx_low
    worst = leg_pct(side, entry_price, worst_price)
    best = leg_pct(side, entry_price, best_price)
    at_open = leg_pct(side, entry_price, bar.dydx_open)
    if worst <= -law.sl:
        decide_exit(position, bar.t, SL)
        price = bar.dydx_open if at_open <= -law.sl else entry_price * (1 - side * law.sl / 100)
        leave_within(position, bar.t, price, law.rules)
        position["mae_pct"] = min(position["mae_pct"], position["gross_pct"])
        return CLOSED
    position["mae_pct"] = min(position["mae_pct"], worst)
    if best >= law.tp:
        decide_exit(position, bar.t, TP)
        price = bar.dydx_open if at_open >= law.tp else entry_price * (1 + side * law.tp / 100)
        leave_within(position, bar.t, price, law.rules)
        position["mfe_pct"] = max(position["mfe_pct"], position["gross_pct"])
        return CLOSED
    position["mfe_pct"] = max(position["mfe_pct"], best)
    return OPEN


@kernel
def live_one_minute(position: Any, bar: Bar, law: LeadLaw) -> int:
    """What this minute makes of one position."""
    is_present = not np.isnan(bar.dydx_close)
    fate = begin_minute(position, bar, is_present, law.rules)
    if fate != OPEN:
        return fate
    if is_present:
        mark(position, bar)
        if law.touches_intrabar:
            fate = touch_intrabar(position, bar, law)
        else:
            fate = touch_close(position, bar, law)
        if fate == CLOSED:
            return CLOSED
    return expire(position, bar.t, law.rules)


@kernel
def live_all(state: State, bar: Bar, law: LeadLaw, positions: Any, closed: Any) -> State:
    """The state after every position has lived through the minute; no new position yet."""
    kept, ended, last_entry = 0, 0, state.last_entry
    for i in range(state.alive):
        position = positions[i]
        fate = live_one_minute(position, bar, law)
        if position["entered_at"] != NEVER:
            last_entry = max(last_entry, position["entry"])
        if fate == CLOSED:
            closed[ended] = position
            ended += 1
        elif fate != VOID:
            positions[kept] = position
            kept += 1
    return State(kept, ended, last_entry, np.nan)


@inlined_kernel
def step(state: State, bar: Bar, law: LeadLaw, positions: Any, closed: Any) -> State:
    """The state after the minute ``bar``: its exits in ``closed``, perhaps one new position."""
    if state.alive > 0:
        state = live_all(state, bar, law, positions, closed)
    else:
        state = State(0, 0, state.last_entry, np.nan)
    if not (bar.is_comparable and bar.is_allowed and is_signal(bar, law)):
        return state
    if not may_enter(state, positions, bar.t, law.rules):
        return state
    return open_position(state, positions, bar, law.side, law.rules)


@kernel
def run(columns: LeadColumns, law: LeadLaw, positions: Any, closed: Any) -> Any:
    """Trades of a whole frame, in the order in which they ended.

    ``positions`` and ``closed``: an empty desk (:func:`strategies.law.positions.empty_desk`).
    """
    trades, count, state = np.empty(64, POSITION), 0, START
    for t in range(len(columns.dydx_close)):
        bar = Bar(
            t,
            columns.dydx_open[t],
            columns.dydx_high[t],
            columns.dydx_low[t],
            columns.dydx_close[t],
            np.nan,
            np.nan,
            columns.spread[t],
            columns.lead[t],
            columns.is_comparable[t],
            columns.is_allowed[t],
            columns.funding_rate[t],
        )
        state = step(state, bar, law, positions, closed)
        if state.ended > 0:
            trades = append_closed(trades, count, closed, state.ended)
            count += state.ended
    state = finish(state, positions, closed, law.rules)
    trades = append_closed(trades, count, closed, state.ended)
    return trades[: count + state.ended]

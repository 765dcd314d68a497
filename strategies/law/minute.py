"""What one minute makes of a desk of positions: the loop that every law shares.

A law brings three things of its own: its terms, which minutes are signals, and what a minute makes
of one open position. Fills, expiry, cooldown, the single-position rule and the end of the frame
are the same for all and stand here. Source: SEMANTICS.md, sections 3 to 6.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from research.jit import inlined_kernel, kernel
from research.outcomes import END
from strategies.law.position import (
    CLOSED,
    KEPT,
    NEVER,
    OPEN,
    POSITION,
    VOID,
    Rules,
    accrue_funding,
    decide_exit,
    enter,
    leave_at_close,
    leave_at_open,
)

__all__ = [
    "START",
    "Bar",
    "Desk",
    "Minutes",
    "State",
    "bar_at",
    "begin_minute",
    "clear_desk",
    "collect",
    "empty_desk",
    "expire",
    "finish",
    "may_enter",
    "no_positions",
    "no_trades",
    "open_position",
]


class Bar(NamedTuple):
    """One minute as a law sees it. NaN: unknown."""

    t: int  # row of the frame
    dydx_open: float
    dydx_high: float
    dydx_low: float
    dydx_close: float
    binance_open: float
    binance_close: float
    spread: float  # percent, raw or excess by the law's reference
    lead: float  # percent, Binance return over the law's window (NaN where it has none)
    is_comparable: bool
    is_allowed: bool  # every filter of the parameters lets an entry pass
    funding_rate: float  # fraction that side +1 pays at the open of this row, all legs; 0: none


class Minutes(NamedTuple):
    """The minutes of a frame as laws read them: the columns of :class:`Bar`, shape (n,) each.

    Contiguous float64 arrays, bool where the name is a claim.
    """

    dydx_open: Any
    dydx_high: Any
    dydx_low: Any
    dydx_close: Any
    binance_open: Any
    binance_close: Any
    spread: Any
    lead: Any
    is_comparable: Any
    is_allowed: Any
    funding_rate: Any


class State(NamedTuple):
    """What a strategy remembers between two minutes, beside its open positions."""

    alive: int  # how many positions: the first of ``Desk.positions``
    ended: int  # how many left in the last minute: the first of ``Desk.closed``
    last_entry: int  # row of the last entry, for the cooldown
    last_spread: float  # of the minute before, NaN where it was not comparable


class Desk(NamedTuple):
    """Room for the positions of one strategy and mode; steps work in it in place.

    The arrays are apart from :class:`State` because returning an array from a kernel costs
    more than everything else that a quiet minute does (measured: 89 against 2 ns).
    """

    positions: Any  # POSITION array
    closed: Any  # POSITION array


START = State(0, 0, NEVER, math.nan)


def empty_desk(rules: Rules) -> Desk:
    """A desk with room for every position that can be alive at once under ``rules``."""
    room = rules.horizon // max(rules.cooldown, 1) + 4 if rules.overlap else 4
    return Desk(np.zeros(room, POSITION), np.zeros(room, POSITION))


@inlined_kernel
def bar_at(minutes: Minutes, t: int) -> Bar:
    """Row t."""
    return Bar(
        t,
        minutes.dydx_open[t],
        minutes.dydx_high[t],
        minutes.dydx_low[t],
        minutes.dydx_close[t],
        minutes.binance_open[t],
        minutes.binance_close[t],
        minutes.spread[t],
        minutes.lead[t],
        minutes.is_comparable[t],
        minutes.is_allowed[t],
        minutes.funding_rate[t],
    )


@kernel
def begin_minute(position: Any, bar: Bar, is_present: bool, rules: Rules) -> int:
    """Fills at this minute's open what was decided before it.

    Returns
    -------
    OPEN (goes on to this minute's touches), KEPT (waits), CLOSED or VOID.
    """
    if position["entered_at"] == NEVER:
        if not is_present:
            return VOID
        enter(position, bar.t, bar.dydx_open, bar.binance_open, rules)
    accrue_funding(position, bar.t, bar.funding_rate)
    if position["exit"] == NEVER:
        return OPEN
    if rules.fills_at_close:
        return leave_at_close(position, rules)
    if not is_present:
        return KEPT
    return leave_at_open(position, bar.t, bar.dydx_open, bar.binance_open, rules)


@kernel
def expire(position: Any, t: int, rules: Rules) -> int:
    """Decides the exit of a position that nothing closed by the end of its horizon."""
    if position["exit"] != NEVER or t - position["entry"] < rules.horizon:
        return KEPT
    if position["last_present"] == position["entry"]:
        return VOID  # no price in the whole horizon
    decide_exit(position, position["last_present"], rules.expiry_reason)
    if rules.fills_at_close and position["last_present"] < t:
        return leave_at_close(position, rules)
    return KEPT


@inlined_kernel
def known_spread(bar: Bar) -> float:
    """The spread that the next minute remembers, NaN where this one is not comparable."""
    return bar.spread if bar.is_comparable else np.nan


@inlined_kernel
def no_positions(state: State, bar: Bar) -> State:
    """The state after a minute in which no position was alive."""
    return State(0, 0, state.last_entry, known_spread(bar))


@kernel
def clear_desk(state: State, bar: Bar, desk: Desk) -> State:
    """The state after all positions met their fate in this minute: what left, what stays."""
    positions, closed = desk.positions, desk.closed
    kept, ended, last_entry = 0, 0, state.last_entry
    for i in range(state.alive):
        position = positions[i]
        fate = position["fate"]
        if position["entered_at"] != NEVER:
            last_entry = max(last_entry, position["entry"])
        if fate == CLOSED:
            closed[ended] = position
            ended += 1
        elif fate != VOID:
            positions[kept] = position
            kept += 1
    return State(kept, ended, last_entry, known_spread(bar))


@kernel
def may_enter(state: State, desk: Desk, t: int, rules: Rules) -> bool:
    """Whether cooldown and the single-position rule allow an entry at row t."""
    if t - state.last_entry < rules.cooldown:
        return False
    if not rules.overlap:
        for i in range(state.alive):
            if desk.positions[i]["exit"] == NEVER:
                return False
    return True


@kernel
def open_position(state: State, bar: Bar, desk: Desk, side: int, rules: Rules) -> State:
    """Takes the signal of this minute: filled at its close, or pending until the next open."""
    position = desk.positions[state.alive]
    position["entry"] = bar.t
    position["exit"] = NEVER
    position["entered_at"] = NEVER
    position["last_present"] = bar.t
    position["side"] = side
    position["last_close"] = bar.dydx_close
    position["binance_last_close"] = bar.binance_close
    position["funding_sum"] = 0.0
    position["funding_ahead"] = 0.0
    position["fate"] = KEPT
    position["mae_pct"] = 0.0
    position["mfe_pct"] = 0.0
    last_entry = state.last_entry
    if rules.fills_at_close:
        enter(position, bar.t + 1, bar.dydx_close, bar.binance_close, rules)
        last_entry = bar.t
    return State(state.alive + 1, state.ended, last_entry, state.last_spread)


@kernel
def finish(state: State, desk: Desk, rules: Rules) -> State:
    """Ends the frame: open positions leave at their last price (END), pending ones are void."""
    ended = 0
    for i in range(state.alive):
        position = desk.positions[i]
        if position["entered_at"] == NEVER or position["last_present"] == position["entry"]:
            continue
        if position["exit"] == NEVER:
            decide_exit(position, position["last_present"], END)
        position["fate"] = leave_at_close(position, rules)
        desk.closed[ended] = position
        ended += 1
    return State(0, ended, state.last_entry, np.nan)


@kernel
def no_trades() -> Any:
    """Room for the trades of a frame."""
    return np.empty(64, POSITION)


@kernel
def collect(trades: Any, count: int, state: State, desk: Desk) -> Any:
    """``trades`` with those that ended in the last minute written at ``count``, and their count."""
    total = count + state.ended
    if total > len(trades):
        grown = np.empty(2 * len(trades) + state.ended, POSITION)
        grown[:count] = trades[:count]
        trades = grown
    for i in range(state.ended):
        trades[count + i] = desk.closed[i]
    return trades, total

"""The law of spread reversion: one minute in, the positions after it out.

The spread crosses ``entry`` from within; both venues are traded against each other until it is
back at ``exit``. Source: SEMANTICS.md, sections 4 and 5.
"""

from typing import Any, NamedTuple

import numpy as np

from research.jit import inlined_kernel, kernel
from research.outcomes import REVERT
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
from strategies.law.position import OPEN, Rules, decide_exit, mark

__all__ = ["ReversionTerms", "is_signal", "run", "step"]


class ReversionTerms(NamedTuple):
    """Parameters as the kernel sees them."""

    entry: float
    exit: float
    rules: Rules


@inlined_kernel
def is_signal(bar: Bar, last_spread: float, terms: ReversionTerms) -> bool:
    """Whether |spread| reaches ``entry`` from below; NaN on either minute never does."""
    return abs(last_spread) < terms.entry and abs(bar.spread) >= terms.entry


@kernel
def live_one_minute(position: Any, bar: Bar, terms: ReversionTerms) -> int:
    """What this minute makes of one position."""
    is_present = not (np.isnan(bar.dydx_close) or np.isnan(bar.binance_close))
    fate = begin_minute(position, bar, is_present, terms.rules)
    if fate != OPEN:
        return fate
    if is_present:
        mark(position, bar.t, bar.dydx_close, bar.binance_close)
        if abs(bar.spread) <= terms.exit:
            decide_exit(position, bar.t, REVERT)
    return expire(position, bar.t, terms.rules)


@kernel
def live_all(state: State, bar: Bar, terms: ReversionTerms, desk: Desk) -> State:
    """The state after every position has lived through the minute; no new position yet."""
    for i in range(state.alive):
        desk.positions[i]["fate"] = live_one_minute(desk.positions[i], bar, terms)
    return clear_desk(state, bar, desk)


@inlined_kernel
def step(state: State, bar: Bar, terms: ReversionTerms, desk: Desk) -> State:
    """The state after the minute ``bar``: its exits on the desk, perhaps one new position."""
    before = state.last_spread
    state = live_all(state, bar, terms, desk) if state.alive > 0 else no_positions(state, bar)
    if not (bar.is_comparable and bar.is_allowed and is_signal(bar, before, terms)):
        return state
    if not may_enter(state, desk, bar.t, terms.rules):
        return state
    return open_position(state, bar, desk, -1 if bar.spread > 0 else 1, terms.rules)


@kernel
def run(minutes: Minutes, terms: ReversionTerms, desk: Desk) -> Any:
    """Trades of a whole frame, in the order in which they ended; ``desk`` is empty."""
    trades, count, state = no_trades(), 0, START
    for t in range(len(minutes.dydx_close)):
        state = step(state, bar_at(minutes, t), terms, desk)
        if state.ended > 0:
            trades, count = collect(trades, count, state, desk)
    trades, count = collect(trades, count, finish(state, desk, terms.rules), desk)
    return trades[:count]

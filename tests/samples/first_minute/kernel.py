"""The law: in on the first minute of an excess, out when it is gone or after ``hold``."""

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

__all__ = ["FirstTerms", "run", "step"]


class FirstTerms(NamedTuple):
    """Parameters as the kernel sees them."""

    side: int
    spread_entry: float
    spread_exit: float
    rules: Rules


@kernel
def live_one_minute(position: Any, bar: Bar, terms: FirstTerms) -> int:
    is_present = not np.isnan(bar.dydx_close)
    fate = begin_minute(position, bar, is_present, terms.rules)
    if fate != OPEN:
        return fate
    if is_present:
        mark(position, bar.t, bar.dydx_close, bar.binance_close)
        if -terms.side * bar.spread <= terms.spread_exit:
            decide_exit(position, bar.t, REVERT)
    return expire(position, bar.t, terms.rules)


@kernel
def live_all(state: State, bar: Bar, terms: FirstTerms, desk: Desk) -> State:
    for i in range(state.alive):
        desk.positions[i]["fate"] = live_one_minute(desk.positions[i], bar, terms)
    return clear_desk(state, bar, desk)


@inlined_kernel
def step(state: State, bar: Bar, terms: FirstTerms, desk: Desk) -> State:
    """The state after the minute ``bar``."""
    last = state.last_spread
    state = live_all(state, bar, terms, desk) if state.alive > 0 else no_positions(state, bar)
    if not (bar.is_comparable and bar.is_allowed):
        return state
    is_first = -terms.side * last < terms.spread_entry
    if not (is_first and -terms.side * bar.spread >= terms.spread_entry):
        return state
    if not may_enter(state, desk, bar.t, terms.rules):
        return state
    return open_position(state, bar, desk, terms.side, terms.rules)


@kernel
def run(minutes: Minutes, terms: FirstTerms, desk: Desk) -> Any:
    """Trades of a whole frame; ``desk`` is empty."""
    trades, count, state = no_trades(), 0, START
    for t in range(len(minutes.dydx_close)):
        state = step(state, bar_at(minutes, t), terms, desk)
        if state.ended > 0:
            trades, count = collect(trades, count, state, desk)
    trades, count = collect(trades, count, finish(state, desk, terms.rules), desk)
    return trades[:count]

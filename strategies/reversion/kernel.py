"""The law of spread reversion: one minute in, the positions after it out.

The spread crosses ``entry`` from within; both venues are traded against each other until it is
back at ``exit``. Source: the semantics page, sections 4 and 5.
"""

from typing import Any, NamedTuple

import numpy as np

from research.jit import inlined_kernel, kernel
from research.outcomes import REVERT
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
    mark,
    may_enter,
    open_position,
)

__all__ = ["ReversionColumns", "ReversionLaw", "is_signal", "run", "step"]


class ReversionLaw(NamedTuple):
    """Parameters as the kernel sees them."""

    entry: float
    exit: float
    rules: Rules


class ReversionColumns(NamedTuple):
    """Minutes of one frame, contiguous arrays of shape (n,)."""

    dydx_open: Any
    dydx_close: Any
    binance_open: Any
    binance_close: Any
    spread: Any  # percent, raw or excess
    is_comparable: Any
    is_allowed: Any
    funding_rate: Any


@inlined_kernel
def is_signal(bar: Bar, last_spread: float, law: ReversionLaw) -> bool:
    """Whether |spread| reaches ``entry`` from below; NaN on either minute never does."""
    return abs(last_spread) < law.entry and abs(bar.spread) >= law.entry


@kernel
def live_one_minute(position: Any, bar: Bar, law: ReversionLaw) -> int:
    """What this minute makes of one position."""
    is_present = not (np.isnan(bar.dydx_close) or np.isnan(bar.binance_close))
    fate = begin_minute(position, bar, is_present, law.rules)
    if fate != OPEN:
        return fate
    if is_present:
        mark(position, bar)
        if abs(bar.spread) <= law.exit:
            decide_exit(position, bar.t, REVERT)
    return expire(position, bar.t, law.rules)


@kernel
def live_all(
    state: State, bar: Bar, law: ReversionLaw, positions: Any, closed: Any, last_spread: float
) -> State:
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
    return State(kept, ended, last_entry, last_spread)


@inlined_kernel
def step(state: State, bar: Bar, law: ReversionLaw, positions: Any, closed: Any) -> State:
    """The state after the minute ``bar``: its exits in ``closed``, perhaps one new position."""
    before, now = state.last_spread, bar.spread if bar.is_comparable else np.nan
    if state.alive > 0:
        state = live_all(state, bar, law, positions, closed, now)
    else:
        state = State(0, 0, state.last_entry, now)
    if not (bar.is_comparable and bar.is_allowed and is_signal(bar, before, law)):
        return state
    if not may_enter(state, positions, bar.t, law.rules):
        return state
    return open_position(state, positions, bar, -1 if bar.spread > 0 else 1, law.rules)


@kernel
def run(columns: ReversionColumns, law: ReversionLaw, positions: Any, closed: Any) -> Any:
    """Trades of a whole frame, in the order in which they ended.

    ``positions`` and ``closed``: an empty desk (:func:`strategies.law.positions.empty_desk`).
    """
    trades, count, state = np.empty(64, POSITION), 0, START
    for t in range(len(columns.dydx_close)):
        bar = Bar(
            t,
            columns.dydx_open[t],
            np.nan,
            np.nan,
            columns.dydx_close[t],
            columns.binance_open[t],
            columns.binance_close[t],
            columns.spread[t],
            np.nan,
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

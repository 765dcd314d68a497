"""The life of a position, minute by minute: what both strategies share of the law.

A position is a trade that is not finished yet. It is *pending* from the signal to the fill,
*open* until its exit is decided, *leaving* until the exit is filled. Times inside a record are
rows of the frame; ``entered_at`` counts instants: the open of row k is k, its close is k + 1.

Source of every rule: the semantics page, sections 3 to 6.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from research.jit import kernel
from research.outcomes import END

__all__ = [
    "AT_CLOSE",
    "AT_OPEN",
    "CLOSED",
    "KEPT",
    "NEVER",
    "OPEN",
    "POSITION",
    "START",
    "VOID",
    "WITHIN",
    "Bar",
    "Desk",
    "Rules",
    "State",
    "accrue_funding",
    "append_closed",
    "begin_minute",
    "decide_exit",
    "empty_desk",
    "enter",
    "expire",
    "finish",
    "leave_within",
    "leg_pct",
    "mark",
    "may_enter",
    "open_position",
]

NEVER = -(2**40)  # a row before every frame: no entry yet, no exit yet
KEPT, OPEN, CLOSED, VOID = 0, 1, 2, 3  # what one minute made of a position
AT_OPEN, WITHIN, AT_CLOSE = 0, 1, 2  # where in its minute an exit was filled

POSITION = np.dtype(
    [
        ("entry", np.int64),  # row of the signal
        ("exit", np.int64),  # row on which the exit is decided or touched; NEVER before
        ("entered_at", np.int64),  # instant of the entry fill; NEVER while pending
        ("left_at", np.int64),  # instant of the exit fill; t for a touch within row t
        ("left_how", np.int64),  # AT_OPEN, WITHIN or AT_CLOSE
        ("last_present", np.int64),  # last row with a price since the entry
        ("side", np.int64),  # +1 long dYdX, -1 short dYdX
        ("reason", np.int64),  # code of research.outcomes.REASONS
        ("entry_price", np.float64),
        ("exit_price", np.float64),
        ("binance_entry_price", np.float64),  # NaN for one-legged trades
        ("binance_exit_price", np.float64),
        ("last_close", np.float64),  # closes of row last_present
        ("binance_last_close", np.float64),
        ("funding_sum", np.float64),  # rates up to the instant last_present + 1
        ("funding_ahead", np.float64),  # rates after it: paid only if the position lives on
        ("gross_pct", np.float64),
        ("funding_pct", np.float64),  # cost: positive is paid
        ("net_pct", np.float64),
        ("mae_pct", np.float64),
        ("mfe_pct", np.float64),
    ]
)


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
    lead: float  # percent, Binance return over the law's window (NaN where unused)
    is_comparable: bool
    is_allowed: bool  # every filter of the parameters lets an entry pass
    funding_rate: float  # fraction paid at the open of this row, 0 where none


class Rules(NamedTuple):
    """What the life of a position needs of parameters, execution model and costs."""

    legs: int  # 1 dYdX only, 2 dYdX against Binance
    horizon: int  # minutes
    cooldown: int  # minutes
    fills_at_close: bool
    overlap: bool
    fees_pct: float
    slippage_pct: float
    has_funding: bool
    expiry: int  # reason code of a position that nothing closed in time


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


@kernel
def leg_pct(side: int, entry_price: float, exit_price: float) -> float:
    """Gross return of one leg in percent of its entry price."""
    if side > 0:
        return (exit_price - entry_price) / entry_price * 100.0
    return (entry_price - exit_price) / entry_price * 100.0


@kernel
def accrue_funding(position: Any, t: int, rate: float) -> None:
    """Books the rate paid at the open of row t on a position that was entered before it."""
    if position["entered_at"] == NEVER or position["entered_at"] >= t:
        return
    if t <= position["last_present"] + 1:
        position["funding_sum"] += rate
    else:
        position["funding_ahead"] += rate


@kernel
def mark(position: Any, bar: Bar) -> None:
    """Moves an open position to the prices of a present minute."""
    position["funding_sum"] += position["funding_ahead"]
    position["funding_ahead"] = 0.0
    position["last_present"] = bar.t
    position["last_close"] = bar.dydx_close
    position["binance_last_close"] = bar.binance_close


@kernel
def decide_exit(position: Any, row: int, reason: int) -> None:
    """Notes on which row, and why, the position is to be left."""
    position["exit"] = row
    position["reason"] = reason


@kernel
def settle(position: Any, price: float, binance_price: float, rules: Rules) -> int:
    """Accounts for a filled exit: net = gross - fees - slippage - funding."""
    side = position["side"]
    gross = leg_pct(side, position["entry_price"], price)
    if rules.legs == 2:
        gross += leg_pct(-side, position["binance_entry_price"], binance_price)
    funding = side * position["funding_sum"] * 100.0 if rules.has_funding else 0.0
    position["exit_price"] = price
    position["binance_exit_price"] = binance_price if rules.legs == 2 else np.nan
    position["gross_pct"] = gross
    position["funding_pct"] = funding
    position["net_pct"] = gross - rules.fees_pct - rules.slippage_pct - funding
    return CLOSED


@kernel
def enter(position: Any, instant: int, price: float, binance_price: float, rules: Rules) -> None:
    """Fills the entry."""
    position["entered_at"] = instant
    position["entry_price"] = price
    position["binance_entry_price"] = binance_price if rules.legs == 2 else np.nan


@kernel
def leave_at_open(position: Any, bar: Bar, rules: Rules) -> int:
    """Fills the exit at the open of ``bar``."""
    position["left_at"] = bar.t
    position["left_how"] = AT_OPEN
    return settle(position, bar.dydx_open, bar.binance_open, rules)


@kernel
def leave_within(position: Any, t: int, price: float, rules: Rules) -> int:
    """Fills the exit of a one-legged position at ``price`` within row t."""
    position["left_at"] = t
    position["left_how"] = WITHIN
    return settle(position, price, np.nan, rules)


@kernel
def leave_at_close(position: Any, rules: Rules) -> int:
    """Fills the exit at the close of the row on which it was decided."""
    position["left_at"] = position["exit"] + 1
    position["left_how"] = AT_CLOSE
    return settle(position, position["last_close"], position["binance_last_close"], rules)


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
    position["funding_sum"] += position["funding_ahead"]
    return leave_at_open(position, bar, rules)


@kernel
def expire(position: Any, t: int, rules: Rules) -> int:
    """Decides the exit of a position that nothing closed by the end of its horizon."""
    if position["exit"] != NEVER or t - position["entry"] < rules.horizon:
        return KEPT
    if position["last_present"] == position["entry"]:
        return VOID  # no price in the whole horizon
    decide_exit(position, position["last_present"], rules.expiry)
    if rules.fills_at_close and position["last_present"] < t:
        return leave_at_close(position, rules)
    return KEPT


@kernel
def may_enter(state: State, positions: Any, t: int, rules: Rules) -> bool:
    """Whether cooldown and the single-position rule allow an entry at row t."""
    if t - state.last_entry < rules.cooldown:
        return False
    if not rules.overlap:
        for i in range(state.alive):
            if positions[i]["exit"] == NEVER:
                return False
    return True


@kernel
def open_position(state: State, positions: Any, bar: Bar, side: int, rules: Rules) -> State:
    """Takes the signal of this minute: filled at its close, or pending until the next open."""
    position = positions[state.alive]
    position["entry"] = bar.t
    position["exit"] = NEVER
    position["entered_at"] = NEVER
    position["last_present"] = bar.t
    position["side"] = side
    position["last_close"] = bar.dydx_close
    position["binance_last_close"] = bar.binance_close
    position["funding_sum"] = 0.0
    position["funding_ahead"] = 0.0
    position["mae_pct"] = 0.0
    position["mfe_pct"] = 0.0
    last_entry = state.last_entry
    if rules.fills_at_close:
        enter(position, bar.t + 1, bar.dydx_close, bar.binance_close, rules)
        last_entry = bar.t
    return State(state.alive + 1, state.ended, last_entry, state.last_spread)


@kernel
def finish(state: State, positions: Any, closed: Any, rules: Rules) -> State:
    """Ends the frame: open positions leave at their last price (END), pending ones are void."""
    ended = 0
    for i in range(state.alive):
        position = positions[i]
        if position["entered_at"] == NEVER or position["last_present"] == position["entry"]:
            continue
        if position["exit"] == NEVER:
            decide_exit(position, position["last_present"], END)
        leave_at_close(position, rules)
        closed[ended] = position
        ended += 1
    return State(0, ended, state.last_entry, np.nan)


@kernel
def append_closed(trades: Any, count: int, closed: Any, closed_count: int) -> Any:
    """``trades`` with the ended positions written at ``count``; grown where it is too short."""
    if count + closed_count > len(trades):
        grown = np.empty(2 * len(trades) + closed_count, POSITION)
        grown[:count] = trades[:count]
        trades = grown
    for i in range(closed_count):
        trades[count + i] = closed[i]
    return trades

"""A position: a trade that is not finished yet, and what filling and marking make of it.

It is *pending* from the signal to the fill, *open* until its exit is decided, *leaving* until the
exit is filled. Times inside a record are rows of the frame; ``entered_at`` and ``left_at`` count
instants: the open of row k is k, its close is k + 1. Every minute decides a *fate*::

                     no price to fill at                no price in the whole horizon
          +----------------------------> VOID <----------------------------------+
          |                                                                      |
      [pending] -- filled --> OPEN --> [open] -- touched within the minute --> CLOSED
          ^                             |  ^  |                                  ^
    signal of a minute             KEPT |  |  | exit decided on a close          |
    (filled at once where               +--+  v                                  |
    fills are at the close)              [leaving] -- filled at an open, --------+
                                           |  ^       or at the close itself
                                      KEPT +--+ no price yet

``OPEN`` is a fate within a minute only: the position goes on to the touches of this very minute.
At the end of it the desk keeps what is ``KEPT``, hands over what is ``CLOSED`` and forgets what
is ``VOID``: no trade was made. Source of the rules: SEMANTICS.md, sections 3 to 6.
"""

from typing import Any, NamedTuple

import numpy as np

from research.jit import kernel

__all__ = [
    "AT_CLOSE",
    "AT_OPEN",
    "CLOSED",
    "KEPT",
    "NEVER",
    "OPEN",
    "POSITION",
    "TRADE_FIELDS",
    "VOID",
    "WITHIN",
    "Rules",
    "accrue_funding",
    "decide_exit",
    "enter",
    "leave_at_close",
    "leave_at_open",
    "leave_within",
    "leg_pct",
    "mark",
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
        ("reason", np.int64),  # number of research.outcomes.Reason
        ("entry_price", np.float64),
        ("exit_price", np.float64),
        ("binance_entry_price", np.float64),  # NaN for one-legged trades
        ("binance_exit_price", np.float64),
        ("last_close", np.float64),  # closes of row last_present
        ("binance_last_close", np.float64),
        ("funding_sum", np.float64),  # rates up to the instant last_present + 1
        ("funding_ahead", np.float64),  # rates after it: paid only if the position lives on
        ("gross_pct", np.float64),
        ("funding_pct", np.float64),  # cost of all legs: positive is paid
        ("net_pct", np.float64),
        ("mae_pct", np.float64),
        ("mfe_pct", np.float64),
        ("fate", np.int64),  # KEPT, CLOSED or VOID by the last minute
    ]
)
TRADE_FIELDS = tuple(name for name in POSITION.names or () if name != "fate")
"""What a finished position tells as a trade: its last fate says nothing any more."""


class Rules(NamedTuple):
    """What the life of a position needs of parameters, execution model and costs."""

    legs: int  # 1 dYdX only, 2 dYdX against Binance
    horizon: int  # minutes
    cooldown: int  # minutes
    fills_at_close: bool
    overlap: bool
    fees_pct: float
    slippage_pct: float
    pays_funding: bool
    expiry_reason: int  # why a position was left that nothing closed in time


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
def mark(position: Any, t: int, close: float, binance_close: float) -> None:
    """Moves an open position to the prices of row t, which is present."""
    position["funding_sum"] += position["funding_ahead"]
    position["funding_ahead"] = 0.0
    position["last_present"] = t
    position["last_close"] = close
    position["binance_last_close"] = binance_close


@kernel
def enter(position: Any, instant: int, price: float, binance_price: float, rules: Rules) -> None:
    """Fills the entry."""
    position["entered_at"] = instant
    position["entry_price"] = price
    position["binance_entry_price"] = binance_price if rules.legs == 2 else np.nan


@kernel
def decide_exit(position: Any, row: int, reason: int) -> None:
    """Notes on which row, and why, the position is to be left."""
    position["exit"] = row
    position["reason"] = reason


@kernel
def settle(position: Any, price: float, binance_price: float, rules: Rules) -> None:
    """Accounts for a filled exit: net = gross - fees - slippage - funding."""
    side = position["side"]
    gross = leg_pct(side, position["entry_price"], price)
    if rules.legs == 2:
        gross += leg_pct(-side, position["binance_entry_price"], binance_price)
    funding = side * position["funding_sum"] * 100.0 if rules.pays_funding else 0.0
    position["exit_price"] = price
    position["binance_exit_price"] = binance_price if rules.legs == 2 else np.nan
    position["gross_pct"] = gross
    position["funding_pct"] = funding
    position["net_pct"] = gross - rules.fees_pct - rules.slippage_pct - funding


@kernel
def leave_at_open(position: Any, t: int, price: float, binance_price: float, rules: Rules) -> int:
    """CLOSED: the exit is filled at the open of row t."""
    position["funding_sum"] += position["funding_ahead"]
    position["left_at"] = t
    position["left_how"] = AT_OPEN
    settle(position, price, binance_price, rules)
    return CLOSED


@kernel
def leave_within(position: Any, t: int, price: float, rules: Rules) -> int:
    """CLOSED: the exit of a one-legged position is filled at ``price`` within row t."""
    position["left_at"] = t
    position["left_how"] = WITHIN
    settle(position, price, np.nan, rules)
    return CLOSED


@kernel
def leave_at_close(position: Any, rules: Rules) -> int:
    """CLOSED: the exit is filled at the close of the row on which it was decided."""
    position["left_at"] = position["exit"] + 1
    position["left_how"] = AT_CLOSE
    settle(position, position["last_close"], position["binance_last_close"], rules)
    return CLOSED

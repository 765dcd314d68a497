"""The risk states, and the one table of where each cause leads from each of them.

::

    CAN_TRADE <-- calm -- SUSPECT <-- calm -- HALT <-- flat -- ESCAPE
        |   -- warning -->   |   -- danger -->  |  -- too long -->  |
        +---------------- danger -------------->+   with a position
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from strategies.live.risk.causes import Cause

__all__ = ["ENDINGS", "TRANSITIONS", "RiskState"]


class RiskState(StrEnum):
    """What may be done."""

    CAN_TRADE = "CAN_TRADE"  # enter and leave
    SUSPECT = "SUSPECT"  # enter smaller, leave
    HALT = "HALT"  # leave only
    ESCAPE = "ESCAPE"  # leave now


_CAN, _SUSPECT, _HALT, _ESCAPE = RiskState
_WARNING = (_SUSPECT, _SUSPECT, _HALT, _ESCAPE)
_DANGER = (_HALT, _HALT, _HALT, _ESCAPE)

# by cause: where it leads from CAN_TRADE, SUSPECT, HALT and ESCAPE
_TABLE: dict[Cause, tuple[RiskState, RiskState, RiskState, RiskState]] = {
    Cause.STARTING: _DANGER,
    Cause.UNWATCHED: _DANGER,
    Cause.CLOCK_BACK: _DANGER,
    Cause.BINANCE_DISCONNECTED: _DANGER,
    Cause.DYDX_DISCONNECTED: _DANGER,
    Cause.BINANCE_STALE: _DANGER,
    Cause.DYDX_STALE: _DANGER,
    Cause.BINANCE_AHEAD: _DANGER,
    Cause.DYDX_AHEAD: _DANGER,
    Cause.BINANCE_EMPTY: _DANGER,
    Cause.DYDX_EMPTY: _DANGER,
    Cause.BINANCE_ONE_SIDED: _DANGER,
    Cause.DYDX_ONE_SIDED: _DANGER,
    Cause.BINANCE_CROSSED: _DANGER,
    Cause.DYDX_CROSSED: _DANGER,
    Cause.BINANCE_WRONG: _DANGER,
    Cause.DYDX_WRONG: _DANGER,
    Cause.DIFF_SUSPECT: _WARNING,
    Cause.DIFF_HALT: _DANGER,
    Cause.ORACLE_UNKNOWN: _WARNING,
    Cause.ORACLE_WARN: _WARNING,
    Cause.ORACLE_HALT: _DANGER,
    Cause.ESCAPE_TIMEOUT: (_CAN, _SUSPECT, _ESCAPE, _ESCAPE),
    Cause.FLAT: (_CAN, _SUSPECT, _HALT, _HALT),
    Cause.SUSPECT_CALM: (_CAN, _CAN, _HALT, _ESCAPE),
    Cause.HALT_CALM: (_CAN, _SUSPECT, _SUSPECT, _ESCAPE),
}
TRANSITIONS: Mapping[tuple[RiskState, Cause], RiskState] = MappingProxyType(
    {
        (state, cause): after
        for cause, row in _TABLE.items()
        for state, after in zip(RiskState, row, strict=True)
    }
)
"""Where every cause leads from every state."""

ENDINGS = frozenset({Cause.ESCAPE_TIMEOUT, Cause.FLAT, Cause.SUSPECT_CALM, Cause.HALT_CALM})
"""Causes made of time and positions: nothing is wrong with the market by them."""

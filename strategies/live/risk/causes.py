"""What moves the risk state, each with the sentence that an operator reads."""

from enum import Enum

__all__ = ["Cause"]


class Cause(Enum):
    """A cause; its value is the sentence."""

    STARTING = "nothing has been looked at yet"
    UNWATCHED = "nobody looked at the market for too long, or the clock jumped ahead"
    CLOCK_BACK = "this machine's clock went back"
    BINANCE_DISCONNECTED = "the Binance feed is down"
    DYDX_DISCONNECTED = "the dYdX feed is down"
    BINANCE_STALE = "the Binance book is older than its limit"
    DYDX_STALE = "the dYdX book is older than its limit"
    BINANCE_AHEAD = "the Binance book is stamped in the future: the clocks disagree"
    DYDX_AHEAD = "the dYdX book is stamped in the future: the clocks disagree"
    BINANCE_EMPTY = "the Binance book is empty"
    DYDX_EMPTY = "the dYdX book is empty"
    BINANCE_ONE_SIDED = "one side of the Binance book is missing"
    DYDX_ONE_SIDED = "one side of the dYdX book is missing"
    BINANCE_CROSSED = "the Binance book is crossed"
    DYDX_CROSSED = "the dYdX book is crossed"
    BINANCE_WRONG = "the Binance book holds a price, size or order of levels that cannot be"
    DYDX_WRONG = "the dYdX book holds a price, size or order of levels that cannot be"
    DIFF_SUSPECT = "the effective diff is beyond the entry band"
    DIFF_HALT = "the effective diff is beyond the halt band"
    ORACLE_UNKNOWN = "the dYdX oracle price is missing or old"
    ORACLE_WARN = "dYdX stands off its oracle price by more than the warning limit"
    ORACLE_HALT = "dYdX stands off its oracle price by more than the halt limit"
    ESCAPE_TIMEOUT = "a position is open and the HALT has lasted too long"
    FLAT = "no position is open any more"
    SUSPECT_CALM = "nothing was wrong for the calm time of SUSPECT"
    HALT_CALM = "nothing was wrong for the calm time of HALT"

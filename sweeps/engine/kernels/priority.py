"""Which way out a trade takes: the one rule that everything in the engine reads exits by.

A level that is touched within the horizon ends the trade before the horizon does, its last minute
included. TP and SL touched in the same minute: SL, the worst order is assumed. Source:
SEMANTICS.md, section 5. The law finds the same minute by minute.
"""

from research.jit import inlined_kernel
from research.outcomes import HORIZON, SL, TP

__all__ = ["NO_WAY", "is_touched_before", "is_touched_by", "way_out"]

NO_WAY = -1
"""No price in the whole horizon: no trade was made."""


@inlined_kernel
def is_touched_by(when: int, minute: int) -> bool:
    """Whether a level is touched up to ``minute``; ``when``: its first touch, 0 for never."""
    return 0 < when <= minute


@inlined_kernel
def is_touched_before(when: int, minute: int) -> bool:
    """Whether a level is touched on an earlier minute than ``minute``."""
    return 0 < when < minute


@inlined_kernel
def way_out(tp: int, sl: int, held: int, horizon: int) -> int:
    """TP, SL, HORIZON or :data:`NO_WAY`.

    Parameters
    ----------
    tp, sl
        Minutes from the entry to the first touch of either level, 0 for never.
    held
        Minutes to the last price within the horizon, 0 where there is none.
    """
    if is_touched_by(tp, horizon) and not is_touched_by(sl, tp):
        return TP
    if is_touched_by(sl, horizon):
        return SL
    return HORIZON if held > 0 else NO_WAY

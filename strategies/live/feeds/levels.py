"""A best level with those behind it, which are told by another stream and a little later."""

from strategies.live.risk.market import Level

__all__ = ["with_behind"]


def with_behind(
    top: tuple[Level, ...], behind: tuple[Level, ...], towards: int
) -> tuple[Level, ...]:
    """``top`` and the levels that lie behind it; without a top, none are believed.

    Parameters
    ----------
    towards
        +1 for asks, whose prices rise from the top on; -1 for bids.
    """
    if not top:
        return ()
    best = top[0][0]
    return (*top, *(level for level in behind if (level[0] - best) * towards > 0))

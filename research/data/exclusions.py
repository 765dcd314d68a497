"""Minutes that no study should look at: long stretches in which dYdX did not trade.

A venue that stands still (the halts of 2024-04-08 and 2025-10-10 lasted hours) or prints nothing
leaves a last price behind, and its distance to a moving Binance is huge and fake. A rule leaves
them out, and every stretch is listed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from research.arrays import Bools, Ints
from research.data.schema import MINUTE_MS, iso_minute, minutes_ms

__all__ = ["KNOWN_HALTS", "Exclusion", "excluded_minutes", "find_exclusions"]


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A stretch that is left out, and by which rule."""

    first_ms: int
    end_ms: int  # exclusive
    reason: str

    @property
    def minutes(self) -> int:
        """Length in minutes."""
        return (self.end_ms - self.first_ms) // MINUTE_MS

    def sentence(self) -> str:
        """``2025-10-10T21:03Z .. 2025-10-11T04:59Z (477 min): no dYdX trade``."""
        first, last = iso_minute(self.first_ms), iso_minute(self.end_ms - MINUTE_MS)
        return f"{first} .. {last} ({self.minutes:,} min): {self.reason}"


# days on which dYdX is known to have stood still for hours: named where a stretch falls on one
KNOWN_HALTS = ("2024-04-08", "2025-10-10")


def find_exclusions(
    dydx: pd.DataFrame, *, halt_min: int, settle_min: int = 5
) -> tuple[Exclusion, ...]:
    """Stretches of more than ``halt_min`` minutes without a dYdX trade, oldest first.

    Parameters
    ----------
    dydx : DataFrame
        Candle table. A minute has traded if ``trades > 0``, or ``volume > 0`` where trades are
        unknown; a missing minute has not.
    halt_min : int
        Longest stretch without a trade that is still a quiet market.
    settle_min : int
        Minutes after the first trade that are left out as well: the book is thin at first.
    """
    if dydx.empty:
        return ()
    minutes = minutes_ms(dydx.index)
    trades, volume = dydx["trades"].to_numpy(), dydx["volume"].to_numpy()
    traded = minutes[np.where(np.isnan(trades), volume > 0, trades > 0)]
    first, end = int(minutes[0]), int(minutes[-1]) + MINUTE_MS
    edges = np.concatenate(([first - MINUTE_MS], traded, [end]))
    quiet = np.diff(edges) // MINUTE_MS - 1
    found = []
    for at in np.flatnonzero(quiet > halt_min):
        start, back = int(edges[at]) + MINUTE_MS, int(edges[at + 1])
        stop = min(back + settle_min * MINUTE_MS, end)
        found.append(Exclusion(start, stop, _reason(start, back, int(quiet[at]), halt_min)))
    return tuple(found)


def excluded_minutes(minutes: Ints, exclusions: Sequence[Exclusion]) -> Bools:
    """Which of ``minutes`` (n,), int64 ms, lie in an exclusion; shape (n,)."""
    inside = np.zeros(len(minutes), dtype=np.bool_)
    for exclusion in exclusions:
        inside |= (minutes >= exclusion.first_ms) & (minutes < exclusion.end_ms)
    return inside


def _reason(start: int, back: int, quiet: int, halt_min: int) -> str:
    days = {iso_minute(ms)[:10] for ms in (start, back)}
    known = [day for day in KNOWN_HALTS if day in days]
    name = f"; halt of {known[0]}" if known else ""
    return f"no dYdX trade for {quiet:,} min (more than {halt_min}){name}"

"""Minutes that no study should look at: long silences of a venue, and prices of another scale.

A venue that stands still (the halts of 2024-04-08 and 2025-10-10 lasted hours) or prints nothing
leaves a last price behind, and its distance to the moving other one is huge and fake. A rule
leaves such stretches out, and every one is listed with its venue. In a frame their minutes are
NaN in the columns of BOTH venues: they are never entered, fill nothing, and feed no feature.

That a silence was long is known only when it is over, so the rule must not help a backtest with
what it knows:

- The first silent minute STAYS. An order sent at the end of the last minute before it finds there
  what it would find without a halt: the price of the venue that still trades, or none. Without
  this, a signal would be dropped because a halt follows. A position that is open is held through
  the halt to the first minute after the stretch.
- The other silent minutes could not be entered anyway: a silent minute has no price, and at a
  minute that has one every stretch of that venue before it is over and known. So no entry depends
  on the future. The plain model, which reads flat candles as prices, would enter the first minutes
  of a stretch and does not: in a halt nobody is filled, but a bot could not have known, so count
  on fewer fills than it shows.
- What it does know too early: where Binance is silent and dYdX trades, dYdX's prices of the first
  ``halt_min`` minutes are left out although nobody could tell yet that it would be long. An exit of
  lead/follow in them happens after the stretch in a backtest, at once in a bot. ``leadfollow
  audit`` counts these minutes.
- The minutes after the first trade (``settle_min``) are known when they come: the silence before
  them has been counted. A position that is open then is closed after them, at the price that is
  there; a take-profit or stop that is touched only within them is not seen.

Where one contract was redenominated or split within the span, its prices before and after are two
scales. Only the longest part between such minutes is looked at, the others are left out: no
feature and no trade reaches from one into the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from research.arrays import Bools, Ints
from research.data.quality.splits import find_splits
from research.data.tables.schema import MINUTE_MS, Venue, iso_minute, minutes_ms
from research.data.tables.traded import has_traded
from research.settings.frame import FrameSettings

__all__ = [
    "KNOWN_HALTS",
    "Exclusion",
    "excluded_minutes",
    "exclusion_lines",
    "find_exclusions",
    "other_scales",
    "pair_exclusions",
]

_MOST_LINES = 12
_SCALE = "prices of another scale; "
_NAMES: dict[Venue, str] = {"binance": "Binance", "dydx": "dYdX"}


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

    @property
    def is_other_scale(self) -> bool:
        """Whether it was left out for a split, and not for a silence."""
        return self.reason.startswith(_SCALE)

    def sentence(self) -> str:
        """``2025-10-10T21:03Z .. 2025-10-11T04:59Z (477 min): no dYdX trade``."""
        first, last = iso_minute(self.first_ms), iso_minute(self.end_ms - MINUTE_MS)
        return f"{first} .. {last} ({self.minutes:,} min): {self.reason}"


# days on which dYdX is known to have stood still for hours: named where a stretch falls on one
KNOWN_HALTS = ("2024-04-08", "2025-10-10")


def find_exclusions(
    candles: pd.DataFrame, rule: FrameSettings, venue: Venue = "dydx"
) -> tuple[Exclusion, ...]:
    """What ``rule`` leaves out for the silences of one venue, oldest first, disjoint.

    A stretch of more than ``rule.halt_min`` minutes without a trade is left out but for its first
    minute, and ``rule.settle_min`` minutes from the next trade on.

    Parameters
    ----------
    candles : DataFrame
        Candle table of ``venue``. A missing minute has not traded, and see :func:`has_traded`.
    """
    if candles.empty:
        return ()
    minutes = minutes_ms(candles.index)
    traded = minutes[has_traded(candles)]
    first, end = int(minutes[0]), int(minutes[-1]) + MINUTE_MS
    edges = np.concatenate(([first - MINUTE_MS], traded, [end]))
    quiet = np.diff(edges) // MINUTE_MS - 1
    found: list[Exclusion] = []
    for at in np.flatnonzero(quiet > rule.halt_min):
        silent, back = int(edges[at]) + MINUTE_MS, int(edges[at + 1])
        # a trade within the settling of the silence before does not end that one
        start = max(silent + MINUTE_MS, found[-1].end_ms if found else 0)
        stop = min(back + rule.settle_min * MINUTE_MS, end)
        if start < stop:
            told = f"no {_NAMES[venue]} trade for {quiet[at]:,} min (more than {rule.halt_min})"
            found.append(Exclusion(start, stop, told + _known_halt(silent, back, venue)))
    return tuple(found)


def pair_exclusions(
    binance: pd.DataFrame, dydx: pd.DataFrame, rule: FrameSettings
) -> tuple[Exclusion, ...]:
    """What ``rule`` leaves out of both venues for the silences of either, oldest first.

    Where both are silent at once their stretches overlap: each is listed. So are the shorter parts
    of a span in which the scale of prices changes.
    """
    of_both = (
        *find_exclusions(binance, rule, "binance"),
        *find_exclusions(dydx, rule, "dydx"),
        *other_scales(binance, dydx),
    )
    return tuple(sorted(of_both, key=lambda stretch: (stretch.first_ms, stretch.end_ms)))


def other_scales(binance: pd.DataFrame, dydx: pd.DataFrame) -> tuple[Exclusion, ...]:
    """The parts of the common span that a split parts from its longest one, oldest first."""
    if binance.empty or dydx.empty:
        return ()
    splits = find_splits(binance["close"], dydx["close"])
    if not splits:
        return ()
    first = int(minutes_ms(pd.DatetimeIndex([max(binance.index[0], dydx.index[0])]))[0])
    last = int(minutes_ms(pd.DatetimeIndex([min(binance.index[-1], dydx.index[-1])]))[0])
    parts = list(pairwise([first, *(split.ms for split in splits), last + MINUTE_MS]))
    longest = max(range(len(parts)), key=lambda at: parts[at][1] - parts[at][0])
    found = []
    for at, (start, end) in enumerate(parts):
        if at != longest:
            # the split between this part and the next one towards the longest
            split = splits[at] if at < longest else splits[at - 1]
            found.append(Exclusion(start, end, _SCALE + split.sentence()))
    return tuple(found)


def excluded_minutes(minutes: Ints, exclusions: Sequence[Exclusion]) -> Bools:
    """Which of ``minutes`` (n,), int64 ms, lie in an exclusion; shape (n,)."""
    inside = np.zeros(len(minutes), dtype=np.bool_)
    for exclusion in exclusions:
        low, high = np.searchsorted(minutes, [exclusion.first_ms, exclusion.end_ms])
        inside[low:high] = True
    return inside


def exclusion_lines(rule: str, sentences: Sequence[str]) -> list[str]:
    """For people: what ``rule`` left out, the stretches one a line, long lists cut."""
    if not rule:
        return ["left out by rule: not looked for"]
    if not sentences:
        return [f"left out by rule ({rule}): nothing"]
    count = "1 stretch" if len(sentences) == 1 else f"{len(sentences):,} stretches"
    lines = [f"left out by rule ({rule}): {count}"]
    lines += [f"  {sentence}" for sentence in sentences[:_MOST_LINES]]
    if len(sentences) > _MOST_LINES:
        lines.append(f"  and {len(sentences) - _MOST_LINES:,} more")
    return lines


def _known_halt(silent: int, back: int, venue: Venue) -> str:
    days = {iso_minute(ms)[:10] for ms in (silent, back)}
    known = [day for day in KNOWN_HALTS if day in days] if venue == "dydx" else []
    return f"; halt of {known[0]}" if known else ""

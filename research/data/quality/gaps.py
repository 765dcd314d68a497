"""Minutes that are not there, and the rhythm that tells a recorder's paging fault."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from research.data.tables.schema import MINUTE_MS, iso_minute

__all__ = ["Gap", "find_gaps", "gap_period", "longest"]


@dataclass(frozen=True, slots=True)
class Gap:
    """Missing minutes in a row."""

    first: str  # ISO minute
    minutes: int


def find_gaps(minutes: NDArray[np.int64]) -> list[Gap]:
    """Gaps between rising, unique minutes (n,) in milliseconds, oldest first."""
    steps = np.diff(minutes) // MINUTE_MS
    return [
        Gap(first=iso_minute(int(minutes[row]) + MINUTE_MS), minutes=int(steps[row]) - 1)
        for row in np.flatnonzero(steps > 1)
    ]


def gap_period(minutes: NDArray[np.int64], fewest: int = 3) -> int | None:
    """Minutes between evenly spaced single gaps, None where they follow no rhythm.

    A recorder that pages by 1000 and forgets the seam loses one minute in every 1000.
    """
    steps = np.diff(minutes) // MINUTE_MS
    lost = minutes[:-1][steps == 2]
    periods = np.diff(lost) // MINUTE_MS
    if len(periods) < fewest:
        return None
    values, counts = np.unique(periods, return_counts=True)
    usual = int(np.argmax(counts))
    return int(values[usual]) if counts[usual] >= 0.8 * len(periods) else None


def longest(gaps: Sequence[Gap], count: int) -> tuple[Gap, ...]:
    """The ``count`` longest gaps, the older first among equals."""
    return tuple(sorted(gaps, key=lambda gap: (-gap.minutes, gap.first))[:count])

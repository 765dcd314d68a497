"""How many minutes of a frame a venue did not deliver, did not trade in, or lost to the rule."""

import numpy as np

from research.data.quality.exclusions import excluded_minutes
from research.data.tables.schema import VENUES
from research.frame.frame import Frame

__all__ = ["presence_sentence"]


def presence_sentence(frame: Frame) -> str:
    """``missing: binance 0, dydx 3; flat without a trade: binance 0, dydx 20; left out: 44``.

    A minute is counted once: what the rule left out is neither missing nor flat.
    """
    left_out = excluded_minutes(frame.minute * 60_000, frame.exclusions)
    missing, flat = [], []
    for venue in VENUES:
        is_missing = np.isnan(frame.column(f"{venue}_close"))
        is_flat = ~is_missing & ~frame.has_traded(venue)
        missing.append(f"{venue} {np.count_nonzero(is_missing & ~left_out):,}")
        flat.append(f"{venue} {np.count_nonzero(is_flat & ~left_out):,}")
    return (
        f"missing: {', '.join(missing)}; flat without a trade: {', '.join(flat)}; "
        f"left out: {np.count_nonzero(left_out):,}"
    )

"""Futures that did not happen: the minutes after a cut made of garbage.

What was known at the cut must not change. *Poisoned*: everything after the cut is garbage.
*Opened*: the next minute has opened, with its true first price and the funding that was due at
that instant; its high, low and close, and everything after it, are garbage. An order that waits
for the next open is filled there, so the fill must be the true one.
"""

from typing import Literal

import numpy as np

from research.arrays import Floats
from research.data.tables.schema import PRICES, VENUES
from research.frame.frame import Frame

__all__ = ["How", "opened", "poisoned"]

How = Literal["truncated", "poisoned", "opened"]
_KEPT_AT_OPEN = ("open", "volume", "trades", "age_min", "funding_rate")
_MISSING = 0.1  # share of minutes


class _Garbage:
    """Minutes that no market made, some of them missing at a venue."""

    def __init__(self, seed: int, cut: int, rows: int) -> None:
        self._draw, self._rows = np.random.default_rng((seed, cut)), rows
        self._is_missing = {venue: self._draw.random(rows) < _MISSING for venue in VENUES}

    def column(self, name: str, past: Floats) -> Floats:
        """Something of the kind of column ``name``."""
        draw, rows = self._draw, self._rows
        if name.endswith(("volume", "trades", "age_min")):
            made = np.floor(draw.exponential(3.0, rows))
        elif name.endswith(PRICES):
            usual = float(np.nanmedian(past)) if np.isfinite(past).any() else 1.0
            made = usual * np.exp(draw.normal(0.0, 0.5, rows))
        elif name.endswith("funding_rate"):
            made = draw.normal(0.0, 0.01, rows)
        else:
            made = draw.normal(0.0, 1e6, rows)
        is_missing = next(
            (mask for venue, mask in self._is_missing.items() if name.startswith(venue)),
            draw.random(rows) < _MISSING,
        )
        return np.where(is_missing, np.nan, made)


def poisoned(frame: Frame, cut: int, seed: int) -> Frame:
    """``frame`` with garbage on every row after ``cut``."""
    return _spoilt(frame, cut, seed, is_opened=False)


def opened(frame: Frame, cut: int, seed: int) -> Frame:
    """``frame`` with the true open of row ``cut + 1``, and garbage from there on."""
    return _spoilt(frame, cut, seed, is_opened=True)


def _spoilt(frame: Frame, cut: int, seed: int, *, is_opened: bool) -> Frame:
    rest = len(frame) - cut - 1
    garbage = _Garbage(seed, cut, rest)
    columns = {}
    for name in frame.table.columns:
        values = frame.column(str(name))
        known, truth = values[: cut + 1], values[cut + 1 : cut + 2].copy()
        values[cut + 1 :] = garbage.column(str(name), known)
        if is_opened and rest:
            # a minute that has opened has a close: whether there is one is no secret any more
            is_kept = str(name).endswith(_KEPT_AT_OPEN) or np.isnan(truth[0])
            values[cut + 1] = truth[0] if is_kept else _some_price(values[cut + 1], truth[0])
        columns[name] = values
    table = frame.table.assign(**columns)
    return Frame(table, frame.market, frame.origin, frame.exclusions)


def _some_price(garbage: float, truth: float) -> float:
    return truth * 1.5 if np.isnan(garbage) else garbage

"""Prints that no market saw: prices of one minute far from everything around them, and from the
other venue in the same minutes.

A take-profit or stop that fires on such a print is money that nobody could have made or lost.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from research.arrays import Bools, Floats, Ints
from research.data.quality.jumps import robust_sigma_pct
from research.data.tables.schema import MINUTE_MS, Venue, iso_minute, minutes_ms

__all__ = ["BadPrint", "bad_print_minutes", "find_bad_prints"]

_SIGMAS = 25.0  # of the venue's own minutes
_LEAST_PCT = 1.5  # below it a wick is a wick
_LEAST_ALONE_PCT = 10.0  # where the other venue has no such minute
_SHARED = 0.5  # share of a move that the other venue shows where the move is true


Price = Literal["low", "high", "close"]
_LOW: Price = "low"
_HIGH: Price = "high"
_CLOSE: Price = "close"


@dataclass(frozen=True, slots=True)
class BadPrint:
    """One price of one minute that stands alone."""

    ms: int  # open time of the minute
    venue: Venue
    what: Price
    away_pct: float  # from the closes around it, percent; below them is negative

    def sentence(self) -> str:
        """``2026-02-02T10:00Z low -60.0 %``."""
        return f"{iso_minute(self.ms)} {self.what} {self.away_pct:+.1f} %"


def find_bad_prints(
    candles: pd.DataFrame, other: pd.DataFrame | None, venue: Venue
) -> tuple[BadPrint, ...]:
    """Prints of ``candles`` far from the closes around them that ``other`` does not show.

    A low (high) counts by its distance below (above) the closes of its minute and of the one
    before; a close by a return that the next minute takes back.

    Parameters
    ----------
    candles, other : DataFrame
        Candle tables, rising and unique; ``other`` is the second venue, None where unknown.
    """
    if len(candles) < 3:
        return ()
    minutes = minutes_ms(candles.index)
    close = np.log(candles["close"].to_numpy())
    before = np.where(np.diff(minutes, prepend=minutes[0]) == MINUTE_MS, np.roll(close, 1), close)
    low = np.minimum(np.log(candles["low"].to_numpy()) - np.minimum(close, before), 0.0)
    high = np.maximum(np.log(candles["high"].to_numpy()) - np.maximum(close, before), 0.0)
    limit = _limit(close)
    seen_low, seen_high = _excursions(minutes, other)
    spikes = _spikes(minutes, close)
    bad_close = _stands_alone(spikes, np.where(spikes < 0, seen_low, seen_high), limit)
    bad_low = _stands_alone(low, seen_low, limit) & ~bad_close
    bad_high = _stands_alone(high, seen_high, limit) & ~bad_close
    found = [
        BadPrint(int(minutes[row]), venue, what, float(np.expm1(away[row]) * 100))
        for what, away, is_bad in (
            (_LOW, low, bad_low), (_HIGH, high, bad_high), (_CLOSE, spikes, bad_close)
        )
        for row in np.flatnonzero(is_bad)
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda each: (each.ms, each.what)))


def bad_print_minutes(prints: Sequence[BadPrint], venue: Venue) -> Ints:
    """Open times (ms, rising, unique) of the minutes of ``venue`` that hold a bad print."""
    return np.unique(np.array([each.ms for each in prints if each.venue == venue], dtype=np.int64))


def _limit(close: Floats) -> float:
    sigma = robust_sigma_pct(np.diff(close) * 100)
    return max(_LEAST_PCT, _SIGMAS * sigma if sigma > 0 else _LEAST_PCT) / 100


def _spikes(minutes: Ints, close: Floats) -> Floats:
    """Log returns that the next minute takes back by 80 % at least, else 0."""
    steps = np.diff(minutes) == MINUTE_MS
    returns = np.concatenate(([0.0], np.where(steps, np.diff(close), 0.0)))
    after = np.append(returns[1:], 0.0)
    is_back = (returns != 0) & (-after * np.sign(returns) >= 0.8 * np.abs(returns))
    return np.where(is_back, returns, 0.0)


def _excursions(minutes: Ints, other: pd.DataFrame | None) -> tuple[Floats, Floats]:
    """Log low and high of the other venue within a minute of each, against its close before.

    NaN where it has no such minutes.
    """
    unknown = np.full(len(minutes), np.nan)
    if other is None or other.empty:
        return unknown, unknown
    index = pd.DatetimeIndex((minutes).astype("datetime64[ms]")).tz_localize("UTC")
    minute = pd.Timedelta(minutes=1)
    wide = pd.date_range(index[0] - 3 * minute, index[-1] + minute, freq="min", unit="ms")
    table = other[["low", "high", "close"]].reindex(wide).transform("log")
    base = table["close"].shift(2).ffill(limit=5)
    low = table["low"].rolling(3, center=True, min_periods=1).min() - base
    high = table["high"].rolling(3, center=True, min_periods=1).max() - base
    return low.reindex(index).to_numpy(), high.reindex(index).to_numpy()


def _stands_alone(away: Floats, seen: Floats, limit: float) -> Bools:
    size = np.abs(away)
    with np.errstate(invalid="ignore"):
        is_shared = np.sign(away) * seen >= _SHARED * size
    is_far = size > np.where(np.isnan(seen), max(limit, _LEAST_ALONE_PCT / 100), limit)
    return np.asarray(is_far & ~is_shared)

"""Columns of a frame that are made, not delivered: ages of prices, and funding by minute."""

import numpy as np
import pandas as pd

from research.arrays import Bools, Floats, Ints
from research.data.tables.schema import MINUTE_MS, minutes_ms
from research.data.tables.spans import HOUR_MS

__all__ = ["age_minutes", "hourly_rates", "interval_rates"]

_LONGEST_INTERVAL_MIN = 8 * HOUR_MS // MINUTE_MS  # of Binance; markets on the move pay oftener


def age_minutes(has_traded: Bools) -> Floats:
    """Minutes since the last True, 0 on a True, NaN before the first; shape (n,)."""
    rows = np.arange(len(has_traded), dtype=np.float64)
    last = np.maximum.accumulate(np.where(has_traded, rows, -np.inf))
    age = rows - last
    return np.where(np.isinf(age), np.nan, age)


def hourly_rates(grid: pd.DatetimeIndex, funding: pd.Series | None) -> Floats:
    """dYdX's rate on the rows where it is paid, 0 on the others, NaN on an hour not known."""
    if funding is None or funding.reindex(grid).isna().all():
        return np.full(len(grid), np.nan)
    rates: Floats = funding.reindex(grid).to_numpy(np.float64)
    is_hour = np.asarray(grid.minute) == 0
    return np.where(np.isnan(rates) & ~is_hour, 0.0, rates)


def interval_rates(grid: pd.DatetimeIndex, payments: pd.Series) -> Floats:
    """Binance's rate on the rows where it is paid; the interval is read from the payments.

    Between two payments of the usual distance nothing was due: 0. A distance longer than both
    beside it lacks payments: NaN where one may have been due, as before the first and from one
    interval after the last.

    Parameters
    ----------
    grid : DatetimeIndex, shape (n,)
        Minutes of the frame.
    payments : Series
        Rate by the minute of payment, rising.

    Returns
    -------
    array, shape (n,)
        Fraction of the notional.
    """
    known = payments.dropna()
    paid: Ints = minutes_ms(known.index) // MINUTE_MS
    if not len(paid):
        return np.full(len(grid), np.nan)
    minute = minutes_ms(grid) // MINUTE_MS
    after = np.searchsorted(paid, minute, side="right")  # payments at or before each row
    usual = _usual_intervals(paid)
    since = np.where(after > 0, minute - paid[np.maximum(after - 1, 0)], np.inf)
    until = np.where(after < len(paid), paid[np.minimum(after, len(paid) - 1)] - minute, np.inf)
    rates = np.where((since >= usual[after]) & (until >= usual[after]), np.nan, 0.0)
    is_paid = since == 0
    rates[is_paid] = known.to_numpy(np.float64)[after[is_paid] - 1]
    return rates


def _usual_intervals(paid: Ints) -> Ints:
    """The interval in force before, between and after n payments, minutes; shape (n + 1,)."""
    distances = np.diff(paid)
    if len(distances) > 1:
        left = np.concatenate((distances[1:2], distances[:-1]))
        right = np.concatenate((distances[1:], distances[-2:-1]))
        distances = np.minimum(distances, np.maximum(left, right))
    usual = np.minimum(distances, _LONGEST_INTERVAL_MIN)
    if not len(usual):
        return np.full(2, _LONGEST_INTERVAL_MIN)
    return np.concatenate((usual[:1], usual, usual[-1:]))

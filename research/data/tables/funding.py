"""What a funding series is: the hourly dYdX rate at the minute at which it is paid."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from research.data.tables.schema import INDEX_DTYPE, MINUTE_MS, iso_minute, minutes_ms
from research.errors import ConflictError, FormatError, OrderError, PriceError

__all__ = ["funding_series", "validate_funding"]

_MOST = 0.05  # fraction per hour; dYdX caps far below, so more is a rate in percent


def funding_series(
    times: NDArray[np.int64], rates: NDArray[np.float64], *, place: str
) -> pd.Series:
    """Rising funding series; payment times (ms) are cut to their minute.

    Parameters
    ----------
    times : (n,) int64
        Milliseconds since 1970 UTC, rising or falling throughout.
    rates : (n,) float64
        Fraction of the notional per hour; a long pays a positive rate.

    Raises
    ------
    OrderError, ConflictError, PriceError
        Unsorted times, two rates for one minute, a rate that is no fraction per hour.
    """
    minutes = times // MINUTE_MS * MINUTE_MS
    if len(minutes) > 1 and minutes[0] > minutes[-1]:
        minutes, rates = minutes[::-1], rates[::-1]
    if (np.diff(minutes) < 0).any():
        order = np.argsort(minutes, kind="stable")  # an instant and its rate stand by themselves
        minutes, rates = minutes[order], rates[order]
    steps = np.diff(minutes)
    repeats = np.append(False, steps == 0)
    changed = repeats & (rates != np.roll(rates, 1))
    if changed.any():
        row = int(np.argmax(changed))
        raise ConflictError(
            f"{place}: {iso_minute(int(minutes[row]))} has the rates {float(rates[row - 1])!r} "
            f"and {float(rates[row])!r}; keep the right one"
        )
    index = pd.DatetimeIndex(minutes.astype("datetime64[ms]"), name="minute").tz_localize("UTC")
    series = pd.Series(rates, index=index, name="rate", dtype=np.float64)[~repeats]
    validate_funding(series, place=place)
    return series


def validate_funding(rates: pd.Series, *, place: str) -> None:
    """Returns nothing if ``rates`` is a funding series, and raises otherwise.

    Raises
    ------
    FormatError, OrderError, PriceError
        A wrong type, minutes that do not rise, a rate that is no fraction per hour.
    """
    if str(rates.index.dtype) != INDEX_DTYPE or rates.dtype != np.float64:
        raise FormatError(
            f"{place}: funding is {rates.dtype} by {rates.index.dtype}; "
            f"give float64 rates by {INDEX_DTYPE}"
        )
    minutes = minutes_ms(rates.index)
    if (np.diff(minutes) <= 0).any() or (minutes % MINUTE_MS != 0).any():
        raise OrderError(
            f"{place}: funding minutes must be whole, rising and unique; sort them and drop repeats"
        )
    values = rates.to_numpy()
    strange = ~(np.abs(values) <= _MOST)
    if strange.any():
        row = int(np.argmax(strange))
        raise PriceError(
            f"{place}: {iso_minute(int(minutes[row]))}: rate = {float(values[row])!r}; "
            f"a funding rate is a fraction per hour within +-{_MOST}; divide percent by 100"
        )

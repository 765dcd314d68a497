"""What a candle table is: its index, its columns, and the candles no exchange can have printed."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from research.errors import FormatError, OrderError, PriceError

__all__ = [
    "COLUMNS",
    "INDEX_DTYPE",
    "MINUTE_MS",
    "OPTIONAL",
    "PRICES",
    "REQUIRED",
    "VENUES",
    "Venue",
    "candle_table",
    "check_grid",
    "check_prices",
    "iso_minute",
    "minutes_ms",
    "validate_candles",
]

Venue = Literal["binance", "dydx"]
VENUES: tuple[Venue, ...] = get_args(Venue)
MINUTE_MS = 60_000
INDEX_DTYPE = "datetime64[ms, UTC]"

PRICES = ("open", "high", "low", "close")
REQUIRED = (*PRICES, "volume", "trades")
OPTIONAL: dict[Venue, tuple[str, ...]] = {
    "binance": ("quote_volume",),
    "dydx": ("mid_open", "mid_close", "open_interest"),
}
COLUMNS: dict[Venue, tuple[str, ...]] = {venue: REQUIRED + OPTIONAL[venue] for venue in VENUES}

_POSITIVE = "a price must be finite and above zero"
_NOT_NEGATIVE = "must be finite and not negative"
_CURE = "take that row out or fetch the minute again"
_Mask = NDArray[np.bool_]
_Floats = NDArray[np.float64]


def candle_table(minutes: NDArray[np.int64], columns: Mapping[str, _Floats]) -> pd.DataFrame:
    """Candle table with the project's index type; neither sorted nor checked.

    Parameters
    ----------
    minutes : (n,) int64
        Bar open times, milliseconds since 1970 UTC.
    columns : mapping of name -> (n,) float64
        ``trades`` is added as NaN (unknown) where the source does not give it.
    """
    filled = dict(columns)
    filled.setdefault("trades", np.full(len(minutes), np.nan))
    ordered = [*REQUIRED, *(name for name in filled if name not in REQUIRED)]
    index = pd.DatetimeIndex(minutes.astype("datetime64[ms]"), name="minute").tz_localize("UTC")
    return pd.DataFrame({name: filled[name] for name in ordered}, index=index, dtype=np.float64)


def minutes_ms(index: pd.Index) -> NDArray[np.int64]:
    """Bar open times of a candle table as int64 milliseconds since 1970 UTC."""
    return np.asarray(pd.DatetimeIndex(index).as_unit("ms").asi8)


def iso_minute(ms: int) -> str:
    """``2026-01-02T11:05Z``; seconds appear only where they are not zero."""
    moment = datetime.fromtimestamp(ms / 1000, tz=UTC)
    precise = "minutes" if ms % MINUTE_MS == 0 else "milliseconds"
    return moment.replace(tzinfo=None).isoformat(timespec=precise) + "Z"


def validate_candles(candles: pd.DataFrame, *, place: str) -> None:
    """Returns nothing if ``candles`` is a candle table, and raises otherwise.

    Parameters
    ----------
    candles : DataFrame
        Index ``minute`` (``datetime64[ms, UTC]``, rising, unique, whole minutes), float64
        columns open, high, low, close, volume, trades; NaN is allowed in ``trades`` and in
        the optional columns only.
    place : str
        Where the table comes from; begins every message.

    Raises
    ------
    FormatError
        A column is missing or of the wrong type.
    OrderError
        Minutes that do not rise, are doubled or lie off the minute grid.
    PriceError
        A price, volume or count that no exchange can have printed.
    """
    _check_shape(candles, place)
    minutes = minutes_ms(candles.index)
    check_grid(minutes, place)
    steps = np.diff(minutes)
    if (steps <= 0).any():
        row = int(np.argmax(steps <= 0)) + 1
        raise OrderError(
            f"{place}: row {row + 1} ({iso_minute(int(minutes[row]))}) follows "
            f"{iso_minute(int(minutes[row - 1]))}; minutes must rise without repetition; "
            "sort the table by minute and drop doubled rows"
        )
    check_prices(candles, place)


def check_grid(minutes: NDArray[np.int64], place: str) -> None:
    """Raises OrderError, with row and value, unless every minute is a whole minute."""
    off = minutes % MINUTE_MS != 0
    if not off.any():
        return
    row = int(np.argmax(off))
    late = minutes % MINUTE_MS == MINUTE_MS - 1
    if late.all():
        cure = "these are close times; give the OPEN time of each minute"
    else:
        cure = "give the open time of each 1-minute candle, in UTC"
    raise OrderError(
        f"{place}: row {row + 1}: {iso_minute(int(minutes[row]))} is not a whole minute; {cure}"
    )


def check_prices(candles: pd.DataFrame, place: str) -> None:
    """Raises PriceError naming row, minute, column and value of the first impossible candle."""
    values = {name: np.asarray(candles[name], dtype=np.float64) for name in candles.columns}
    minutes = minutes_ms(candles.index)
    for name, broken, rule in _rules(values):
        if broken.any():
            row = int(np.argmax(broken))
            raise PriceError(
                f"{place}: row {row + 1} ({iso_minute(int(minutes[row]))}): "
                f"{name} = {float(values[name][row])!r}; {_spelled(rule, values, row)}; {_CURE}"
            )


def _rules(values: Mapping[str, _Floats]) -> list[tuple[str, _Mask, str]]:
    rules = [(name, ~_above_zero(values[name]), _POSITIVE) for name in PRICES]
    low, high = values["low"], values["high"]
    rules.append(("high", high < low, "high must not be below low = {low}"))
    for name in ("open", "close"):
        outside = (values[name] < low) | (values[name] > high)
        rules.append((name, outside, f"{name} must lie between low = {{low}} and high = {{high}}"))
    rules.append(("volume", ~_not_negative(values["volume"]), _NOT_NEGATIVE))
    for name in ("trades", "quote_volume", "open_interest"):
        if name in values:
            known = ~np.isnan(values[name])
            rules.append((name, known & ~_not_negative(values[name]), _NOT_NEGATIVE))
    for name in ("mid_open", "mid_close"):
        if name in values:
            known = ~np.isnan(values[name])
            rules.append((name, known & ~_above_zero(values[name]), _POSITIVE))
    return rules


def _above_zero(column: _Floats) -> _Mask:
    return np.isfinite(column) & (column > 0)


def _not_negative(column: _Floats) -> _Mask:
    return np.isfinite(column) & (column >= 0)


def _spelled(rule: str, values: Mapping[str, _Floats], row: int) -> str:
    return rule.format(low=float(values["low"][row]), high=float(values["high"][row]))


def _check_shape(candles: pd.DataFrame, place: str) -> None:
    if candles.index.name != "minute" or str(candles.index.dtype) != INDEX_DTYPE:
        raise FormatError(
            f"{place}: the index is {candles.index.name!r} of {candles.index.dtype}; "
            f"a candle table is indexed by 'minute' of {INDEX_DTYPE}; build it with candle_table"
        )
    missing = [name for name in REQUIRED if name not in candles.columns]
    if missing:
        raise FormatError(
            f"{place}: no column {', '.join(missing)}; a candle table has {', '.join(REQUIRED)}"
        )
    wrong = [name for name in candles.columns if candles[name].dtype != np.float64]
    if wrong:
        raise FormatError(
            f"{place}: column {wrong[0]} is {candles[wrong[0]].dtype}; convert it to float64"
        )

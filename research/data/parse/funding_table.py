"""A table of funding payments with named columns -> the dYdX funding series."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from research.data.parse.columns import stamps_of
from research.data.parse.decimals import column_to_floats
from research.data.parse.names import known_name, plain_name
from research.data.parse.texts import plain_columns
from research.data.tables.funding import funding_series
from research.data.tables.schema import MINUTE_MS, Venue
from research.errors import FormatError

__all__ = ["RawFunding", "binance_funding_refused", "is_funding", "read_funding"]

RawFunding = tuple[pd.Series, str | None]

_RATES = ("rate", "fundingrate", "fundingratehourly", "hourlyrate")
_TIMES = ("effectiveat", "effectivetime", "paidat", "fundingtimestamp", "fundingtimeutc")
_BINANCE = ("fundingtime", "calctime", "lastfundingrate", "fundingintervalhours", "markprice")
_HOUR_MS = 60 * MINUTE_MS


def is_funding(headers: Sequence[str]) -> bool:
    """Whether columns of these names are funding payments: a rate, and no candle."""
    plain = {plain_name(header) for header in headers}
    candles = {known_name(header) for header in headers} & {"open", "high", "low", "close"}
    return bool(plain & {*_RATES, "lastfundingrate"}) and not candles


def read_funding(table: pa.Table, venue: Venue, *, place: str) -> RawFunding:
    """Funding series (fraction per hour) and the market's name in a table of payments.

    Raises
    ------
    FormatError
        Binance's rates, the other venue asked, no column of time, several markets.
    OrderError, ConflictError, PriceError
        As :func:`research.data.tables.funding.funding_series`.
    """
    named = {plain_name(header): header for header in table.column_names}
    if any(name in named for name in _BINANCE):
        raise FormatError(binance_funding_refused(place))
    if venue != "dydx":
        raise FormatError(
            f"{place}: dYdX funding, but --venue {venue} was asked; import with --venue dydx"
        )
    if table.num_rows == 0:
        raise FormatError(f"{place}: no payments in it; fetch the file again")
    table = plain_columns(table, place=place)
    times = [named[name] for name in _TIMES if name in named]
    times += [header for header in table.column_names if known_name(header) == "minute"]
    if not times:
        raise FormatError(
            f"{place}: funding rates without a time among {', '.join(table.column_names)}; "
            "needed is effectiveAt"
        )
    moments, _, _ = stamps_of(table[times[0]], times[0], place)
    rate = named[next(name for name in _RATES if name in named)]
    rates = column_to_floats(table[rate], place=place, column=rate)
    _check_hourly(moments, place)
    return funding_series(moments, rates, place=place), _only_market(table, named, place)


def binance_funding_refused(place: str) -> str:
    """What is said to a file of Binance funding: recognised, and of no use here."""
    return (
        f"{place}: Binance funding rates; positions are held on dYdX, so only dYdX funding is "
        "charged: leave this file out, or import a dYdX historicalFunding body"
    )


def _check_hourly(moments: np.ndarray, place: str) -> None:
    steps = np.diff(np.unique(moments // _HOUR_MS))
    if len(steps) >= 2 and int(np.median(steps)) > 1:
        raise FormatError(
            f"{place}: payments are {int(np.median(steps))} hours apart, dYdX pays every hour; are "
            "these another exchange's rates?"
        )


def _only_market(table: pa.Table, named: dict[str, str], place: str) -> str | None:
    header = next((named[name] for name in ("ticker", "market", "symbol") if name in named), None)
    if header is None:
        return None
    names = sorted({str(name) for name in table[header].unique().to_pylist()})
    if len(names) > 1:
        raise FormatError(f"{place}: rates of {', '.join(names)} in one file; give one per market")
    return names[0]

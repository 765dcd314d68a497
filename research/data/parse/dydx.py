"""dYdX v4 indexer wire formats -> candle tables and funding. Pure: bodies in, tables out."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from research.data.parse.columns import RawCandles
from research.data.parse.decimals import values_to_floats
from research.data.parse.order import finish
from research.data.parse.stamps import iso_to_ms
from research.data.tables.funding import funding_series
from research.data.tables.schema import candle_table
from research.errors import FormatError

__all__ = ["parse_candles", "parse_funding", "raw_candles", "raw_funding"]

RESOLUTION = "1MIN"
_FIELDS = {
    "open": "open",
    "high": "high",
    "low": "low",
    "close": "close",
    "volume": "baseTokenVolume",
    "trades": "trades",
    "mid_open": "orderbookMidPriceOpen",
    "mid_close": "orderbookMidPriceClose",
    "open_interest": "startingOpenInterest",
}
_MAY_MISS = frozenset({"trades", "mid_open", "mid_close", "open_interest"})


def parse_candles(
    body: Mapping[str, Any], *, now: datetime | None = None, place: str = "candles"
) -> pd.DataFrame:
    """Candle table of the completed minutes in a ``/v4/candles`` body, rising.

    Parameters
    ----------
    body : mapping
        ``{"candles": [...]}``, newest first as the indexer sends it; mids may be null (NaN).
    now : datetime, optional
        Minutes that are not over by then are dropped: the indexer sends the running one too.

    Raises
    ------
    FormatError, PriceError, OrderError, ConflictError
        A body of another layout or resolution, impossible or contradicting candles.
    """
    return finish(raw_candles(body, place=place).table, place=place, now=now)[0]


def raw_candles(body: Mapping[str, Any], *, place: str) -> RawCandles:
    """Candles of an indexer body in its own order, unchecked but for layout and resolution."""
    rows = _rows(body, "candles", place)
    _check_resolution(rows, place)
    minutes, _ = iso_to_ms(_texts(rows, "startedAt", place), place=place, column="startedAt")
    columns = {
        name: values_to_floats(
            [_field(row, number, field, name in _MAY_MISS, place)
             for number, row in enumerate(rows, 1)],
            place=place, column=field, may_miss=name in _MAY_MISS,
        )
        for name, field in _FIELDS.items()
    }  # fmt: skip
    return RawCandles(
        table=candle_table(minutes, columns),
        layout="dYdX indexer candles",
        ticker=_only_ticker(rows, place),
    )


def parse_funding(body: Mapping[str, Any], *, place: str = "funding") -> pd.Series:
    """Funding series (fraction per hour, index ``minute``) of a ``/v4/historicalFunding`` body.

    The rate stands at the minute of its payment: ``effectiveAt`` cut to the minute.

    Raises
    ------
    FormatError, OrderError, ConflictError
        A body of another layout, times out of order, two rates for one minute.
    """
    return raw_funding(body, place=place)[0]


def raw_funding(body: Mapping[str, Any], *, place: str) -> tuple[pd.Series, str | None]:
    """Funding series and the market's ticker of a ``/v4/historicalFunding`` body."""
    rows = _rows(body, "historicalFunding", place)
    texts = _texts(rows, "effectiveAt", place)
    times, _ = iso_to_ms(texts, place=place, column="effectiveAt")
    rates = values_to_floats(
        [_field(row, number, "rate", False, place) for number, row in enumerate(rows, 1)],
        place=place,
        column="rate",
    )
    return funding_series(np.asarray(times), rates, place=place), _only_ticker(rows, place)


def _rows(body: Mapping[str, Any], key: str, place: str) -> Sequence[Mapping[str, Any]]:
    rows = body.get(key)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise FormatError(f'{place}: no list of objects under "{key}"; give the body as it came')
    if not rows:
        raise FormatError(
            f'{place}: "{key}" is empty; check the market and the span that was asked for'
        )
    return rows


def _field(row: Mapping[str, Any], number: int, field: str, may_miss: bool, place: str) -> Any:
    if field not in row and not may_miss:
        raise FormatError(f"{place}: row {number} has no {field}; give the body as it came")
    return row.get(field)


def _texts(rows: Sequence[Mapping[str, Any]], field: str, place: str) -> list[str]:
    texts = [_field(row, number, field, False, place) for number, row in enumerate(rows, 1)]
    for number, text in enumerate(texts, 1):
        if not isinstance(text, str):
            raise FormatError(f"{place}: row {number}: {field} = {text!r} is no ISO-8601 date")
    return texts


def _check_resolution(rows: Sequence[Mapping[str, Any]], place: str) -> None:
    for number, row in enumerate(rows, 1):
        if row.get("resolution", RESOLUTION) != RESOLUTION:
            raise FormatError(
                f"{place}: row {number}: candles of resolution {row['resolution']}; "
                f"fetch {RESOLUTION} candles"
            )


def _only_ticker(rows: Sequence[Mapping[str, Any]], place: str) -> str | None:
    tickers = sorted({str(row["ticker"]) for row in rows if "ticker" in row})
    if len(tickers) > 1:
        raise FormatError(
            f"{place}: rows of {', '.join(tickers)} in one body; give one file per market"
        )
    return tickers[0] if tickers else None

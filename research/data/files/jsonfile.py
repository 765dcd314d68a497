"""JSON bodies of both exchanges -> candles or funding, and their error bodies -> messages."""

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from research.data.parse import binance, dydx
from research.data.parse.columns import RawCandles
from research.data.tables.schema import Venue
from research.errors import FormatError

__all__ = ["RawFunding", "read_json"]

RawFunding = tuple[pd.Series, str | None]


def read_json(data: bytes, venue: Venue, *, place: str) -> RawCandles | RawFunding:
    """Candles, or the dYdX funding series with its ticker, that a JSON body holds.

    Raises
    ------
    FormatError
        Torn JSON, an error body, a body of the other venue, or of something else than candles.
    """
    try:
        body = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{place}: torn JSON ({error}); fetch the body again") from None
    if isinstance(body, dict):
        return _of_object(body, venue, place)
    if isinstance(body, list) and body:
        return _of_list(body, venue, place)
    raise FormatError(f"{place}: no candles in this JSON; check the market and the span asked for")


def _of_object(body: Mapping[str, Any], venue: Venue, place: str) -> RawCandles | RawFunding:
    if "candles" in body:
        _check_venue("dydx", venue, "dYdX indexer candles", place)
        return dydx.raw_candles(body, place=place)
    if "historicalFunding" in body:
        _check_venue("dydx", venue, "dYdX funding", place)
        return dydx.raw_funding(body, place=place)
    if "errors" in body or ("code" in body and "msg" in body):
        said = json.dumps(body.get("errors", body))[:200]
        raise FormatError(f"{place}: the exchange answered with an error: {said}; ask again")
    raise _unknown(f"an object with the keys {', '.join(list(body)[:6])}", place)


def _of_list(body: list[Any], venue: Venue, place: str) -> RawCandles:
    first = body[0]
    if isinstance(first, list):
        _check_venue("binance", venue, "Binance klines", place)
        return binance.raw_klines(body, place=place)
    if isinstance(first, dict) and "startedAt" in first:
        _check_venue("dydx", venue, "dYdX candles", place)
        return dydx.raw_candles({"candles": body}, place=place)
    if isinstance(first, dict) and "fundingRate" in first:
        raise FormatError(binance_funding_refused(place))
    raise _unknown(f"a list of {type(first).__name__}", place)


def binance_funding_refused(place: str) -> str:
    """What is said to a file of Binance funding: recognised, and of no use here."""
    return (
        f"{place}: Binance funding rates; positions are held on dYdX, so only dYdX funding is "
        "charged: leave this file out, or import a dYdX historicalFunding body"
    )


def _check_venue(found: Venue, asked: Venue, what: str, place: str) -> None:
    if found != asked:
        raise FormatError(
            f"{place}: {what}, but --venue {asked} was asked; import with --venue {found}"
        )


def _unknown(what: str, place: str) -> FormatError:
    return FormatError(
        f"{place}: JSON, but {what}; expected Binance klines (a list of lists), dYdX "
        '{"candles": [...]} or {"historicalFunding": [...]}'
    )

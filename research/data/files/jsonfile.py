"""JSON of both exchanges and of recorders -> candles or funding; error bodies -> messages.

Bodies may stand alone, one a line, one after the other, in a list, or wrapped by whoever fetched
them; rows come as objects (dYdX), as lists (Binance klines, ccxt) or as columns (chart feeds).
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import pyarrow as pa

from research.data.files.csvtext import decoded
from research.data.parse import binance, dydx
from research.data.parse.columns import RawCandles, read_table
from research.data.parse.funding_table import RawFunding, binance_funding_refused, is_funding
from research.data.parse.funding_table import read_funding as read_funding_table
from research.data.parse.names import has_known_names, known_names
from research.data.tables.schema import Venue
from research.errors import FormatError

__all__ = ["RawFunding", "read_json"]

_WRAPPERS: Final = (
    "data", "result", "results", "body", "response", "payload", "rows", "items", "list", "ohlcv",
    "klines", "content", "value", "k",
)  # fmt: skip
_BODIES: Final = ("candles", "historicalFunding")
_MOST_DEPTH: Final = 6
_OHLCV = ("timestamp", "open", "high", "low", "close", "volume")


def read_json(data: bytes, venue: Venue, *, place: str) -> RawCandles | RawFunding:
    """Candles, or the dYdX funding series with its ticker, that JSON holds.

    Raises
    ------
    FormatError
        Torn JSON, an error body, a body of the other venue, or of something else than candles.
    """
    rows: dict[str, list[Any]] = {}
    for document in _documents(data, place):
        for kind, found in _rows(document, place):
            rows.setdefault(kind, []).extend(found)
    if not rows:
        raise FormatError(
            f"{place}: no candles in this JSON; check the market and the span asked for"
        )
    if len(rows) > 1:
        raise FormatError(f"{place}: {' and '.join(rows)} in one file; give one file of each")
    ((kind, found),) = rows.items()
    return _READERS[kind](found, venue, place)


def _documents(data: bytes, place: str) -> Iterator[Any]:
    text = decoded(data, place)
    decoder, at = json.JSONDecoder(), 0
    while True:
        while at < len(text) and text[at] in " \t\r\n,;\x1e":
            at += 1
        if at >= len(text):
            return
        try:
            document, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            raise FormatError(f"{place}: torn JSON ({error}); fetch the body again") from None
        yield document


def _rows(document: Any, place: str, depth: int = 0) -> Iterator[tuple[str, list[Any]]]:
    """Rows and what they are: klines, candles, historicalFunding, records."""
    if depth > _MOST_DEPTH:
        raise _unknown("lists in lists in lists", place)
    if isinstance(document, Mapping):
        yield from _of_object(document, place, depth)
    elif isinstance(document, list):
        if document and not isinstance(document[0], list | Mapping):
            if depth == 0 and not isinstance(document[0], int | float | str):
                raise _unknown(f"a list of {type(document[0]).__name__}", place)
            yield "klines", [document]
        else:
            for part in document:
                yield from _rows(part, place, depth + 1)
    else:
        raise _unknown(f"a {type(document).__name__}", place)


def _of_object(body: Mapping[str, Any], place: str, depth: int) -> Iterator[tuple[str, list[Any]]]:
    body_kind = next((name for name in _BODIES if name in body), None)
    if body_kind is not None:
        yield body_kind, _listed(body[body_kind], body_kind, place)
        return
    if "errors" in body or ("code" in body and ("msg" in body or "message" in body)):
        wrapped = [body[name] for name in _WRAPPERS if body.get(name)]
        if not wrapped:
            said = json.dumps(body.get("errors", body))[:200]
            raise FormatError(f"{place}: the exchange answered with an error: {said}; ask again")
    if "startedAt" in body:
        yield "candles", [body]
    elif "effectiveAt" in body and "rate" in body:
        yield "historicalFunding", [body]
    elif "fundingRate" in body:
        raise FormatError(binance_funding_refused(place))
    elif _is_record(body):
        yield "records", [body]
    elif (columns := _columns(body)) is not None:
        yield "records", columns
    else:
        yield from _of_wrapper(body, place, depth)


def _of_wrapper(body: Mapping[str, Any], place: str, depth: int) -> Iterator[tuple[str, list[Any]]]:
    for name in _WRAPPERS:
        inner = body.get(name)
        if isinstance(inner, str) and inner.lstrip()[:1] in ("{", "["):
            inner = next(_documents(inner.encode(), place))
        if isinstance(inner, Mapping | list):
            yield from _rows(inner, place, depth + 1)
            return
    raise _unknown(f"an object with the keys {', '.join(list(body)[:6])}", place)


def _listed(rows: Any, key: str, place: str) -> list[Any]:
    if isinstance(rows, Mapping) and len(rows) == 1:  # {"candles": {"BTC-USD": [...]}}
        (rows,) = rows.values()
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise FormatError(f'{place}: no list of objects under "{key}"; give the body as it came')
    return rows


def _is_record(body: Mapping[str, Any]) -> bool:
    names, _ = known_names(list(body))
    needed = ("open", "high", "low", "close")
    return all(
        name in names and not isinstance(body[names[name]], list | Mapping) for name in needed
    )


def _columns(body: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """Rows of a table written by columns: ``{"t": [...], "o": [...]}``, or pandas' ``split``."""
    if {"columns", "data"} <= body.keys() and isinstance(body["data"], list):
        rows = [dict(zip(body["columns"], row, strict=False)) for row in body["data"]]
        if len(body.get("index", ())) == len(rows):
            rows = [{"index": at, **row} for at, row in zip(body["index"], rows, strict=True)]
        return rows
    lists = {
        name: list(values.values()) if isinstance(values, Mapping) else values
        for name, values in body.items()
        if isinstance(values, list | Mapping)
    }
    names, _ = known_names(list(lists))
    if not {"open", "high", "low", "close"} <= names.keys():
        return None
    size = len(lists[names["open"]])
    whole = {name: values for name, values in lists.items() if len(values) == size}
    rows = [dict(zip(whole, row, strict=True)) for row in zip(*whole.values(), strict=True)]
    indexes = [list(values) for values in body.values() if isinstance(values, Mapping)]
    if "minute" not in names and indexes and len(indexes[0]) == size:
        rows = [{"index": at, **row} for at, row in zip(indexes[0], rows, strict=True)]
    return rows


def _klines(rows: list[Any], venue: Venue, place: str) -> RawCandles:
    if all(isinstance(row, list) and len(row) == len(_OHLCV) for row in rows):
        table = _table([dict(zip(_OHLCV, row, strict=True)) for row in rows], place)
        return read_table(table, venue, place=place, layout="lists of 6 (ccxt OHLCV)")
    _check_venue("binance", venue, "Binance klines", place)
    return binance.raw_klines(rows, place=place)


def _candles(rows: list[Any], venue: Venue, place: str) -> RawCandles:
    _check_venue("dydx", venue, "dYdX indexer candles", place)
    return dydx.raw_candles({"candles": rows}, place=place)


def _funding(rows: list[Any], venue: Venue, place: str) -> RawFunding:
    _check_venue("dydx", venue, "dYdX funding", place)
    return dydx.raw_funding({"historicalFunding": rows}, place=place)


def _records(rows: list[Any], venue: Venue, place: str) -> RawCandles | RawFunding:
    table = _table(rows, place)
    if is_funding(table.column_names):
        return read_funding_table(table, venue, place=place)
    return read_table(table, venue, place=place, layout="JSON records")


_READERS: Final[Mapping[str, Callable[[list[Any], Venue, str], RawCandles | RawFunding]]] = {
    "klines": _klines,
    "candles": _candles,
    "historicalFunding": _funding,
    "records": _records,
}


def _table(rows: list[dict[str, Any]], place: str) -> pa.Table:
    names = list(dict.fromkeys(name for row in rows for name in row))
    if not has_known_names(names):
        raise _unknown(f"objects with the keys {', '.join(names[:6])}", place)
    cells = {name: [_text(row.get(name)) for row in rows] for name in names}
    return pa.table({name: pa.array(values, pa.string()) for name, values in cells.items()})


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return repr(value) if isinstance(value, int | float) else json.dumps(value)


def _check_venue(found: Venue, asked: Venue, what: str, place: str) -> None:
    if found != asked:
        raise FormatError(
            f"{place}: {what}, but --venue {asked} was asked; import with --venue {found}"
        )


def _unknown(what: str, place: str) -> FormatError:
    return FormatError(
        f"{place}: JSON, but {what}; expected Binance klines (a list of lists), dYdX "
        '{"candles": [...]} or {"historicalFunding": [...]}, or a list of objects with open time, '
        "open, high, low, close, volume"
    )

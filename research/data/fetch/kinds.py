"""What is fetched: each kind of rows at each venue, how it is asked for and where it is kept."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlsplit

import numpy as np
import pandas as pd

from research.arrays import Ints
from research.data.fetch.paging import Pages
from research.data.store.adding import by_month
from research.data.store.folder import VenueFolder
from research.data.store.store import Store
from research.data.tables.schema import MINUTE_MS, Venue, minutes_ms
from research.data.tables.source import Source
from research.data.tables.spans import HOUR_MS, Span
from research.data.venues.binance import FUTURES, BinanceClient
from research.data.venues.dydx import DydxClient
from research.data.venues.http import Http

__all__ = ["Stream", "binance_funding", "binance_minutes", "dydx_funding", "dydx_minutes"]

Rows = TypeVar("Rows", pd.DataFrame, pd.Series)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream(Generic[Rows]):
    """One kind of rows (``minutes``, ``funding``) of one venue.

    Attributes
    ----------
    stored_ms : Span -> (n,) int64
        Rising grid times that the store holds already.
    knows_gaps : bool
        Whether a missing grid time is a gap: not so where the interval of rows is data itself.
    """

    venue: Venue
    kind: str
    pages: Pages[Rows]
    stored_ms: Callable[[Span], Ints]
    server_time_ms: Callable[[], int]
    knows_gaps: bool = True

    @property
    def name(self) -> str:
        """For people: ``dydx minutes``."""
        return f"{self.venue} {self.kind}"


def dydx_minutes(
    store: Store, market: str, client: DydxClient, ticker: str
) -> Stream[pd.DataFrame]:
    """Minutes of the indexer, newest first."""
    return Stream(
        venue="dydx",
        kind="minutes",
        pages=Pages(
            name="dydx minutes",
            ask=lambda span: client.minutes(ticker, span),
            keep=_minutes_keeper(store, market, "dydx", _stream(client.http, "dYdX candles")),
            step_ms=MINUTE_MS,
            newest_first=True,
        ),
        stored_ms=_stored_minutes(store, market, "dydx"),
        server_time_ms=client.server_time_ms,
    )


def binance_minutes(
    store: Store, market: str, client: BinanceClient, symbol: str
) -> Stream[pd.DataFrame]:
    """Minutes of Binance's REST interface, oldest first."""
    source = _stream(client.http, f"Binance {client.product.name} klines")
    return Stream(
        venue="binance",
        kind="minutes",
        pages=Pages(
            name="binance minutes",
            ask=lambda span: client.minutes(symbol, span),
            keep=_minutes_keeper(store, market, "binance", source),
            step_ms=MINUTE_MS,
            newest_first=False,
        ),
        stored_ms=_stored_minutes(store, market, "binance"),
        server_time_ms=client.server_time_ms,
    )


def dydx_funding(store: Store, market: str, client: DydxClient, ticker: str) -> Stream[pd.Series]:
    """Hourly funding of the indexer, newest first."""

    def keep(rates: pd.Series) -> None:
        store.add_funding(market, rates, source=_stream(client.http, "dYdX funding")(len(rates)))

    return Stream(
        venue="dydx",
        kind="funding",
        pages=Pages(
            name="dydx funding",
            ask=lambda span: client.payments(ticker, span),
            keep=keep,
            step_ms=HOUR_MS,
            newest_first=True,
        ),
        stored_ms=lambda span: _hours(store.funding(market), span),
        server_time_ms=client.server_time_ms,
    )


def binance_funding(
    store: Store, market: str, client: BinanceClient, symbol: str
) -> Stream[pd.Series]:
    """Funding of Binance futures, oldest first; every 8, 4 or 1 hours: the interval is data."""
    source = _stream(client.http, f"Binance {FUTURES.name} funding")

    def keep(rates: pd.Series) -> None:
        store.add_funding(market, rates, source=source(len(rates)), venue="binance")

    return Stream(
        venue="binance",
        kind="funding",
        pages=Pages(
            name="binance funding",
            ask=lambda span: client.payments(symbol, span),
            keep=keep,
            step_ms=HOUR_MS,
            newest_first=False,
        ),
        stored_ms=lambda span: _hours(store.funding(market, "binance"), span),
        server_time_ms=client.server_time_ms,
        knows_gaps=False,
    )


def _stream(http: Http, layout: str) -> Callable[[int], Source]:
    host = urlsplit(http.dialect.base_url).hostname or http.dialect.base_url
    return lambda rows: Source(name=host, layout=layout, rows=rows)


def _minutes_keeper(
    store: Store, market: str, venue: Venue, source: Callable[[int], Source]
) -> Callable[[pd.DataFrame], None]:
    def keep(candles: pd.DataFrame) -> None:
        # one month at a time: a stop between two files could count a page's rows twice
        for _, part in by_month(candles):
            store.add(market, venue, part, source=source(len(part)))

    return keep


def _stored_minutes(store: Store, market: str, venue: Venue) -> Callable[[Span], Ints]:
    def stored(span: Span) -> Ints:
        folder = VenueFolder(store.root, market, venue)
        first, last = (_month_name(ms) for ms in (span.first_ms, span.end_ms - 1))
        # month by month: a year of candles would be 40 MB, its minutes are 4
        found = [
            minutes_ms(candles.index)
            for name in folder.months()
            if first <= name <= last and (candles := folder.candles(name)) is not None
        ]
        return np.concatenate(found) if found else np.empty(0, dtype=np.int64)

    return stored


def _month_name(ms: int) -> str:
    return f"{np.datetime64(ms, 'ms').astype('datetime64[M]')}.parquet"


def _hours(rates: pd.Series | None, span: Span) -> Ints:
    if rates is None:
        return np.empty(0, dtype=np.int64)
    hours = np.unique(minutes_ms(rates.index) // HOUR_MS * HOUR_MS)
    return hours[(hours >= span.first_ms) & (hours < span.end_ms)]

"""One market, both venues at once: the clients, the lock, a thread per venue, the report."""

from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from research.clock import Clock
from research.data.fetch.job import Bulk, StreamReport, Wanted, Watch, fetch_stream
from research.data.fetch.kinds import (
    Stream,
    binance_funding,
    binance_minutes,
    dydx_funding,
    dydx_minutes,
)
from research.data.fetch.lanes import side_by_side
from research.data.store.lock import market_lock
from research.data.store.store import Store
from research.data.tables.schema import VENUES, Venue
from research.data.venues.binance import FUTURES, SPOT, BinanceClient, Product, binance_http
from research.data.venues.binance_bulk import BulkSite, bulk_http
from research.data.venues.dydx import DydxClient, dydx_http
from research.data.venues.http import Http
from research.settings.fetch import FetchSettings
from research.settings.market import MarketSettings

__all__ = ["FetchReport", "fetch_market"]

_REAL = Clock()


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchReport:
    """What one fetch did, stream by stream."""

    market: str
    streams: tuple[StreamReport, ...]
    took_over: bool  # an earlier fetch was killed
    was_stopped: bool

    def to_dict(self) -> dict[str, Any]:
        """The fields, for JSON."""
        return {
            "market": self.market,
            "took_over": self.took_over,
            "was_stopped": self.was_stopped,
            "streams": [stream.to_dict() for stream in self.streams],
        }


def fetch_market(
    root: Path,
    market: str,
    names: MarketSettings,
    wanted: Wanted,
    *,
    settings: FetchSettings,
    clock: Clock = _REAL,
    watch: Watch | None = None,
    venues: tuple[Venue, ...] = VENUES,
    spot: bool = False,
    funding: bool = True,
    ask_gaps_again: bool = False,
    transport: httpx.BaseTransport | None = None,
) -> FetchReport:
    """Fetches what the store under ``root`` lacks of ``wanted``, both venues side by side.

    Parameters
    ----------
    market : str
        Name in the store.
    names : MarketSettings
        The market's names at the venues.
    spot : bool
        Binance's spot market in place of its futures.
    ask_gaps_again : bool
        Whether remembered gaps are asked for once more.

    Raises
    ------
    LockError
        Another fetch of this market is at work.
    FetchError, DataError, StoreError
        The first failure, after the other venue came to its end; what was fetched is kept.
    """
    watch = watch or Watch()
    with ExitStack() as stack:
        took_over = stack.enter_context(market_lock(root, market, clock=clock))
        desk = _Desk(Store(root), market, names, settings, clock, transport, stack)
        jobs = {
            "binance": lambda: desk.binance(SPOT if spot else FUTURES, funding=funding),
            "dydx": lambda: desk.dydx(funding=funding),
        }

        def work(venue: Venue) -> list[StreamReport]:
            # one after the other: the streams of a venue share a folder and its book
            return [
                fetch_stream(
                    desk.store, market, job.stream, wanted, settings=settings, clock=clock,
                    watch=watch, requests=job.counts, ask_gaps_again=ask_gaps_again, bulk=job.bulk,
                )
                for job in jobs[venue]()
            ]  # fmt: skip

        tasks = [partial(work, venue) for venue in VENUES if venue in venues]
        reports = side_by_side(tasks, watch.stop)
    return FetchReport(
        market=market,
        streams=tuple(report for venue in reports for report in venue),
        took_over=took_over,
        was_stopped=watch.stop.is_set(),
    )


@dataclass(frozen=True, slots=True)
class _Job:
    stream: Stream[Any]
    https: list[Http]
    bulk: Bulk | None = None

    def counts(self) -> tuple[int, int]:
        """Requests and retries of the clients behind the stream."""
        return sum(http.requests for http in self.https), sum(http.retries for http in self.https)


@dataclass(frozen=True, slots=True)
class _Desk:
    """Opens clients, which close with ``stack``, and says what is to be fetched from them."""

    store: Store
    market: str
    names: MarketSettings
    settings: FetchSettings
    clock: Clock
    transport: httpx.BaseTransport | None
    stack: ExitStack

    def binance(self, product: Product, *, funding: bool) -> list[_Job]:
        """Minutes, bulk files first; and funding, which spot does not have."""
        rest = self._open(
            binance_http(self.settings, product, clock=self.clock, transport=self.transport)
        )
        client, symbol = BinanceClient(rest, product), self.names.binance
        stream = binance_minutes(self.store, self.market, client, symbol)
        minutes = _Job(stream, [rest])
        if self.settings.bulk:
            zips = self._open(bulk_http(self.settings, clock=self.clock, transport=self.transport))
            minutes = _Job(stream, [rest, zips], Bulk(BulkSite(zips, product), symbol))
        if product is SPOT or not funding:
            return [minutes]
        return [minutes, _Job(binance_funding(self.store, self.market, client, symbol), [rest])]

    def dydx(self, *, funding: bool) -> list[_Job]:
        """Minutes and hourly funding."""
        rest = self._open(dydx_http(self.settings, clock=self.clock, transport=self.transport))
        client, ticker = DydxClient(rest), self.names.dydx
        minutes = _Job(dydx_minutes(self.store, self.market, client, ticker), [rest])
        if not funding:
            return [minutes]
        return [minutes, _Job(dydx_funding(self.store, self.market, client, ticker), [rest])]

    def _open(self, http: Http) -> Http:
        return self.stack.enter_context(http)

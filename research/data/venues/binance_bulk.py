"""Binance's bulk site: whole months and days as ZIP files with their sha256 beside them."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import httpx
import numpy as np
import pandas as pd

from research.clock import Clock
from research.data.files.archive import CHECKSUM_SUFFIX
from research.data.files.csvfile import read_csv
from research.data.files.unpack import take_out
from research.data.parse.order import finish
from research.data.tables.schema import iso_minute
from research.data.tables.source import Source
from research.data.tables.spans import HOUR_MS, Span, covered_ms
from research.data.venues.binance import FUTURES, Product
from research.data.venues.http import Dialect, Http
from research.data.venues.inside import rows_inside
from research.data.venues.pace import Pace
from research.errors import ChecksumError, FormatError
from research.settings.fetch import FetchSettings

__all__ = ["BulkFile", "BulkMonth", "BulkSite", "bulk_http", "files_for", "whole_month"]

_DAY_MS = 24 * HOUR_MS
_MOST_BYTES = 64 * 2**20  # a month of minutes unpacks to 6 MB
_DIGEST = re.compile(r"^\s*([0-9a-fA-F]{64})\b")


@dataclass(frozen=True, slots=True)
class BulkFile:
    """One ZIP of the site: a UTC month or day of one symbol's minutes."""

    symbol: str
    span: Span
    is_month: bool

    @property
    def name(self) -> str:
        """``BTCUSDT-1m-2026-02.zip``."""
        day = iso_minute(self.span.first_ms)[:10]
        return f"{self.symbol}-1m-{day[:7] if self.is_month else day}.zip"

    def path(self, product: Product) -> str:
        """Path on the site."""
        folder = "futures/um" if product is FUTURES else "spot"
        kind = "monthly" if self.is_month else "daily"
        return f"/data/{folder}/{kind}/klines/{self.symbol}/1m/{self.name}"

    def days(self) -> Iterator["BulkFile"]:
        """The daily files of a month, oldest first."""
        for first in range(self.span.first_ms, self.span.end_ms, _DAY_MS):
            yield BulkFile(self.symbol, Span(first, first + _DAY_MS), is_month=False)


@dataclass(frozen=True, slots=True)
class BulkMonth:
    """Candles of one bulk file, verified, and where they came from."""

    candles: pd.DataFrame
    source: Source


def files_for(symbol: str, missing: list[Span], now_ms: int) -> list[BulkFile]:
    """Files worth downloading for ``missing``, oldest first.

    A month that is over and lacks more than two days as a month, else each day that is over and
    lacks more than six hours. The rest is cheaper page by page.
    """
    chosen: list[BulkFile] = []
    hull = Span(missing[0].first_ms, missing[-1].end_ms) if missing else Span(0, 0)
    for part in hull.by_month():
        month = BulkFile(symbol, whole_month(part.first_ms), is_month=True)
        if month.span.end_ms <= now_ms and _lacks(month.span, missing) > 2 * _DAY_MS:
            chosen.append(month)
            continue
        chosen += [
            day
            for day in month.days()
            if day.span.end_ms <= now_ms and _lacks(day.span, missing) > 6 * HOUR_MS
        ]
    return chosen


def bulk_http(
    settings: FetchSettings, *, clock: Clock, transport: httpx.BaseTransport | None = None
) -> Http:
    """The shared client, set up for the bulk site."""
    dialect = Dialect(
        venue="binance bulk",
        base_url=settings.binance_bulk_url,
        retry_after_s=1.0,
        explain=lambda body: None,
        heed=lambda headers, pace, now_s: None,
    )
    return Http(dialect, settings, Pace(20, 1.0, clock), clock=clock, transport=transport)


class BulkSite:
    """Downloads and verifies; raises what :meth:`Http.get` raises."""

    def __init__(self, http: Http, product: Product = FUTURES) -> None:
        self.http, self.product = http, product

    def digest(self, file: BulkFile) -> str | None:
        """The sha256 that the site publishes for ``file``, None if it has no such file (yet)."""
        path = file.path(self.product) + CHECKSUM_SUFFIX
        return self.http.get_if_there(path, _digest)

    def load(self, file: BulkFile) -> BulkMonth | None:
        """Verified candles of ``file``, None if the site does not have it (yet).

        Raises
        ------
        ChecksumError
            The bytes differ from the published digest, also when both are fetched again.
        """
        for is_last in (False, True):
            digest = self.digest(file)
            if digest is None:
                return None
            try:
                return self.http.get_if_there(
                    file.path(self.product), partial(_unpack, told=digest, file=file)
                )
            except ChecksumError:
                # a file that is issued again between the two downloads differs only once
                if is_last:
                    raise
        raise AssertionError("the loop returns or raises")


def _digest(body: bytes, place: str) -> str:
    found = _DIGEST.match(body[:200].decode("ascii", errors="replace"))
    if found is None:
        raise FormatError(f"{place}: begins with {body[:20]!r}, not with a sha256 of 64 hex digits")
    return found.group(1).lower()


def _unpack(body: bytes, place: str, told: str, file: BulkFile) -> BulkMonth:
    digest = hashlib.sha256(body).hexdigest()
    if digest != told:
        raise ChecksumError(
            f"{place}: sha256 is {digest[:16]}..., {file.name}{CHECKSUM_SUFFIX} says "
            f"{told[:16]}...; the download is damaged or the file is being replaced: run it again"
        )
    member = take_out(body, place=place, most_bytes=_MOST_BYTES)
    raw = read_csv(member.data, "binance", place=place, is_whole=True)
    candles, notes = finish(raw.table, place=place, now=None)
    inside = rows_inside(candles, file.span, place=place, whole="the period in the file's name")
    if inside is None or len(inside) < len(candles):
        raise FormatError(f"{place}: holds minutes of another period; fetch it again later")
    layout = f"{raw.layout}, checksum verified"
    source = Source(
        name=file.name, sha256=digest, layout=layout, rows=len(candles), notes=raw.notes + notes
    )
    return BulkMonth(candles, source)


def whole_month(ms: int) -> Span:
    """The UTC month that holds ``ms``."""
    month = np.datetime64(ms, "ms").astype("datetime64[M]")
    first, end = (int(at.astype("datetime64[ms]").astype(np.int64)) for at in (month, month + 1))
    return Span(first, end)


def _lacks(span: Span, missing: list[Span]) -> int:
    return covered_ms(part for hole in missing if (part := hole.cut(span)))

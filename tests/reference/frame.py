"""Two lists of candles on one complete minute grid, and which of its minutes are comparable."""

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

NAN = math.nan
VENUES = ("binance", "dydx")
PRICES = ("open", "high", "low", "close")
FIELDS = (*PRICES, "volume", "trades")

Frame = dict[str, list[float]]
"""Equally long lists under the frame's column names; NaN is missing."""


class Candle(NamedTuple):
    """One delivered bar; `minute` counts minutes from 1970-01-01 UTC to the bar's open."""

    minute: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    trades: float = NAN  # NaN: this source does not count trades


def build_frame(
    binance: Sequence[Candle],
    dydx: Sequence[Candle],
    funding: Iterable[tuple[int, float]] = (),
    *,
    halt_min: float = 30,
    settle_min: int = 5,
) -> tuple[list[int], Frame]:
    """Return the minutes that both venues span, and the frame's columns on them.

    Both venues are blank on the minutes that a halt of either leaves out.
    """
    if not binance or not dydx:
        return [], empty_frame()
    first = max(min(c.minute for c in binance), min(c.minute for c in dydx))
    last = min(max(c.minute for c in binance), max(c.minute for c in dydx))
    minutes = list(range(first, last + 1))
    frame = empty_frame()
    left_out = {m for c in (binance, dydx) for m in halted_minutes(c, halt_min, settle_min)}
    for venue, candles in (("binance", binance), ("dydx", dydx)):
        delivered = {c.minute: c for c in candles}
        for field in FIELDS:
            frame[f"{venue}_{field}"] = [
                getattr(delivered[m], field) if m in delivered and m not in left_out else NAN
                for m in minutes
            ]
        frame[f"{venue}_age_min"] = age_min(minutes, candles)
    paid = dict(funding)
    frame["funding_rate"] = [paid.get(m, 0.0) for m in minutes]
    return minutes, frame


def empty_frame() -> Frame:
    """Return a frame of no rows with all its columns."""
    names = [f"{venue}_{field}" for venue in ("binance", "dydx") for field in FIELDS]
    return {name: [] for name in [*names, "binance_age_min", "dydx_age_min", "funding_rate"]}


def has_traded(candle: Candle) -> bool:
    """Return whether the bar holds a trade: by its count, by its volume where none is given."""
    return candle.volume > 0 if math.isnan(candle.trades) else candle.trades > 0


def halted_minutes(candles: Sequence[Candle], halt_min: float, settle_min: int) -> set[int]:
    """Return what a venue's silences of more than `halt_min` minutes leave out of a frame.

    All of the stretch but its first minute, and `settle_min` minutes after it.
    """
    traded = sorted(c.minute for c in candles if has_traded(c))
    first, last = min(c.minute for c in candles), max(c.minute for c in candles)
    out: set[int] = set()
    for before, after in pairwise([first - 1, *traded, last + 1]):
        if after - before - 1 > halt_min:
            out.update(range(before + 2, after + settle_min))
    return out


def priced(frame: Frame) -> Frame:
    """Return the frame without the prices of minutes in which their venue did not trade."""
    out = dict(frame)
    for venue in VENUES:
        counts = zip(frame[f"{venue}_volume"], frame[f"{venue}_trades"], strict=True)
        silent = [volume == 0 and (math.isnan(n) or n == 0) for volume, n in counts]
        for field in PRICES:
            values = zip(frame[f"{venue}_{field}"], silent, strict=True)
            out[f"{venue}_{field}"] = [NAN if is_silent else x for x, is_silent in values]
    return out


def as_read(frame: Frame, flat_is_price: bool) -> Frame:
    """Return the frame as a model reads it: the plain one takes flat candles for prices."""
    return frame if flat_is_price else priced(frame)


def age_min(minutes: Sequence[int], candles: Sequence[Candle]) -> list[float]:
    """Return minutes since the venue last traded, NaN before its first trade, one per minute.

    A minute that was not delivered ages like one without a trade. A trade before the first of
    `minutes` counts: it is known by then.
    """
    traded = sorted(c.minute for c in candles if has_traded(c))
    known = [bisect_right(traded, m) for m in minutes]  # how many trading minutes up to m
    return [float(m - traded[k - 1]) if k else NAN for m, k in zip(minutes, known, strict=True)]


def is_comparable(frame: Frame, t: int, max_age_min: float) -> bool:
    """Return whether both closes of row t are there and dYdX's is no older than allowed.

    An infinite `max_age_min` is no age filter: an unknown age passes too.
    """
    if math.isnan(frame["binance_close"][t]) or math.isnan(frame["dydx_close"][t]):
        return False
    return math.isinf(max_age_min) or frame["dydx_age_min"][t] <= max_age_min

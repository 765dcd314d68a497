"""One closed minute of both venues as it comes in."""

from collections.abc import Iterator, Mapping
from math import nan
from typing import NamedTuple

from research.frame.frame import Frame

__all__ = ["LiveMinute", "minutes_of_frame"]


class LiveMinute(NamedTuple):
    """A minute that is over. Prices in dYdX's units (``price_scale``); NaN: unknown, missing.

    A venue that delivered nothing has NaN in all its fields. ``trades`` decide whether it traded,
    or ``volume`` where they are NaN, as in frames.
    """

    minute: int  # epoch minute of its open, UTC
    binance_open: float = nan
    binance_high: float = nan
    binance_low: float = nan
    binance_close: float = nan
    binance_volume: float = nan
    binance_trades: float = nan
    dydx_open: float = nan
    dydx_high: float = nan
    dydx_low: float = nan
    dydx_close: float = nan
    dydx_volume: float = nan
    dydx_trades: float = nan
    funding_rate: float = 0.0  # of dYdX, on the row of the hour at which it is paid
    binance_funding_rate: float = 0.0
    dydx_bad_print: float = 0.0  # 1: quality does not believe its high and low
    dydx_age_min: float = nan  # minutes since dYdX traded; NaN: the stream counts them
    scores: Mapping[str, float] = {}  # columns beside the features that filters ask for

    @property
    def binance_traded(self) -> bool:
        """Whether Binance has a price in it."""
        return _traded(self.binance_close, self.binance_volume, self.binance_trades)

    @property
    def dydx_traded(self) -> bool:
        """Whether dYdX has a price in it."""
        return _traded(self.dydx_close, self.dydx_volume, self.dydx_trades)


def _traded(close: float, volume: float, trades: float) -> bool:
    """As :func:`research.data.tables.traded.has_traded`."""
    if close != close:
        return False
    return volume != 0 if trades != trades else trades > 0


def minutes_of_frame(frame: Frame) -> Iterator[LiveMinute]:
    """The rows of ``frame`` as they would have come in: for warm starts and replays."""
    columns_there = [str(name) for name in frame.table]
    names = [name for name in LiveMinute._fields[1:-1] if name in columns_there]
    others = [name for name in columns_there if name not in LiveMinute._fields]
    columns = [frame.table[name].tolist() for name in (*names, *others)]
    for minute, *values in zip(frame.minute.tolist(), *columns, strict=True):
        known = dict(zip((*names, *others), values, strict=True))
        scores = {name: known.pop(name) for name in others}
        yield LiveMinute(minute=minute, scores=scores, **known)

"""What is wrong with the market at one moment: the causes that stand in a snapshot."""

import math
from collections.abc import Iterator
from typing import NamedTuple

from strategies.bot.guards import Guards as GuardLimits
from strategies.live.risk.bands import Bands, bands_of
from strategies.live.risk.causes import Cause
from strategies.live.risk.fills import Fill, fill_of
from strategies.live.risk.market import MarketSnapshot, VenueQuote
from strategies.live.settings import RiskSettings

__all__ = ["Signs", "signs_of"]


class Signs(NamedTuple):
    """The causes, and the numbers behind them; None: unknown. Diffs and gaps are fractions."""

    causes: list[Cause]
    bands: Bands
    max_binance_age_ms: float
    max_dydx_age_ms: float
    size_base: float | None = None
    buy: Fill | None = None
    sell: Fill | None = None
    diff_buy: float | None = None  # (fill - Binance mid) / Binance mid
    diff_sell: float | None = None
    oracle_gap: float | None = None


def signs_of(
    now_ms: float,
    market: MarketSnapshot,
    limits: GuardLimits,
    settings: RiskSettings,
    *,
    share: float = 1.0,
) -> Signs:
    """The causes in ``market``.

    Parameters
    ----------
    share
        Of each limit: below 1 while a state is to be left, so that it does not flicker.
    """
    bands = bands_of(
        limits.spread,
        settings,
        vol_1s=market.vol_1s,
        book_spread=market.dydx.spread,
        latency_ms=market.latency_ms,
    )
    causes = [
        *_venue(now_ms, market.binance, limits.max_binance_age_ms * share, settings, _BINANCE),
        *_venue(now_ms, market.dydx, limits.max_dydx_age_ms * share, settings, _DYDX),
    ]
    known = (causes, bands, limits.max_binance_age_ms, limits.max_dydx_age_ms)
    binance_mid, dydx_mid = market.binance.mid, market.dydx.mid
    is_sound = _is_sound(market.binance) and _is_sound(market.dydx)
    if binance_mid is None or dydx_mid is None or not is_sound:
        return Signs(*known)
    size = limits.order_usdt / dydx_mid
    buy, sell = fill_of(market.dydx.asks, size), fill_of(market.dydx.bids, size)
    diff_buy, diff_sell = (
        None if fill is None else (fill.price - binance_mid) / binance_mid for fill in (buy, sell)
    )
    # a book too thin for the order still has a price: the guard of depth refuses, not the state
    worst = max(
        abs(dydx_mid - binance_mid) / binance_mid, abs(diff_buy or 0.0), abs(diff_sell or 0.0)
    )
    if worst > bands.halt * share:
        causes.append(Cause.DIFF_HALT)
    elif worst > bands.entry * share:
        causes.append(Cause.DIFF_SUSPECT)
    gap = _oracle_gap(now_ms, market, dydx_mid, settings)
    if gap is None:
        causes.append(Cause.ORACLE_UNKNOWN)
    elif gap > limits.spread.oracle_halt * share:
        causes.append(Cause.ORACLE_HALT)
    elif gap > limits.spread.oracle_warn * share:
        causes.append(Cause.ORACLE_WARN)
    return Signs(*known, size, buy, sell, diff_buy, diff_sell, gap)


class _Venue(NamedTuple):
    """The causes of one venue."""

    disconnected: Cause
    stale: Cause
    ahead: Cause
    empty: Cause
    one_sided: Cause
    crossed: Cause
    wrong: Cause


_BINANCE, _DYDX = (
    _Venue(*(Cause[f"{venue}_{name.upper()}"] for name in _Venue._fields))
    for venue in ("BINANCE", "DYDX")
)


def _venue(
    now_ms: float, quote: VenueQuote, max_age_ms: float, settings: RiskSettings, named: _Venue
) -> Iterator[Cause]:
    if not quote.is_connected:
        yield named.disconnected
    if not quote.age_ms(now_ms) <= max_age_ms:  # NaN is stale
        yield named.stale
    if quote.ahead_ms(now_ms) > settings.max_ahead_ms:
        yield named.ahead
    if not quote.bids and not quote.asks:
        yield named.empty
    elif not quote.bids or not quote.asks:
        yield named.one_sided
    elif not _is_sound(quote):
        yield named.wrong
    elif quote.bids[0][0] >= quote.asks[0][0]:
        yield named.crossed


def _is_sound(quote: VenueQuote) -> bool:
    for levels, towards in ((quote.bids, -1.0), (quote.asks, 1.0)):
        last = -math.inf
        for price, size in levels:
            if not (0 < price < math.inf and 0 < size < math.inf and price * towards > last):
                return False
            last = price * towards
    return True


def _oracle_gap(
    now_ms: float, market: MarketSnapshot, dydx_mid: float, settings: RiskSettings
) -> float | None:
    oracle, at = market.oracle, market.oracle_ms
    if oracle is None or at is None or not 0 < oracle < math.inf:
        return None
    if not 0 <= now_ms - at + settings.max_ahead_ms <= settings.max_oracle_age_sec * 1000:
        return None
    return abs(dydx_mid - oracle) / oracle

"""Candles as each venue would print them over synthetic paths."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from research.data.synthetic.paths import STEPS, Paths
from research.data.tables.schema import candle_table

__all__ = ["binance_candles", "dydx_candles", "hourly_funding"]

_BINANCE_TICKS = 10  # per unit of price: 0.1 at BTC
_DYDX_TICKS = 1
_BINANCE_VOLUME = 45.0  # median a minute, in the base asset
_DYDX_VOLUME = 0.66
_BINANCE_TRADE = 0.045  # mean size
_DYDX_TRADE = 0.055
_FUNDING_STEP = 1.25e-7  # rates seen on the chain are multiples of this

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]


def binance_candles(generator: np.random.Generator, minutes: _Ints, paths: Paths) -> pd.DataFrame:
    """Binance candle table; the open is the first trade, next to the close before it."""
    prices = _on_ticks(np.exp(paths.binance), _BINANCE_TICKS)
    volume = _volume(generator, paths, _BINANCE_VOLUME, power=1.45, surprise=0.45)
    columns = _candle(prices) | {
        "volume": np.round(volume, 3),
        "trades": _trades(generator, volume, _BINANCE_TRADE),
        "quote_volume": np.round(volume * prices.mean(axis=0), 5),
    }
    return candle_table(minutes, columns)


def dydx_candles(
    generator: np.random.Generator,
    minutes: _Ints,
    paths: Paths,
    *,
    noise_pct: float,
    no_trade_share: float,
) -> pd.DataFrame:
    """dYdX candle table with order-book mids.

    A minute without a trade is the indexer's: flat at the last traded price, no trades, no
    volume, while the mids move on. The first minute always trades.
    """
    n = len(minutes)
    noise = noise_pct / 100 * generator.standard_normal((STEPS + 1, n))
    prices = _on_ticks(np.exp(paths.dydx) * (1 + noise), _DYDX_TICKS)
    volume = _volume(generator, paths, _DYDX_VOLUME, power=1.5, surprise=1.1)
    trades = _trades(generator, volume, _DYDX_TRADE)
    traded = _traded(generator, paths.volatility, no_trade_share)
    last = np.maximum.accumulate(np.where(traded, np.arange(n), 0))
    stale = prices[-1, last]
    candle = {name: np.where(traded, values, stale) for name, values in _candle(prices).items()}
    mids = np.round(np.exp(paths.dydx[[0, -1]]) * 4) / 4
    columns = candle | {
        "volume": np.where(traded, np.round(volume + 5e-5, 4), 0.0),
        "trades": np.where(traded, trades, 0.0),
        "mid_open": mids[0],
        "mid_close": mids[1],
    }
    return candle_table(minutes, columns)


def hourly_funding(generator: np.random.Generator, minutes: _Ints, basis_pct: _Floats) -> pd.Series:
    """dYdX funding at every full hour of ``minutes``: the premium of the hour before, thinned."""
    totals = np.concatenate(([0.0], np.cumsum(basis_pct)))
    rows = np.flatnonzero(minutes % 3_600_000 == 0)
    begin = np.maximum(rows - 60, 0)
    premium = (totals[rows] - totals[begin]) / np.maximum(rows - begin, 1) / 100
    rates = 2e-6 + premium * 0.01 + 1.5e-6 * generator.standard_normal(len(rows))
    index = pd.DatetimeIndex(minutes[rows].astype("datetime64[ms]"), name="minute")
    steps = np.rint(rates / _FUNDING_STEP)
    return pd.Series(steps * _FUNDING_STEP, index=index.tz_localize("UTC"), name="rate")


def _candle(prices: _Floats) -> dict[str, _Floats]:
    return {
        "open": prices[0],
        "high": prices.max(axis=0),
        "low": prices.min(axis=0),
        "close": prices[-1],
    }


def _on_ticks(prices: _Floats, per_unit: int) -> _Floats:
    # a division of whole numbers is the float that the decimal text would give
    return np.asarray(np.rint(prices * per_unit) / per_unit)


def _volume(
    generator: np.random.Generator, paths: Paths, median: float, *, power: float, surprise: float
) -> _Floats:
    span = np.ptp(paths.binance, axis=0)  # a minute that moved was a minute that traded
    excited = np.sqrt(paths.volatility / np.median(paths.volatility) * span / np.median(span))
    noise = np.exp(surprise * generator.standard_normal(len(excited)))
    return np.asarray(median * excited**power * noise)


def _trades(generator: np.random.Generator, volume: _Floats, size: float) -> _Floats:
    varied = volume / size * np.exp(0.3 * generator.standard_normal(len(volume)))
    return np.maximum(np.rint(varied), 1.0)


def _traded(
    generator: np.random.Generator, volatility: _Floats, no_trade_share: float
) -> NDArray[np.bool_]:
    calm = 1 / volatility
    chance = np.minimum(no_trade_share * calm / calm.mean(), 0.5)
    traded = generator.random(len(volatility)) >= chance
    traded[0] = True
    return np.asarray(traded)

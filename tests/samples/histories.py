"""Candles with everything that a cut may fall into: gaps, flat candles, halts of either venue."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from research.data.synthetic.market import SyntheticPair, SyntheticSpec, synthesize
from research.data.tables.schema import Venue
from sweeps.settings import Settings
from sweeps.verdict.audit.history import CandleHistory

HALT = (1300, 1390)  # rows without a dYdX trade
BINANCE_HALT = (2200, 2245)


@cache
def pair_of(days: float, seed: int, edge: float = 1.0) -> SyntheticPair:
    return synthesize(SyntheticSpec(days=days, seed=seed, edge=edge))


def quiet_history(days: float = 2.0, seed: int = 5, edge: float = 1.0) -> CandleHistory:
    """The embedded market as it is."""
    pair = pair_of(days, seed, edge)
    return CandleHistory(binance=pair.binance, dydx=pair.dydx, funding=pair.funding, market="QUIET")


def broken_history(days: float = 2.0, seed: int = 5, edge: float = 1.0) -> CandleHistory:
    """The same with silences of every kind: flat, missing, short, long, of both venues."""
    pair = pair_of(days, seed, edge)
    draw = np.random.default_rng(seed)
    starts = draw.choice(len(pair.dydx), size=30, replace=False)
    short = np.unique([row for start in starts for row in range(start, start + 1 + start % 12)])
    short = short[short < len(pair.dydx)]
    dydx = flat(pair.dydx, np.arange(*HALT))
    dydx = flat(dydx, short[::2])
    dydx = dydx.drop(dydx.index[np.setdiff1d(short[1::2], [0, len(dydx) - 1])])
    binance = pair.binance.drop(pair.binance.index[slice(*BINANCE_HALT)])
    binance = binance.drop(binance.index[700:709])
    return CandleHistory(
        binance=binance,
        dydx=dydx,
        funding=pair.funding.iloc[3:].drop(pair.funding.index[20]),
        binance_funding=pair.funding.iloc[4::8] * 2,
        market="BROKEN",
    )


def flat(candles: pd.DataFrame, rows: "np.typing.NDArray[np.int64]") -> pd.DataFrame:
    """``candles`` without a trade on ``rows``: the last close before, no volume."""
    table = candles.copy()
    for row in rows[rows > 0]:
        close = table["close"].iat[row - 1]
        table.iloc[row, [table.columns.get_loc(n) for n in ("open", "high", "low", "close")]] = (
            close
        )
        table.iloc[row, [table.columns.get_loc(n) for n in ("volume", "trades")]] = 0.0
    return table


@cache
def week_history(shared_data: Path) -> CandleHistory:
    """The recorded BTC week, read by pandas alone."""
    folder, tables = shared_data / "btc_week", {}
    names: dict[Venue, tuple[str, str]] = {
        "binance": ("binance_um_BTCUSDT_1m.csv", "open_time"),
        "dydx": ("dydx_BTC-USD_1MIN.csv", "timestamp"),
    }
    for venue, (name, column) in names.items():
        table = pd.read_csv(folder / name, comment="#")
        unit = "ms" if column == "open_time" else None
        table.index = pd.DatetimeIndex(pd.to_datetime(table[column], unit=unit, utc=True))
        table.index = table.index.as_unit("ms")
        table["trades"] = table.get("count", np.nan)
        tables[venue] = table
    return CandleHistory(binance=tables["binance"], dydx=tables["dydx"], market="BTC")


def settings_of_audits() -> Settings:
    """A short basis, so that two days are enough to trade on."""
    return Settings.model_validate({"features": {"basis_min": 120}})

"""The synthetic market as tests use it: small, made once."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from research.data.synthetic.market import SyntheticSpec
from research.features.panel import Panel, features
from research.frame.frame import Frame, build_frame
from research.frame.load import synthetic_frame


@cache
def small_frame(edge: float = 1.0, days: float = 4.0, seed: int = 7) -> Frame:
    """Four days: enough for every feature but the slowest."""
    return synthetic_frame(SyntheticSpec(days=days, seed=seed, edge=edge))


@cache
def small_panel(edge: float = 1.0, days: float = 4.0, seed: int = 7) -> Panel:
    frame = small_frame(edge, days, seed)
    return features(frame, train_rows=int(len(frame) * 0.7))


@cache
def week_panel(shared_data: Path) -> Panel:
    """The recorded BTC week, read by pandas alone: no importer between the data and the law."""
    folder = shared_data / "btc_week"
    binance = pd.read_csv(folder / "binance_um_BTCUSDT_1m.csv")
    binance.index = pd.DatetimeIndex(pd.to_datetime(binance["open_time"], unit="ms", utc=True))
    binance["trades"] = binance["count"]
    dydx = pd.read_csv(folder / "dydx_BTC-USD_1MIN.csv", comment="#")
    dydx.index = pd.DatetimeIndex(pd.to_datetime(dydx["timestamp"]))
    dydx["trades"] = np.nan
    binance.index, dydx.index = binance.index.as_unit("ms"), dydx.index.as_unit("ms")
    return features(build_frame(binance, dydx, market="BTC"))

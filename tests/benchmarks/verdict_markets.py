"""Markets whose truth is known: without an edge, with a planted one, real without their lead."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from research.data.files.read import read_candles
from research.data.synthetic.market import SyntheticSpec
from research.features.panel import features
from research.frame.frame import Frame, build_frame
from research.frame.load import synthetic_frame
from research.leadlag.placebo import placebo

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
FIXED = ("spread_day", "lead_day", "swapped")  # no draw in them: one frame each
DRAWN = ("spread_circular", "spread_blocks", "lead_circular", "lead_blocks", "lead_signs")
MONTHS = (
    "binance_long/BTCUSDT_1m_2025-05-04_2025-06-03.feather",
    "binance_long/ETHUSDT_1m_2025-05-04_2025-06-15.feather",
    "binance_vision/LINKUSDT-1m-2026-02.zip",
)
_CUT_DAYS = 21
_BLOCK = 240  # minutes of a spread that stay together
_DAY = 1440


@dataclass(frozen=True, slots=True)
class Planted:
    """A planted lead and what the best set of the default grid earns there (600-day market)."""

    bps: float  # net a trade
    move_pct: float
    lag_min: float
    trades_a_day: float  # of both sides

    def spec(self, trades: int, seed: int) -> SyntheticSpec:
        """A market long enough for so many trades of the best set, both sides together."""
        return SyntheticSpec(
            days=max(trades / self.trades_a_day, 5.0),
            seed=seed,
            edge=1.0,
            move_pct=self.move_pct,
            lag_min=self.lag_min,
        )


PLANTED = {
    "3bps": Planted(3.4, 0.15, 1.5, 1.73),
    "5bps": Planted(5.2, 0.19, 2.0, 2.94),
    "10bps": Planted(10.0, 0.27, 1.5, 3.55),
}
"""Measured by ``bench_verdict.py --case planted``."""


def without_edge(count: int, first_seed: int = 1) -> Iterator[Frame]:
    """Thirty synthetic days in which dYdX is never late."""
    for seed in range(first_seed, first_seed + count):
        yield synthetic_frame(SyntheticSpec(days=30, seed=seed, edge=0.0))


def real_without_lead(number: int) -> Frame:
    """The ``number``-th real market whose lead was destroyed, no two of them alike.

    Two of three are the recorded week under a placebo (first the three that have no draw in them,
    then five in turn, seed by seed), one of three is a cut of real Binance months as dYdX, with
    Binance made of it less the week's spread of other minutes.
    """
    if number % 3 < 2:
        which = number // 3 * 2 + number % 3
        if which < len(FIXED):
            return placebo(recorded_week(), FIXED[which])
        seed, kind = divmod(which - len(FIXED), len(DRAWN))
        return placebo(recorded_week(), DRAWN[kind], seed=seed + 1)
    return _month(number // 3)


@cache
def recorded_week() -> Frame:
    folder = SHARED / "btc_week"
    binance = read_candles(folder / "binance_um_BTCUSDT_1m.csv", "binance").candles
    dydx = read_candles(folder / "dydx_BTC-USD_1MIN.csv", "dydx").candles
    return build_frame(binance, dydx, market="BTC")


@cache
def _candles(name: str) -> pd.DataFrame:
    return read_candles(SHARED / name, "binance").candles


@cache
def _week_excess() -> np.ndarray:
    excess = features(recorded_week()).spread_excess_pct
    return excess[~np.isnan(excess)]


def _month(which: int) -> Frame:
    rng = np.random.default_rng(1000 + which)
    follower = _candles(MONTHS[which % len(MONTHS)])
    start = int(rng.integers(0, max(len(follower) - _CUT_DAYS * _DAY, 1)))
    dydx = follower.iloc[start : start + _CUT_DAYS * _DAY].copy()
    excess = _week_excess()
    firsts = rng.integers(0, excess.size - _BLOCK, -(-len(dydx) // _BLOCK))
    spread = np.concatenate([excess[i : i + _BLOCK] for i in firsts])[: len(dydx)]
    binance = dydx.copy()
    for name in ("open", "high", "low", "close"):
        binance[name] = dydx[name] / (1 + spread / 100)
    if dydx["trades"].isna().all():
        dydx["trades"] = binance["trades"] = np.where(dydx["volume"] > 0, 1.0, 0.0)
    return build_frame(binance, dydx, market=f"MONTH{which}", is_synthetic=True)

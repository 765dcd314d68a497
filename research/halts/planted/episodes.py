"""Planted HALTs: a minute of two made-up feeds in which one thing goes wrong, and the truth of it.

Binance is a path of prices on a 50 ms grid; both feeds read it late. What goes wrong is drawn so
that the planted part has the largest share by :data:`MARGIN` at least; the other two parts are
there as well, as they are in life.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from research.arrays import Floats

__all__ = ["AFTER_MS", "BEFORE_MS", "GATES", "Episode", "EpisodePlan", "Fault", "draw_episode"]

GATES: Final = {
    "reduce_diff": 0.015,
    "halt_diff": 0.03,
    "max_binance_age_ms": 1500.0,
    "max_dydx_age_ms": 3000.0,
}
MARGIN: Final = 0.08
STEP_MS: Final = 50
BEFORE_MS: Final = 30_000
AFTER_MS: Final = 10_000
_PER_STEP: Final = {"calm": 1e-5, "normal": 2.5e-5, "wild": 6e-5}  # std of a log return

Fault = Literal[
    "mid", "fill", "latency", "latency_gap", "latency_binance", "missing_field", "missing_history"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodePlan:
    """What shall go wrong."""

    fault: Fault
    regime: str
    start_price: float
    moment_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """Two feeds around one HALT. Offsets are fractions of the Binance path."""

    plan: EpisodePlan
    side: str  # buy or sell: the one that halts
    path: Floats  # (BEFORE_MS + AFTER_MS) / STEP_MS prices
    binance_lag_ms: int  # of the quote in the HALT's record
    dydx_lag_ms: int
    mid_offset: float  # dYdX mid over the path at dydx_ts, from the HALT on
    fill_offset: float  # expected fill of `side` over the dYdX mid, from the HALT on

    def price(self, ts_ms: int) -> float:
        """Binance at ``ts_ms``: the last step of the path at or before it."""
        step = (ts_ms - self.plan.moment_ms + BEFORE_MS) // STEP_MS
        return float(self.path[min(max(step, 0), len(self.path) - 1)])

    def prices(self, ts_ms: int) -> tuple[float, float, float]:
        """Binance mid, dYdX mid and the fill of ``side`` as a record at the HALT has them."""
        binance = round(self.price(ts_ms - self.binance_lag_ms), 2)
        dydx = round(self.price(ts_ms - self.dydx_lag_ms) * (1 + self.mid_offset), 1)
        return binance, dydx, round(dydx * (1 + self.fill_offset), 2)

    def parts(self) -> dict[str, float]:
        """The true parts of the diff at the HALT, fractions of the Binance mid."""
        binance, dydx, fill = self.prices(self.plan.moment_ms)
        then = self.price(self.plan.moment_ms - self.dydx_lag_ms)
        return {
            "fill": (fill - dydx) / binance,
            "latency": (then - binance) / binance,
            "mid": (dydx - then) / binance,
        }


def draw_episode(rng: np.random.Generator, plan: EpisodePlan) -> Episode:
    """An episode whose planted part leads clearly and whose diff passes the HALT threshold."""
    cause = plan.fault.split("_")[0]
    while True:
        planted = cause if cause != "missing" else str(rng.choice(["mid", "fill", "latency"]))
        episode = _draw(rng, plan, planted)
        parts = episode.parts()
        diff = sum(parts.values())
        shares = {name: part / diff for name, part in parts.items()}
        others = max(share for name, share in shares.items() if name != planted)
        is_side_right = (diff > 0) == (episode.side == "buy")
        if (
            abs(diff) >= GATES["halt_diff"] * 1.02
            and is_side_right
            and shares[planted] >= others + MARGIN
        ):
            return episode


def _draw(rng: np.random.Generator, plan: EpisodePlan, planted: str) -> Episode:
    sign = rng.choice([-1.0, 1.0])
    diff = sign * rng.uniform(1.03, 2.0) * GATES["halt_diff"]
    side_shares = dict(zip(("fill", "latency", "mid"), rng.uniform(-0.25, 0.3, 3), strict=True))
    side_shares[planted] = 0.0
    wanted = {name: share * diff for name, share in side_shares.items()}
    wanted[planted] = diff - sum(wanted.values())
    side = "buy" if sign > 0 else "sell"
    # a thin book is never better than the mid
    fill = abs(wanted["fill"]) * (1 if side == "buy" else -1)
    binance_lag, dydx_lag = _lags(rng, plan.fault, planted)
    path = _path(rng, plan, wanted["latency"], min(binance_lag, dydx_lag))
    return Episode(
        plan=plan,
        side=side,
        path=path,
        binance_lag_ms=binance_lag,
        dydx_lag_ms=dydx_lag,
        mid_offset=float(wanted["mid"]),
        fill_offset=float(fill),
    )


def _lags(rng: np.random.Generator, fault: Fault, planted: str) -> tuple[int, int]:
    binance, dydx = int(rng.integers(20, 120)), int(rng.integers(250, 900))
    if fault == "latency_binance":
        return int(rng.integers(1_900, 12_000)), int(rng.integers(60, 300))
    if fault == "latency_gap":
        return binance, int(rng.integers(3_200, 12_000))
    if fault == "missing_history":
        return binance, int(rng.integers(1_500, 2_900))
    if planted == "latency":
        return binance, int(rng.integers(1_000, 12_000))
    return binance, dydx


def _path(rng: np.random.Generator, plan: EpisodePlan, latency: float, fresh_lag_ms: int) -> Floats:
    """A random walk that moves as wanted, just before the fresher of the two quotes."""
    steps = (BEFORE_MS + AFTER_MS) // STEP_MS
    walk = np.cumsum(rng.normal(0, _PER_STEP[plan.regime], steps))
    end = (BEFORE_MS - fresh_lag_ms) // STEP_MS
    takes = int(rng.integers(3, 8))
    move = np.log1p(-latency if plan.fault != "latency_binance" else latency)
    ramp = np.clip((np.arange(steps) - (end - takes)) / takes, 0, 1) * move
    prices: Floats = plan.start_price * np.exp(walk + ramp)
    return prices

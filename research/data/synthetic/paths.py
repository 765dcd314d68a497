"""The prices behind a synthetic market: volatility, larger moves, late reaction, basis.

Everything is drawn from one generator in a fixed order that does not depend on the planted
edge, so that two markets of one seed differ in what dYdX does and in nothing else.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["STEPS", "Paths", "autoregress", "draw_paths"]

STEPS = 8  # nodes of a minute, 7.5 seconds apart

_SIGMA_PCT = 0.030  # median one-minute std; with the factors below the std is that of BTC
# share of the day's volatility by UTC hour: quiet late Asia, loud US opening
_HOURS = (
    1.05, 1.05, 1.00, 0.90, 0.75, 0.68, 0.66, 0.85, 0.95, 0.95, 0.82, 0.75,
    0.90, 1.15, 1.50, 1.40, 1.30, 1.18, 1.08, 0.98, 0.95, 0.85, 0.95, 0.98,
)  # fmt: skip
_WEEKEND = 0.75
# log volatility = days-long swings + hour-long clusters + the minute's own surprise
_SWING = (0.30, 2160.0)  # (std, minutes after which it has decayed to 1/e)
_CLUSTER = (0.42, 120.0)
_SURPRISE = 0.28
_BASIS_MIN = 3600.0

_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Paths:
    """Log prices at the nodes of every minute and what drove them; n minutes.

    Node 0 is the first instant of a minute, node STEPS its last: the last node of one minute and
    the first of the next are the same price. Nodes come first, so that a high is one pass.
    """

    binance: _Floats  # (STEPS + 1, n) log price
    dydx: _Floats  # (STEPS + 1, n) log mid price: late after larger moves, basis included
    basis_pct: _Floats  # (n,)
    volatility: _Floats  # (n,) of the minute, relative to its median


def autoregress(shocks: _Floats, decay: float) -> _Floats:
    """``x[t] = decay * x[t-1] + shocks[t]`` with ``x[-1] = 0``, shape (n,).

    By doubling: after k rounds x holds the last 2**k shocks, so log2(n) passes do.
    """
    x = shocks.copy()
    reach, weight = 1, decay
    while reach < len(x) and weight > 1e-18:
        x[reach:] += weight * x[:-reach]
        reach, weight = 2 * reach, weight * weight
    return x


def draw_paths(
    generator: np.random.Generator,
    minutes: _Floats,
    *,
    price: float,
    late_share: float,
    lag_min: float,
    moves_per_day: float,
    move_pct: float,
    basis_pct: float,
) -> Paths:
    """Paths over ``minutes`` (n,), minutes since 1970.

    Larger moves come ``moves_per_day`` times a day with a median of ``move_pct`` either way;
    dYdX follows ``late_share`` of them with the gap decaying by 1/e every ``lag_min``. Neither
    price has a drift or a memory of its own: without late moves nothing can be earned.
    """
    volatility = _volatility(generator, minutes)
    steps = generator.standard_normal((len(minutes), STEPS))
    steps *= (_SIGMA_PCT / 100 / np.sqrt(STEPS)) * volatility[:, np.newaxis]
    moves, draws = _larger_moves(generator, volatility, moves_per_day, move_pct)
    gap = autoregress(
        np.where(draws < late_share, moves, 0.0).ravel(), float(np.exp(-1 / (STEPS * lag_min)))
    )
    binance = np.log(price) + np.cumsum(steps + moves)
    basis = _basis(generator, len(minutes), basis_pct)
    return Paths(
        binance=_nodes(binance, np.log(price)),
        dydx=_nodes(binance - gap, np.log(price)) + np.log1p(basis / 100),
        basis_pct=basis,
        volatility=volatility,
    )


def _nodes(steps: _Floats, before: float) -> _Floats:
    inside = steps.reshape(-1, STEPS)
    nodes = np.empty((STEPS + 1, len(inside)))
    nodes[1:] = inside.T
    nodes[0, 0], nodes[0, 1:] = before, inside[:-1, -1]
    return nodes


def _volatility(generator: np.random.Generator, minutes: _Floats) -> _Floats:
    n = len(minutes)
    log = _SURPRISE * generator.standard_normal(n)
    for std, memory in (_SWING, _CLUSTER):
        log += _wander(generator, n, std, memory)
    hour = (minutes / 60) % 24
    # hours meet without a step: weights stand at half past
    weight = np.interp(hour, np.arange(-1, 25) + 0.5, [_HOURS[-1], *_HOURS, _HOURS[0]])
    weekday = (np.floor(minutes / 1440) + 3) % 7  # 1970-01-01 was a Thursday, Monday is 0
    weekend = np.where(weekday >= 5, _WEEKEND, 1.0)
    return np.asarray(weight * weekend * np.exp(log))


def _wander(generator: np.random.Generator, n: int, std: float, memory: float) -> _Floats:
    decay = float(np.exp(-1 / memory))
    shocks = std * np.sqrt(1 - decay * decay) * generator.standard_normal(n)
    shocks[0] = std * generator.standard_normal()  # begins in its stationary state
    return autoregress(shocks, decay)


def _larger_moves(
    generator: np.random.Generator, volatility: _Floats, per_day: float, median_pct: float
) -> tuple[_Floats, _Floats]:
    """Log moves on the grid of nodes (0 for most), and a uniform draw for each node."""
    n = len(volatility)
    chance = per_day / 1440 * np.minimum(volatility / volatility.mean(), 5.0)
    happens = generator.random(n) < chance
    size = median_pct / 100 * np.exp(0.35 * generator.standard_normal(n))
    side = np.where(generator.random(n) < 0.5, -1.0, 1.0)
    node = generator.integers(0, STEPS, n)
    moves = np.zeros((n, STEPS))
    moves[np.arange(n), node] = np.where(happens, side * size, 0.0)
    return moves, np.repeat(generator.random(n), STEPS).reshape(n, STEPS)


def _basis(generator: np.random.Generator, n: int, bound_pct: float) -> _Floats:
    wandering = _wander(generator, n, 0.35 * bound_pct, _BASIS_MIN)
    return np.asarray(bound_pct * np.tanh(wandering / bound_pct))

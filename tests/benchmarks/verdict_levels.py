"""How often each 5 % test rejects a true null, on trades shaped like those of TP and SL.

A trade wins ``tp`` or loses ``sl``, less the costs of a round trip; wins come exactly as often as
makes the mean 0, and the trades of one day share their luck. The shape matters: with a near TP and
a far SL most samples of fifteen trades hold one or two losses, and a test is misled by those that
hold none.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import norm

from research.arrays import Floats, Ints
from research.errors import EvidenceError
from research.statistics.mean_test import mean_test
from research.statistics.superiority import superiority

ALPHA = 0.05
COSTS_PCT = 0.12
SIZES = (15, 30, 100, 500)
_SHARED = 0.35  # of a day's luck, beside 1 of a trade's own: a correlation of 0.11
_SETS = 20
_KEPT = 0.7  # of the trades of a market that each set of it takes


@dataclass(frozen=True, slots=True)
class Shape:
    """Where trades end, percent before costs."""

    tp: float
    sl: float

    def drawn(self, rng: np.random.Generator, n: int, costs_pct: float) -> tuple[Floats, Ints]:
        """Pnl of ``n`` trades with a true mean of 0 after ``costs_pct``, and their days."""
        win, loss = self.tp - costs_pct, self.sl + costs_pct
        day = np.sort(rng.integers(0, days_of(n), n))
        luck = rng.standard_normal(day[-1] + 1)[day] * _SHARED + rng.standard_normal(n)
        bar = norm.isf(loss / (win + loss)) * np.sqrt(1 + _SHARED**2)
        return np.where(luck > bar, win, -loss), day


SHAPES: Mapping[str, Shape] = {
    "even": Shape(0.4, 0.4),  # after costs 65 wins in 100
    "near TP": Shape(0.2, 0.4),  # 87 wins: skewed to the left
    "far TP": Shape(0.8, 0.2),  # 32 wins: skewed to the right
}


def days_of(n: int) -> int:
    """Days that ``n`` trades are spread over: three a day, at least eight days."""
    return max(n // 3, 8)


def rejects_mean(rng: np.random.Generator, shape: Shape, n: int, seed: int) -> bool:
    """The test that decides: mean at most 0."""
    return _test(rng, shape, n, seed, lambda test: test.p_value <= ALPHA)


def rejects_holdout(rng: np.random.Generator, shape: Shape, n: int, seed: int) -> bool:
    """The holdout's refutation: mean at least 0."""
    return _test(rng, shape, n, seed, lambda test: test.upper < 0)


def _test(
    rng: np.random.Generator, shape: Shape, n: int, seed: int, says: Callable[[Any], bool]
) -> bool:
    net, day = shape.drawn(rng, n, COSTS_PCT)
    try:
        return bool(says(mean_test(net, day, seed=seed)))
    except EvidenceError:  # all alike: nothing is said
        return False


def rejects_signs(rng: np.random.Generator, shape: Shape, n: int, _: int) -> bool:
    """The placebo of random signs, on pnl before costs: that is what a lead must have moved."""
    gross, day = shape.drawn(rng, n, 0.0)
    sums = np.bincount(np.unique(day, return_inverse=True)[1], weights=gross)
    signs = rng.choice((-1.0, 1.0), (999, sums.size))
    return bool((1 + int(np.sum(signs @ sums >= sums.sum() - 1e-12))) / 1000 <= ALPHA)


def rejects_superiority(rng: np.random.Generator, shape: Shape, n: int, seed: int) -> bool:
    """SPA over sets of one market, which share most of their trades, day by day.

    At 15 and 30 trades it is refused: no set trades on days enough.
    """
    net, day = shape.drawn(rng, n, COSTS_PCT)
    takes = rng.random((_SETS, n)) < _KEPT
    daily = np.zeros((days_of(n), _SETS))
    for number, mine in enumerate(takes):
        np.add.at(daily[:, number], day[mine], net[mine])
    try:
        return superiority(daily, seed=seed, resamples=300).p_consistent <= ALPHA
    except EvidenceError:
        return False


TESTS: Mapping[str, Callable[[np.random.Generator, Shape, int, int], bool]] = {
    "mean": rejects_mean,
    "holdout": rejects_holdout,
    "random signs": rejects_signs,
    "SPA": rejects_superiority,
}


def levels(count: int, say: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """Shares of ``count`` true nulls that are rejected, by shape, test and number of trades."""
    told: dict[str, Any] = {"count": count, "rejects": {}}
    shares = []
    for shape_name, shape in SHAPES.items():
        for test_name, rejects in TESTS.items():
            row = {}
            for n in SIZES:
                rng = np.random.default_rng((5, n))
                hits = sum(rejects(rng, shape, n, number) for number in range(count))
                row[str(n)] = round(hits / count, 3)
            told["rejects"][f"{test_name}, {shape_name}"] = row
            shares += row.values()
            say(f"level: {test_name}, {shape_name}: {row}")
    return told | {"min": min(shares), "max": max(shares)}

"""One minute for all armed sets of a strategy: the filters, then the very step of its law.

The loop is compiled with the sets as data: 30 sets cost 2 us a minute, one compiled call each
would cost 3 us a set. Filters mean what :func:`strategies.law.filters.is_allowed` says.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from research.arrays import Floats, Records
from research.features.labels import REGIMES
from research.features.running import NAMES
from research.jit import kernel
from strategies.law.minute import Bar, Desk, State
from strategies.law.position import NEVER

__all__ = [
    "AGE",
    "BAD_PRINT",
    "BINANCE_CLOSE",
    "BINANCE_OPEN",
    "BINANCE_RATE",
    "CLOSE",
    "FEATURES",
    "HIGH",
    "KNOWN",
    "LOW",
    "OPEN",
    "PAID_RATE",
    "RATE",
    "REGIME",
    "SESSION",
    "SETS",
    "bits",
    "minute_stepper",
    "set_record",
]

FEATURES = len(NAMES)
OPEN, HIGH, LOW, CLOSE, BINANCE_OPEN, BINANCE_CLOSE = range(FEATURES, FEATURES + 6)
RATE, BINANCE_RATE, PAID_RATE, AGE, BAD_PRINT, SESSION, REGIME = range(FEATURES + 6, FEATURES + 13)
KNOWN = FEATURES + 13
"""Places in the row of what is known of a minute: features, then prices of dYdX and Binance (NaN:
not traded), rates of this row and last paid, minutes since dYdX traded, whether its print is bad,
labels (regime -1: unknown). Behind them the lead returns stand, one a window."""

_RAW, _EXCESS = NAMES.index("spread_pct"), NAMES.index("spread_excess_pct")
_RSI, _ALIGNED = NAMES.index("rsi_1m"), NAMES.index("mtf_aligned")
_ALL_REGIMES = 2 ** len(REGIMES) - 1

SETS = np.dtype(
    [
        ("side", np.int64),  # 0: either
        ("legs", np.int64),
        ("lead", np.int64),  # place of its lead return; -1: it looks at none
        ("is_excess", np.bool_),
        ("trusts_prints", np.bool_),
        ("max_age_min", np.float64),  # inf: any age
        ("sessions", np.int64),  # bits
        ("regimes", np.int64),  # bits
        ("needs_alignment", np.bool_),
        ("rsi", np.int64),  # place of the timeframe; -1: not asked
        ("rsi_min", np.float64),
        ("rsi_max", np.float64),
        ("max_funding_pct", np.float64),  # inf: not asked
        ("asks_score", np.bool_),
        ("score_min", np.float64),
        ("score", np.float64),  # of the minute at hand; NaN: unknown
        ("alive", np.int64),  # from here on its state
        ("ended", np.int64),
        ("last_entry", np.int64),
        ("last_spread", np.float64),
        ("news", np.bool_),  # the last minute changed something, or a fill is waited for
    ]
)


def minute_stepper(step: Callable[..., State]) -> Callable[..., int]:
    """The compiled loop that takes a minute for every set whose law is ``step``."""

    @kernel
    def step_all(
        sets: Records,
        positions: Records,
        closed: Records,
        terms: Any,
        known: Floats,
        t: int,
        may_enter: bool,
    ) -> int:
        news = 0
        for i in range(len(sets)):
            one = sets[i]
            state = State(one["alive"], 0, one["last_entry"], one["last_spread"])
            desk = Desk(positions[i], closed[i])
            bar = _bar(one, known, t, may_enter)
            news += _note(one, positions[i], step(state, bar, terms[i], desk))
        return news

    return step_all


@kernel
def _note(one: Any, positions: Records, state: State) -> int:
    """Keeps the state of a set; 1 where the minute made news of it."""
    is_new = state.ended > 0 or state.alive != one["alive"]
    for k in range(state.alive):
        is_new |= positions[k]["exit"] != NEVER or positions[k]["entered_at"] == NEVER
    one["alive"], one["ended"] = state.alive, state.ended
    one["last_entry"], one["last_spread"] = state.last_entry, state.last_spread
    one["news"] = is_new
    return 1 if is_new else 0


@kernel
def _bar(one: Any, known: Floats, t: int, may_enter: bool) -> Bar:
    spread = known[_EXCESS] if one["is_excess"] else known[_RAW]
    is_doubted = known[BAD_PRINT] > 0 and not one["trusts_prints"]
    rate = _known(known[RATE])
    if one["legs"] == 2:
        rate -= _known(known[BINANCE_RATE])
    is_fresh = one["max_age_min"] == np.inf or known[AGE] <= one["max_age_min"]
    return Bar(
        t,
        known[OPEN],
        np.nan if is_doubted else known[HIGH],
        np.nan if is_doubted else known[LOW],
        known[CLOSE],
        known[BINANCE_OPEN],
        known[BINANCE_CLOSE],
        spread,
        known[one["lead"]] if one["lead"] >= 0 else np.nan,
        is_fresh and not np.isnan(known[_RAW]),
        may_enter and _allows(one, spread, known),
        rate,
    )


@kernel
def _allows(one: Any, spread: float, known: Floats) -> bool:
    """Whether the filters of a set let an entry pass; what is unknown passes none that asks."""
    regime = int(known[REGIME])
    if one["sessions"] >> int(known[SESSION]) & 1 == 0:
        return False
    if one["regimes"] != _ALL_REGIMES and (regime < 0 or one["regimes"] >> regime & 1 == 0):
        return False
    side = float(one["side"]) if one["side"] != 0 else -np.sign(spread)
    if one["needs_alignment"] and known[_ALIGNED] != side:
        return False
    if one["rsi"] >= 0:
        rsi = known[_RSI + one["rsi"]]
        if not (rsi >= one["rsi_min"] and rsi <= one["rsi_max"]):
            return False
    asks_funding = one["max_funding_pct"] != np.inf
    if asks_funding and not side * known[PAID_RATE] * 100.0 <= one["max_funding_pct"]:
        return False
    return not one["asks_score"] or one["score"] >= one["score_min"]


@kernel
def _known(rate: float) -> float:
    return 0.0 if np.isnan(rate) else rate


def bits(names: tuple[str, ...], known: tuple[str, ...]) -> int:
    """Labels as bits."""
    return sum(1 << known.index(name) for name in set(names))


def set_record(values: Mapping[str, Any]) -> Records:
    """One row of :data:`SETS`, before the first minute."""
    made = np.zeros(1, SETS)
    made["score"], made["last_entry"], made["last_spread"] = np.nan, NEVER, np.nan
    for name, value in values.items():
        made[name] = value
    return made

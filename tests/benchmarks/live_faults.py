"""Seeded schedules of faults before the gate: nothing is entered on them, and all is well after.

One schedule is some minutes of a market in steps of half a second; in the first of them faults
come and go, then it is calm. What is known to be true of the market is kept apart from what the
gate is shown, so an entry on old or wrong data is counted as such.
"""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from strategies.live.gate import Gate
from strategies.live.risk import MarketSnapshot, RiskState, VenueQuote
from strategies.live.settings import GateSettings, RiskSettings
from tests.samples.gates import NOW, calm_gate, config, features, market, quote

KINDS = (
    *("cut", "silence", "stale", "reordered", "doubled", "wrong", "crossed", "one_sided"),
    *("empty", "clock_back", "clock_ahead", "venue_gone", "oracle_gone", "oracle_wrong"),
)
STEP_MS = 500.0
FAULTY_STEPS, CALM_STEPS = 240, 120
LIMIT_MS = 2000.0
CALM = calm_gate().to_dict()


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: what, where, from which step and for how many."""

    kind: str
    venue: str
    first: int
    steps: int
    strength: float


def schedule(seed: int) -> list[Fault]:
    """One to five faults within the faulty steps."""
    rng = np.random.default_rng(seed)
    return [
        Fault(
            kind=str(rng.choice(KINDS)),
            venue=str(rng.choice(["binance", "dydx"])),
            first=int(rng.integers(0, FAULTY_STEPS - 20)),
            steps=int(rng.integers(1, 60)),
            strength=float(rng.choice([-1.0, 1.0]) * rng.uniform(0.03, 0.9)),
        )
        for _ in range(rng.integers(1, 6))
    ]


@dataclass(slots=True)
class Shown:
    """What the gate is shown at one step, and whether it is wrong."""

    now_ms: float
    market: MarketSnapshot
    is_doubtful: bool


class Line:
    """The feed of one schedule: true quotes, and what faults make of them."""

    def __init__(self, seed: int) -> None:
        self._faults = schedule(seed)
        self._rng = np.random.default_rng(seed + 10_000)
        self._mid = 100_000.0
        self._kept: dict[str, VenueQuote] = {}
        self._true_ms: dict[str, float] = {}

    def at(self, step: int) -> Shown:
        """The market at one step, as shown."""
        true_ms = NOW + step * STEP_MS
        self._mid *= 1 + self._rng.normal(0, 1e-5)
        active = [each for each in self._faults if each.first <= step < each.first + each.steps]
        now_ms = true_ms + sum(_clock(each) for each in active)
        books = {name: self._book(name, true_ms, active) for name in ("binance", "dydx")}
        minute = int(now_ms // 60_000) - 1
        shown = market(
            now_ms,
            features=features(minute),
            oracle=self._mid,
            oracle_ms=true_ms - 500,
            **books,
        )
        shown = replace(shown, signals=tuple(s._replace(minute=minute) for s in shown.signals))
        is_doubtful = any(true_ms - self._true_ms.get(name, -1e18) > LIMIT_MS for name in books)
        for each in active:
            if each.kind == "oracle_gone":
                shown = replace(shown, oracle=None)
            if each.kind == "oracle_wrong":
                shown = replace(shown, oracle=self._mid * (1 + each.strength))
            is_doubtful |= each.kind in _DOUBTFUL
        return Shown(now_ms, shown, is_doubtful)

    def _book(self, name: str, true_ms: float, active: list[Fault]) -> VenueQuote:
        book, kept = quote(self._mid, true_ms), self._kept.get(name)
        mine = [each for each in active if each.venue == name]
        kinds = {each.kind for each in mine}
        is_held = kinds & {"silence", "cut", "venue_gone", "stale"} and kept is not None
        if kinds & {"reordered", "doubled"} and kept is not None and self._rng.random() < 0.5:
            is_held = True
        if is_held and kept is not None:
            book = kept
            if "stale" in kinds:  # an old book that comes in again and again
                book = replace(book, received_ms=true_ms)
        else:
            self._kept[name], self._true_ms[name] = book, true_ms
        for each in mine:
            book = _spoilt(book, each)
        return book


_DOUBTFUL = {"wrong", "crossed", "one_sided", "empty", "cut", "venue_gone", "oracle_wrong"}


def _clock(fault: Fault) -> float:
    jump = 30_000.0 * abs(fault.strength)
    return {"clock_back": -jump, "clock_ahead": jump}.get(fault.kind, 0.0)


def _spoilt(book: VenueQuote, fault: Fault) -> VenueQuote:
    match fault.kind:
        case "cut":
            return replace(book, is_connected=False)
        case "venue_gone":
            return replace(book, bids=(), asks=(), is_connected=False)
        case "wrong":
            factor = 1 + fault.strength
            moved = [tuple((p * factor, s) for p, s in side) for side in (book.bids, book.asks)]
            return replace(book, bids=moved[0], asks=moved[1])
        case "crossed":
            return replace(book, bids=book.asks, asks=book.bids)
        case "one_sided":
            return replace(book, **{"bids" if fault.strength > 0 else "asks": ()})
        case "empty":
            return replace(book, bids=(), asks=())
        case _:
            return book


def faults(count: int) -> dict[str, Any]:
    """``stale_entries``, ``crashes`` and ``recovered`` of ``count`` schedules."""
    told: Counter[str] = Counter()
    for seed in range(count):
        try:
            told.update(_one(seed))
        except Exception as error:
            told["crashes"] += 1
            told[f"crash {type(error).__name__}"] += 1
    names = ("stale_entries", "crashes", "recovered", "entries", "halted", "escaped")
    return {"schedules": count} | {name: told[name] for name in names}


def _one(seed: int) -> Counter[str]:
    gate, line = Gate(config(), RiskSettings(), GateSettings(max_signal_age_ms=60_000)), Line(seed)
    gate.restore(CALM)
    told: Counter[str] = Counter()
    states, last_ms, is_doubtful_clock = set(), NOW, False
    has_position = np.random.default_rng(seed).random() < 0.3
    for step in range(FAULTY_STEPS + CALM_STEPS):
        shown = line.at(step)
        in_faults = step < FAULTY_STEPS
        asked = replace(shown.market, open_positions=int(has_position and in_faults))
        if shown.market.features is not None:
            gate.minute(shown.market.features)
        decision = gate.decide(shown.now_ms, asked)
        # the look at which the clock has just gone back is doubtful, too
        is_doubtful_clock = shown.now_ms < last_ms
        last_ms = shown.now_ms
        states.add(decision.reading.state)
        told["entries"] += decision.allows
        told["stale_entries"] += decision.allows and (shown.is_doubtful or is_doubtful_clock)
    told["halted"] += RiskState.HALT in states
    told["escaped"] += RiskState.ESCAPE in states
    told["recovered"] += decision.allows and decision.reading.state is RiskState.CAN_TRADE
    return told

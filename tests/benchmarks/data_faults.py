"""Seeded fault schedules: the store of a fault-free fetch, or a typed error with the request."""

import collections
import tempfile
from pathlib import Path
from typing import Any

from research.data.fetch.job import Wanted
from research.data.fetch.market import fetch_market
from research.errors import LeadfollowError
from tests.exchange import Faults, running
from tests.exchange.arrange import (
    FIRST_MS,
    NAMES,
    VirtualClock,
    clock_of,
    exchange_of,
    settings_for,
    tree,
)

MINUTES = 1300
GAPS = {"binance_gaps": ((300, 5),), "dydx_gaps": ((299, 1), (700, 20))}


def run(count: int | None = None) -> dict[str, Any]:
    """``count`` schedules (200)."""
    figures: collections.Counter[str] = collections.Counter()
    faults: collections.Counter[str] = collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        _fetch(Path(folder, "clean"), Faults())
        expected = tree(Path(folder, "clean"))
        for seed in range(count or 200):
            root = Path(folder, str(seed))
            schedule = Faults(seed=seed, rate=0.05 + 0.08 * (seed % 8), slow_s=0.25)
            outcome = _outcome(root, schedule, expected)
            figures[outcome] += 1
            faults["injected"] += schedule.count
            if outcome != "equal":
                _fetch(root, Faults())
                figures["unequal_after_a_clean_fetch"] += tree(root) != expected
    bad = figures["silent_hole"] + figures["traceback"] + figures["unequal_after_a_clean_fetch"]
    return {
        "schedules": count or 200,
        "faults": faults["injected"],
        "equal": figures["equal"],
        "typed_error": figures["typed_error"],
        "silent_hole": figures["silent_hole"],
        "traceback": figures["traceback"],
        "unequal_after_a_clean_fetch": figures["unequal_after_a_clean_fetch"],
        "failures": bad,
    }


def _outcome(root: Path, faults: Faults, expected: dict[str, str]) -> str:
    try:
        _fetch(root, faults)
    except LeadfollowError as error:
        told = str(error)
        return "typed_error" if "GET http" in told or "empty answers" in told else "traceback"
    except Exception:
        return "traceback"
    return "equal" if tree(root) == expected else "silent_hole"


def _fetch(root: Path, faults: Faults) -> None:
    # the time stands still in the data, so that every schedule fetches the same span
    clock = clock_of(MINUTES)
    exchange = exchange_of(MINUTES, **GAPS)  # type: ignore[arg-type]
    exchange.faults = faults
    still = VirtualClock(clock.now_s)
    with running(exchange):
        settings = settings_for(exchange, timeout_s=0.12, attempts=5)
        wanted = Wanted(first_ms=FIRST_MS)
        ticking = still.as_clock()
        fetch_market(root, "BTC", NAMES, wanted, settings=settings, clock=ticking)

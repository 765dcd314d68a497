"""An exchange with a market in it, settings that point there, and a clock that nobody waits for."""

import hashlib
import threading
from pathlib import Path
from typing import Any

from research.clock import Clock
from research.data.tables.schema import MINUTE_MS
from research.settings.fetch import FetchSettings
from research.settings.market import MarketSettings
from tests.exchange.limits import Limits
from tests.exchange.minutes import VenueMinutes, make_minutes
from tests.exchange.server import LocalExchange

FIRST_MS = 1_764_547_200_000  # 2025-12-01T00:00Z
NAMES = MarketSettings(binance="BTCUSDT", dydx="BTC-USD")


class VirtualClock:
    """Time that passes only when somebody sleeps; shared by a client and the exchange."""

    def __init__(self, now_s: float) -> None:
        self.now_s, self.slept = now_s, 0.0
        self.lock = threading.Lock()

    def now(self) -> float:
        return self.now_s

    def now_ms(self) -> int:
        return round(self.now_s * 1000)

    def sleep(self, seconds: float) -> None:
        with self.lock:
            self.now_s += seconds
            self.slept += seconds

    def as_clock(self) -> Clock:
        return Clock(now=self.now, monotonic=self.now, sleep=self.sleep)


def exchange_of(
    minutes: int,
    *,
    binance_gaps: tuple[tuple[int, int], ...] = (),
    dydx_gaps: tuple[tuple[int, int], ...] = (),
    clock: VirtualClock | None = None,
    **more: Any,
) -> LocalExchange:
    """Both venues with ``minutes`` closed ones from FIRST_MS, and one that is still running."""
    now_ms = FIRST_MS + minutes * MINUTE_MS + 25_000
    held = {
        venue: make_minutes(first_ms=FIRST_MS, minutes=minutes + 1, seed=seed, gaps=gaps)
        for venue, seed, gaps in (("binance", 1, binance_gaps), ("dydx", 2, dydx_gaps))
    }
    clock_ms = (lambda: now_ms) if clock is None else clock.now_ms
    more.setdefault("limits", Limits(clock_ms, dydx_requests=10**9, binance_weight=10**9))
    return LocalExchange({"BTCUSDT": held["binance"]}, {"BTC-USD": held["dydx"]}, clock_ms, **more)


def clock_of(minutes: int) -> VirtualClock:
    """A clock that stands where :func:`exchange_of` ends."""
    return VirtualClock((FIRST_MS + minutes * MINUTE_MS + 25_000) / 1000)


def closed(held: VenueMinutes, table: Any) -> Any:
    """Rows of ``table`` without the running minute."""
    running = held.opens_ms[-1] - held.opens_ms[-1] % MINUTE_MS
    return table[table.index.as_unit("ms").asi8 < running]


def settings_for(exchange: LocalExchange, **more: Any) -> FetchSettings:
    """Settings that point at ``exchange`` and lose no time."""
    quick: dict[str, Any] = {
        "binance_url": exchange.url,
        "binance_spot_url": exchange.url,
        "binance_bulk_url": exchange.url,
        "dydx_url": exchange.url,
        "bulk": False,
        "first_wait_s": 0.002,
        "longest_wait_s": 0.01,
        "timeout_s": 5.0,
    }
    return FetchSettings(**(quick | more))


def tree(root: Path) -> dict[str, str]:
    """Digests of all files of a store; hidden ones (locks, leftovers of kills) are no content."""
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }

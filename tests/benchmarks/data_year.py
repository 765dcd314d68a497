"""365 days of both venues from the local exchange, then the same again."""

import resource
import tempfile
import time
from pathlib import Path
from typing import Any

from research.clock import Clock
from research.data.fetch.job import Wanted
from research.data.fetch.market import FetchReport, fetch_market
from research.data.tables.schema import MINUTE_MS
from research.settings.fetch import FetchSettings
from tests.exchange.arrange import FIRST_MS, NAMES
from tests.exchange.process import FarExchange, far_exchange


def run(count: int | None = None) -> dict[str, Any]:
    """``count`` days (365)."""
    minutes = (count or 365) * 1440
    with far_exchange(minutes) as exchange, tempfile.TemporaryDirectory() as folder:
        first, seconds = _fetch(exchange, Path(folder), minutes)
        asked = exchange.requests()
        second, again_s = _fetch(exchange, Path(folder), minutes)
        asked_again = exchange.requests() - asked
    stored = sum(stream.new for stream in first.streams if stream.name.endswith("minutes"))
    holes = sum(
        gap.count(MINUTE_MS)
        for stream in first.streams
        if stream.name.endswith("minutes")
        for gap in stream.gaps
    )
    lost = 2 * minutes - stored - holes
    return {
        "days": minutes // 1440,
        "seconds": round(seconds, 1),
        "requests": asked,
        "minutes": stored,
        "minutes_per_second": round(stored / seconds),
        "minutes_lost": lost,
        "gaps_of_the_venues": holes,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "second_run_seconds": round(again_s, 1),
        "second_run_requests_beside_time": asked_again - len(second.streams),
        "failures": abs(lost) + (asked_again - len(second.streams)),
    }


def _fetch(exchange: FarExchange, root: Path, minutes: int) -> tuple[FetchReport, float]:
    now_s = (FIRST_MS + minutes * MINUTE_MS + 25_000) / 1000
    settings = FetchSettings(
        binance_url=exchange.url, binance_bulk_url=exchange.url, dydx_url=exchange.url
    )
    # the exchange has no limits here: waiting for ours would measure the limits
    clock = Clock(now=lambda: now_s, sleep=lambda seconds: None)
    unlimited = settings.model_copy(
        update={"dydx_requests_per_10s": 10**9, "binance_weight_per_min": 10**9}
    )
    started = time.perf_counter()
    wanted = Wanted(first_ms=FIRST_MS)
    report = fetch_market(root, "BTC", NAMES, wanted, settings=unlimited, clock=clock)
    return report, time.perf_counter() - started

"""A fetch in a forked process, to be killed at random moments and taken up again."""

import time
from pathlib import Path

from research.clock import Clock
from research.data.fetch.job import Wanted
from research.data.fetch.market import fetch_market
from research.data.tables.schema import MINUTE_MS
from research.settings.fetch import FetchSettings
from tests.exchange.arrange import FIRST_MS, NAMES
from tests.samples.forks import forked


def fork_fetch(url: str, root: Path, minutes: int) -> int:
    """Process id of a fetch of ``minutes``; forked, so that it starts at once."""
    return forked(lambda: _fetch(url, root, minutes))


def _fetch(url: str, root: Path, minutes: int) -> None:
    now_s = (FIRST_MS + minutes * MINUTE_MS + 25_000) / 1000
    settings = FetchSettings(
        binance_url=url, binance_bulk_url=url, dydx_url=url, first_wait_s=0.01, bulk=False,
        binance_weight_per_min=6000,
    )  # fmt: skip
    clock = Clock(now=lambda: now_s, sleep=lambda seconds: time.sleep(min(seconds, 0.01)))
    wanted = Wanted(first_ms=FIRST_MS)
    fetch_market(root, "BTC", NAMES, wanted, settings=settings, clock=clock)

"""A fetch in a forked process that is killed at random moments, and taken up again."""

import os
import random
import signal
import time
import traceback
from pathlib import Path

from research.clock import Clock
from research.data.fetch.job import Wanted
from research.data.fetch.market import fetch_market
from research.data.tables.schema import MINUTE_MS
from research.settings.fetch import FetchSettings
from tests.exchange.arrange import FIRST_MS, NAMES


def fork_fetch(url: str, root: Path, minutes: int) -> int:
    """Process id of a fetch of ``minutes``; forked, so that it starts at once."""
    pid = os.fork()
    if pid:
        return pid
    try:
        now_s = (FIRST_MS + minutes * MINUTE_MS + 25_000) / 1000
        settings = FetchSettings(
            binance_url=url, binance_bulk_url=url, dydx_url=url, first_wait_s=0.01, bulk=False,
            binance_weight_per_min=6000,
        )  # fmt: skip
        clock = Clock(now=lambda: now_s, sleep=lambda seconds: time.sleep(min(seconds, 0.01)))
        wanted = Wanted(first_ms=FIRST_MS)
        fetch_market(root, "BTC", NAMES, wanted, settings=settings, clock=clock)
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(1)


def wait_or_kill(pid: int, after_s: float, chance: random.Random) -> bool:
    """Whether the process was killed; False if it came to its end before."""
    until = time.monotonic() + chance.uniform(0.0, after_s)
    while time.monotonic() < until:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            assert status == 0, f"the fetch failed with status {status}"
            return False
        time.sleep(0.002)
    os.kill(pid, signal.SIGKILL)
    return os.waitpid(pid, 0)[1] == signal.SIGKILL


def wait(pid: int) -> None:
    """Waits for the end of a fetch that nobody kills."""
    assert os.waitpid(pid, 0)[1] == 0

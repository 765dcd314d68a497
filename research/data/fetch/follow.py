"""Going on every minute: a cheap live recorder of closed minutes."""

import threading
from collections.abc import Callable
from typing import TypeVar

from research.clock import Clock
from research.data.tables.schema import MINUTE_MS
from research.errors import FetchError, LockError

__all__ = ["follow"]

Report = TypeVar("Report")

_OVERLAP_MS = 180 * MINUTE_MS  # looked over again: what came late, what was too young for a gap


def follow(
    fetch_since: Callable[[int], Report],
    *,
    since_ms: int,
    clock: Clock,
    settle_s: float,
    stop: threading.Event,
    reached_ms: Callable[[Report], int],
    until_ms: int | None = None,
    on_report: Callable[[Report], None],
    on_failure: Callable[[Exception], None],
) -> None:
    """Fetches shortly after the end of every minute until ``stop`` is set or ``until_ms`` reached.

    A venue that cannot be reached, or another fetch at work, is told to ``on_failure`` and tried
    again a minute later, from where the last success ended; all other errors are raised.

    Parameters
    ----------
    fetch_since : first_ms -> report
        Fetches what is missing from then to now.
    settle_s : float
        Seconds that a minute needs after its end until its values stand.
    reached_ms : report -> int
        Up to where the venues were asked: by their clock, this machine's may be hours off.
    until_ms : int, optional
        Nothing is fetched after a report that reached it.
    """
    done_ms = since_ms
    while not stop.is_set():
        now = clock.now()
        clock.sleep(60.0 - (now - settle_s - 0.5) % 60.0)
        if stop.is_set():
            return
        try:
            report = fetch_since(done_ms)
        except (FetchError, LockError) as error:
            on_failure(error)
            continue
        on_report(report)
        reached = reached_ms(report)
        if until_ms is not None and reached >= until_ms - until_ms % MINUTE_MS:
            return
        done_ms = max(done_ms, reached - _OVERLAP_MS)

"""Keeping within a venue's request budget, shared by all threads that talk to it."""

import threading
from collections import deque

from research.clock import Clock

__all__ = ["Pace"]


class Pace:
    """A sliding window of cost, and pauses that the venue asked for.

    Parameters
    ----------
    most : float
        Cost that may be spent in any ``window_s`` seconds.
    """

    def __init__(self, most: float, window_s: float, clock: Clock) -> None:
        self._most, self._window_s, self._clock = most, window_s, clock
        self._spent: deque[tuple[float, float]] = deque()
        self._open_at = float("-inf")
        self._lock = threading.Lock()
        self.waited_s = 0.0

    def take(self, cost: float) -> None:
        """Returns when ``cost`` may be spent, and books it."""
        while True:
            wait = self._book(cost)
            if wait <= 0:
                return
            self.waited_s += wait
            self._clock.sleep(wait)

    def pause(self, seconds: float) -> None:
        """Nothing is spent for so long: the venue said so."""
        with self._lock:
            self._open_at = max(self._open_at, self._clock.monotonic() + seconds)

    def _book(self, cost: float) -> float:
        with self._lock:
            now = self._clock.monotonic()
            while self._spent and self._spent[0][0] <= now - self._window_s:
                self._spent.popleft()
            if now < self._open_at:
                return self._open_at - now
            used = sum(spent for _, spent in self._spent)
            if used and used + cost > self._most:
                return self._spent[0][0] + self._window_s - now
            self._spent.append((now, cost))
            return 0.0

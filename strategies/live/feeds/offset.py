"""How far a venue's clock stands from ours, as far as one-way stamps can tell."""

import math
from collections import deque

__all__ = ["ClockOffset"]


class ClockOffset:
    """Moves a venue's stamps to our clock.

    The least of (received - stamp) over the window is latency plus the difference of the clocks.
    Below 0 it can only be the venue's clock running ahead, and stamps are moved back by it. Above
    0 it may all be latency: stamps stay, so that doubt makes a quote older, never younger.

    The window is one of time: a quiet market must not remember for minutes what a clock that has
    been set back made of a few stamps.

    Parameters
    ----------
    window_ms
        For how long a stamp is remembered, by our clock.
    """

    def __init__(self, window_ms: float = 60_000.0) -> None:
        self._window_ms = window_ms
        self._least: deque[tuple[float, float]] = deque()  # (received, delay), the first is least
        self._last_ms = -math.inf

    def local(self, exchange_ms: float, received_ms: float) -> float:
        """``exchange_ms`` by our clock."""
        if received_ms < self._last_ms:  # our clock was set back: what was before says nothing
            self._least.clear()
        self._last_ms = received_ms
        delay = received_ms - exchange_ms
        while self._least and self._least[-1][1] >= delay:
            self._least.pop()
        self._least.append((received_ms, delay))
        while self._least[0][0] <= received_ms - self._window_ms:
            self._least.popleft()
        return exchange_ms + min(0.0, self._least[0][1])

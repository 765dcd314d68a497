"""How far a venue's clock stands from ours, as far as one-way stamps can tell."""

from collections import deque

__all__ = ["ClockOffset"]


class ClockOffset:
    """Moves a venue's stamps to our clock.

    The least of (received - stamp) over the window is latency plus the difference of the clocks.
    Below 0 it can only be the venue's clock running ahead, and stamps are moved back by it. Above
    0 it may all be latency: stamps stay, so that doubt makes a quote older, never younger.

    Parameters
    ----------
    window
        How many stamps are looked at.
    """

    def __init__(self, window: int = 500) -> None:
        self._window = window
        self._least: deque[tuple[int, float]] = deque()  # rising, the first is the least
        self._count = 0

    def local(self, exchange_ms: float, received_ms: float) -> float:
        """``exchange_ms`` by our clock."""
        self._count += 1
        delay = received_ms - exchange_ms
        while self._least and self._least[-1][1] >= delay:
            self._least.pop()
        self._least.append((self._count, delay))
        if self._least[0][0] <= self._count - self._window:
            self._least.popleft()
        return exchange_ms + min(0.0, self._least[0][1])

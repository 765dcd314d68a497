"""How much Binance's mid moves in one second."""

import math
from collections import deque
from collections.abc import Mapping
from typing import Any

__all__ = ["SecondVolatility"]


class SecondVolatility:
    """Deviation of the one-second log returns of the last seconds, a fraction.

    A second's price is the last mid seen in it; a second without one repeats the last. About its
    own mean of zero: a drift within a minute is risk, too. Mids that go back in time are passed
    over.

    Parameters
    ----------
    window_sec
        How many seconds are looked at.
    """

    def __init__(self, window_sec: float) -> None:
        self._returns: deque[float] = deque(maxlen=int(window_sec))
        self._second: int | None = None
        self._mid = self._before = math.nan

    def push(self, now_ms: float, mid: float) -> float:
        """Takes a mid; the deviation up to the last whole second, NaN below five of them."""
        if not 0 < mid < math.inf:
            return self.value
        second = int(now_ms // 1000)
        if self._second is None:
            self._second, self._mid, self._before = second, mid, mid
        elif second > self._second:
            self._close(second - self._second)
            self._second, self._mid = second, mid
        elif second == self._second:
            self._mid = mid
        return self.value

    @property
    def value(self) -> float:
        """The deviation as it stands."""
        count = len(self._returns)
        if count < 5:
            return math.nan
        return math.sqrt(sum(each * each for each in self._returns) / count)

    def to_dict(self) -> dict[str, Any]:
        """What is remembered, ready for JSON."""
        kept = {"second": self._second, "returns": list(self._returns)}
        return kept | ({} if self._second is None else {"mid": self._mid, "before": self._before})

    def restore(self, raw: Mapping[str, Any]) -> None:
        """Takes what :meth:`to_dict` gave; a KeyError or TypeError where it did not."""
        self._second = raw["second"]
        self._mid, self._before = raw.get("mid", math.nan), raw.get("before", math.nan)
        self._returns.clear()
        self._returns.extend(raw["returns"])

    def _close(self, seconds: int) -> None:
        self._returns.append(math.log(self._mid / self._before))
        self._before = self._mid
        room = self._returns.maxlen or 0
        self._returns.extend([0.0] * min(seconds - 1, room))

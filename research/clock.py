"""Clocks as arguments: this machine's, and how far it is from a server's."""

import time
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Clock", "Skew", "measure_skew"]


@dataclass(frozen=True, slots=True)
class Clock:
    """Time as the fetch sees it; tests bring their own.

    Attributes
    ----------
    now : seconds since 1970 UTC
    monotonic : seconds since any moment, never back
    sleep : waits that many seconds
    """

    now: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class Skew:
    """A server's clock against this machine's.

    ``offset_ms`` is server minus local, known to half of ``round_trip_ms``.
    """

    offset_ms: float
    round_trip_ms: float

    def server_ms(self, clock: Clock) -> int:
        """The server's time now, milliseconds since 1970 UTC."""
        return int(clock.now() * 1000 + self.offset_ms)

    def sentence(self) -> str:
        """For people: how far this machine's clock is off, and which way."""
        way = "behind" if self.offset_ms >= 0 else "ahead of"
        return (
            f"this machine's clock is {_length(abs(self.offset_ms))} {way} the server's "
            f"(+-{_length(self.round_trip_ms / 2)})"
        )


def _length(ms: float) -> str:
    return f"{ms:,.0f} ms" if ms < 10_000 else f"{ms / 1000:,.1f} s"


def measure_skew(server_time_ms: Callable[[], int], clock: Clock) -> Skew:
    """The skew by one question, taken to be answered in the middle of its round trip."""
    before = clock.now() * 1000
    server = server_time_ms()
    after = clock.now() * 1000
    return Skew(offset_ms=server - (before + after) / 2, round_trip_ms=after - before)

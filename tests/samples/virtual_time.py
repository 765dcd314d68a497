"""An event loop whose clock stands while anything is to be done and jumps to the next timer else.

Sockets on the loopback deliver within the call that sends, so server and clients of one loop talk
over real sockets while minutes pass in milliseconds, and always in the same order.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any

__all__ = ["VirtualTimeLoop", "run_virtually"]


class _NoWaiting(selectors.DefaultSelector):
    """Waits by moving the loop's clock."""

    loop: "VirtualTimeLoop"

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if found or (timeout is not None and timeout <= 0):
            return found
        if timeout is None:  # nothing is due ever: only a socket can go on
            return super().select(1.0)
        self.loop.now_s += timeout
        return []


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """``time()`` is ``now_s``, seconds since the loop was made."""

    def __init__(self) -> None:
        self.now_s = 0.0
        selector = _NoWaiting()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        """The clock of all timers."""
        return self.now_s


def run_virtually(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """The coroutine's result, in a loop of its own."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(coroutine)

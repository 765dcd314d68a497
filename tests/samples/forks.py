"""Work in a forked process, which starts at once, and its SIGKILL after a while."""

import os
import signal
import time
import traceback
from collections.abc import Callable

__all__ = ["ended", "forked", "is_killed"]


def forked(work: Callable[[], object]) -> int:
    """Process id of ``work``; it ends with status 1, and its traceback printed, where it fails."""
    pid = os.fork()
    if pid:
        return pid
    try:
        work()
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(1)  # a fork must never return


def is_killed(pid: int, after_s: float) -> bool:
    """Kills the process ``after_s`` seconds from now; False if it came to its end before."""
    until = time.monotonic() + after_s
    while time.monotonic() < until:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            assert status == 0, f"the work failed with status {status}"
            return False
        time.sleep(0.002)
    os.kill(pid, signal.SIGKILL)
    return os.waitpid(pid, 0)[1] == signal.SIGKILL


def ended(pid: int) -> bool:
    """Waits for the end of a process that nobody kills; whether its work succeeded."""
    return os.waitpid(pid, 0)[1] == 0

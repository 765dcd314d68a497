"""A fetch that is killed outright: kill -9 at any moment, then the same command again."""

import os
import random
import signal
import time
from pathlib import Path
from shutil import rmtree

import pytest

from research.clock import Clock
from research.data.store.lock import market_lock
from research.errors import LockError
from tests.exchange.arrange import VirtualClock, tree
from tests.exchange.kills import fork_fetch
from tests.exchange.process import far_exchange
from tests.samples.forks import ended, is_killed

MINUTES = 3000


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    chance, kills = random.Random(9), 0
    with far_exchange(MINUTES) as exchange:
        begun = time.monotonic()
        assert ended(fork_fetch(exchange.url, tmp_path / "clean", MINUTES))
        spent = time.monotonic() - begun  # of a fetch that nobody stops, on this machine
        within, torn = 0.7 * spent, tmp_path / "torn"
        for _ in range(40):
            pid = fork_fetch(exchange.url, torn, MINUTES)
            if is_killed(pid, chance.uniform(0.0, within)):
                kills += 1
            else:  # it was done before: begin anew, and be quicker
                rmtree(torn)
                within /= 2
            if kills == 8:
                break
        assert ended(fork_fetch(exchange.url, torn, MINUTES))
    assert kills > 0
    assert tree(tmp_path / "torn") == tree(tmp_path / "clean")


def hold(root: Path) -> int:
    """A process that takes the lock of BTC and sits on it."""
    ready, told = os.pipe()
    pid = os.fork()
    if pid == 0:
        with market_lock(root, "BTC", clock=Clock()):
            os.write(told, b"x")
            time.sleep(60)
        os._exit(0)
    os.read(ready, 1)
    return pid


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_two_fetches_of_one_market_are_kept_apart(tmp_path: Path) -> None:
    pid = hold(tmp_path)
    clock = VirtualClock(0.0).as_clock()
    try:
        with pytest.raises(LockError) as caught, market_lock(tmp_path, "BTC", clock=clock):
            pass
        assert f"held by process {pid} on " in str(caught.value)
        assert "another fetch or import of BTC is at work: wait for it, stop it" in str(
            caught.value
        )
        with market_lock(tmp_path, "ETH", clock=clock) as was_stale:
            assert not was_stale
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_the_lock_of_a_killed_process_is_stale_and_taken_over(tmp_path: Path) -> None:
    pid = hold(tmp_path)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    with market_lock(tmp_path, "BTC", clock=Clock()) as was_stale:
        assert was_stale
    with market_lock(tmp_path, "BTC", clock=Clock()) as was_stale:
        assert not was_stale


def test_an_error_gives_the_lock_back(tmp_path: Path) -> None:
    def fail() -> None:
        with market_lock(tmp_path, "BTC", clock=Clock()):
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 (any error of the block)
        fail()
    with market_lock(tmp_path, "BTC", clock=Clock()) as was_stale:
        assert not was_stale

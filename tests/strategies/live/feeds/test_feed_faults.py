"""Faults through sockets, feeds and the paper run; the benchmark runs a thousand schedules."""

import asyncio
import time

from tests.benchmarks.live_faults import KINDS
from tests.benchmarks.live_feed_faults import FAULTY_SEC, faults_of, feed_faults
from tests.samples.virtual_time import run_virtually


def test_nothing_is_entered_on_a_fault_and_every_schedule_recovers() -> None:
    found = feed_faults(16)
    assert found["stale_entries"] == 0
    assert found["crashes"] == 0
    assert found["recovered"] == 16
    assert found["signals"] > 8
    assert found["entries"] >= 2  # it does trade in between
    assert found["halted"] > 16
    assert found["losses"] > 4  # and connections were lost


def test_schedules_hold_every_kind_of_fault_and_end() -> None:
    drawn = [fault for seed in range(40) for fault in faults_of(seed)]
    assert {fault.kind for fault in drawn} == set(KINDS)
    assert all(0 <= each.since_sec < each.until_sec <= FAULTY_SEC for each in drawn)


def test_virtual_time_passes_while_nobody_waits() -> None:
    async def sleeps() -> float:
        loop = asyncio.get_running_loop()
        await asyncio.gather(*(asyncio.sleep(sec) for sec in (3600.0, 60.0)))
        return loop.time()

    began = time.monotonic()
    assert run_virtually(sleeps()) == 3600.0
    assert time.monotonic() - began < 60

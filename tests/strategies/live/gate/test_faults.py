"""Faults of all kinds before the gate; the benchmark runs a thousand schedules of them."""

from tests.benchmarks.live_faults import FAULTY_STEPS, KINDS, faults, schedule


def test_nothing_is_entered_on_a_fault_and_every_schedule_recovers() -> None:
    found = faults(30)
    assert found["stale_entries"] == 0
    assert found["crashes"] == 0
    assert found["recovered"] == 30
    assert found["entries"] > 1000  # it does trade in between
    assert found["halted"] > 25


def test_schedules_hold_every_kind_of_fault() -> None:
    drawn = [fault for seed in range(30) for fault in schedule(seed)]
    assert {fault.kind for fault in drawn} == set(KINDS)
    assert all(fault.first < FAULTY_STEPS for fault in drawn)

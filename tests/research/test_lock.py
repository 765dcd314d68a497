"""A lock file: one holder, stale when its holder is dead, gone when it is given back."""

import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import pytest

from research.clock import Clock
from research.errors import LockError, StoreError
from research.lock import file_lock

PROCESSES = multiprocessing.get_context("spawn")


def lock(path: Path, patience_s: float = 0.0) -> Any:
    return file_lock(path, busy="a test is at work", clock=Clock(), patience_s=patience_s)


def hold(path: Path, held: Event) -> None:
    with lock(path):
        held.set()
        time.sleep(60)


def add_one_many_times(path: Path, number: Path, times: int) -> None:
    for _ in range(times):
        with lock(path, patience_s=60):
            number.write_text(str(int(number.read_text()) + 1))


@contextmanager
def killed_holder(path: Path) -> Iterator[int]:
    """A process that holds ``path`` until the block ends, then is killed."""
    held = PROCESSES.Event()
    process = PROCESSES.Process(target=hold, args=(path, held))
    process.start()
    try:
        assert held.wait(60)
        assert process.pid is not None
        yield process.pid
    finally:
        process.kill()
        process.join()


def test_a_second_holder_is_refused_and_told_who_holds(tmp_path: Path) -> None:
    path = tmp_path / "new" / ".lock"
    with killed_holder(path) as pid:
        with pytest.raises(LockError) as refusal, lock(path, patience_s=0.2):
            pytest.fail("two hold one lock")
        message = str(refusal.value)
    assert message.startswith(f"{path}: held by process {pid} on ")
    assert message.endswith("; a test is at work")


def test_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / ".lock"
    with killed_holder(path):
        pass
    with lock(path) as was_stale:
        assert was_stale
    with lock(path) as was_stale:
        assert not was_stale


def test_what_was_made_for_a_lock_goes_with_it(tmp_path: Path) -> None:
    with pytest.raises(KeyError), lock(tmp_path / "a" / "b" / ".lock"):
        raise KeyError
    assert not list(tmp_path.iterdir())
    with lock(tmp_path / "a" / "b" / ".lock"):
        (tmp_path / "a" / "kept").write_text("")
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["kept"]


def test_a_lock_that_comes_and_goes_is_still_held_by_one_at_a_time(tmp_path: Path) -> None:
    number = tmp_path / "number"
    number.write_text("0")
    arguments = (tmp_path / "gone" / ".lock", number, 40)
    workers = [PROCESSES.Process(target=add_one_many_times, args=arguments) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert number.read_text() == "120"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"file/\.lock: cannot be written .*; choose a folder"):
        lock(tmp_path / "file" / ".lock").__enter__()

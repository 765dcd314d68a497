"""Imports and fetches of one store are kept apart, as a user meets it: processes, not mocks."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from research.data.store.store import Store
from tests.conftest import REPO
from tests.samples.minute_tables import bulk_lines, candles

HOLDER = """
import sys, time
from pathlib import Path
from research.clock import Clock
from research.data.store.lock import market_lock
with market_lock(Path("data"), "BTC", clock=Clock()):
    print("held", flush=True)
    time.sleep(60)
"""


def leadfollow(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    code = "import sys; from sweeps.cli import main; main()"
    command = [sys.executable, "-c", code, *arguments]
    environment = os.environ | {"PYTHONPATH": str(REPO)}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60
    )


@contextmanager
def held(folder: Path) -> Iterator[int]:
    environment = os.environ | {"PYTHONPATH": str(REPO)}
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER], cwd=folder, env=environment, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        try:
            yield process.pid
        finally:
            os.kill(process.pid, signal.SIGKILL)


@pytest.fixture
def bulk(tmp_path: Path) -> str:
    (tmp_path / "a.csv").write_text("\n".join(bulk_lines(candles(10))) + "\n")
    return "a.csv"


IMPORT = ("data", "import", "--market", "BTC", "--venue", "binance")


def test_an_import_waits_its_turn_and_says_for_whom(tmp_path: Path, bulk: str) -> None:
    with held(tmp_path) as pid:
        refused = leadfollow(tmp_path, *IMPORT, bulk)
        other = leadfollow(tmp_path, *IMPORT[:3], "ETH", *IMPORT[4:], bulk)
    assert refused.returncode == 2
    assert f"LockError: data/.lock-BTC: held by process {pid} on " in refused.stderr
    assert "another fetch or import of BTC is at work: wait for it" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert other.returncode == 0
    assert Store(tmp_path / "data").markets() == ["ETH"]


def test_an_import_takes_over_the_lock_of_a_killed_one(tmp_path: Path, bulk: str) -> None:
    with held(tmp_path):
        pass
    taken = leadfollow(tmp_path, *IMPORT, bulk)
    assert taken.returncode == 0
    assert "an earlier fetch or import of BTC was killed; what it kept is whole" in taken.stdout
    assert "was killed" not in leadfollow(tmp_path, *IMPORT, bulk).stdout
    assert len(Store(tmp_path / "data").candles("BTC", "binance")) == 10


def test_a_market_that_is_no_name_is_refused_before_anything_is_made(
    tmp_path: Path, bulk: str
) -> None:
    refused = leadfollow(tmp_path, *IMPORT[:3], "../BTC", *IMPORT[4:], bulk)
    assert refused.returncode == 2
    assert "market '../BTC': a name has letters, digits" in refused.stderr
    assert not (tmp_path / "data").exists()

"""The README's recipe on one machine: a scheduler and two workers as processes of their own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from research.frame.frame import write_frame
from sweeps.cluster.address import Address, Tls
from sweeps.cluster.workers import workers
from sweeps.grid.stored.file import read
from tests.samples.markets import small_frame
from tests.sweeps.cluster import jobs

pytest.importorskip("distributed")
REPO = Path(__file__).resolve().parents[3]
AXES = ("move_pct=0.03,0.05", "spread_entry=0,0.01", "tp=0.05,0.1", "sl=0.1,0.3", "window=3,5,8")
GRID = ("grid", "lead", "--mode", "long", "--frame", "f.parquet", "--top", "0")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def process(folder: Path, *words: str) -> Iterator["subprocess.Popen[bytes]"]:
    env = os.environ | {"PYTHONPATH": str(REPO)}
    started = subprocess.Popen(
        [sys.executable, *words],
        cwd=folder,
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield started
    finally:
        started.kill()
        started.wait()


@contextmanager
def cluster(folder: Path, *tls: str) -> Iterator[tuple[str, list["subprocess.Popen[bytes]"]]]:
    port, kind = free_port(), "tls" if tls else "tcp"
    url = f"{kind}://127.0.0.1:{port}"
    dask = ("-m", "dask")
    scheduler = (*dask, "scheduler", "--host", url, "--no-dashboard", *tls)
    worker = (*dask, "worker", url, "--nthreads", "1", "--no-dashboard", *tls)
    with ExitStack() as stack:
        stack.enter_context(process(folder, *scheduler))
        yield url, [stack.enter_context(process(folder, *worker)) for _ in range(2)]


def leadfollow(folder: Path, *words: str) -> str:
    code = "from sweeps.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(REPO)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_frame(small_frame(), tmp_path / "f.parquet")
    return tmp_path


def check_grid(folder: Path, url: str) -> None:
    axes = [word for axis in AXES for word in ("--axis", axis)]
    said = leadfollow(folder, *GRID, *axes, "--out", "here")
    assert "workers" not in said
    said = leadfollow(folder, *GRID, *axes, "--out", "there", "--cluster", url)
    assert f"{url}: " in said
    here, there = (read(folder / name / "lead-long.parquet") for name in ("here", "there"))
    assert here.table("asia/wild").equals(there.table("asia/wild"))
    assert here.table().equals(there.table())


def test_three_processes_make_the_grid_of_one_and_a_worker_may_die(folder: Path) -> None:
    with cluster(folder) as (url, machines):
        time.sleep(0.1)
        check_grid(folder, url)
        machines[0].send_signal(signal.SIGKILL)
        words = ("study", "run", "lead", "--mode", "long", "--frame", "f.parquet")
        more = ("--segments", "all", "--trials", "3", "--min-events", "5")
        said = leadfollow(folder, *words, *more, "--out", "s", "--cluster", url)
        assert "1 studies in s" in said


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificates")
def test_the_wire_may_be_tls(tmp_path: Path) -> None:
    folder = tmp_path
    names = {name: folder / f"{name}.pem" for name in ("key", "cert")}
    words = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 "
    words += "-addext subjectAltName=IP:127.0.0.1 -keyout key.pem -out cert.pem"
    subprocess.run(words.split(), cwd=folder, check=True, capture_output=True)
    tls = ("--tls-ca-file", "cert.pem", "--tls-cert", "cert.pem", "--tls-key", "key.pem")
    files = Tls(ca=names["cert"], cert=names["cert"], key=names["key"])
    with cluster(folder, *tls) as (url, _), workers(Address(url=url, tls=files)) as found:
        assert sorted(found.run(jobs.doubled, {"a": 1, "b": 2}, [3])) == [("a", 3), ("b", 6)]

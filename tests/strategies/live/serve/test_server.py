"""The server as a process of its own, asked by the client of the README."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("uvicorn", reason="the extra [live] is not installed")

from research.errors import LiveError
from strategies.live.serve.server import listen
from tests.conftest import REPO
from tests.samples.gates import example

TOKEN = "a-token-of-tests-only"


def client() -> dict[str, Any]:
    text = (REPO / "README.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^```py\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    assert len([line for line in code.splitlines() if line.strip()]) <= 20
    made: dict[str, Any] = {}
    exec(compile(code, "README.md", "exec"), made)
    return made


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    raw = example()
    raw["market"]["dydx"] = "BTC-USD"
    (tmp_path / "bot.json").write_text(json.dumps(raw))
    words = ["gate", "serve", "bot.json", "--port", "0", "--trial", "--state", "state"]
    call = "import sys; from sweeps.cli import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", call, *words],
        cwd=tmp_path,
        env=os.environ | {"LEADFOLLOW_GATE_TOKEN": TOKEN, "PYTHONPATH": str(REPO)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        line = ""
        while "listening" not in line:
            line = process.stdout.readline()
            assert line, "the server ended before it listened"
        yield line.split()[2], process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_the_client_of_the_readme_is_answered_and_sigterm_keeps_the_memory(
    served: tuple[str, subprocess.Popen[str]], tmp_path: Path
) -> None:
    (url, process), its = served, client()
    book = its["book"]([[100.0, 50.0]], [[100.1, 50.0]])
    known = {"token": TOKEN, "url": url}
    assert its["may_enter"]("short", book, book, 100.0, **known) == (0.0, 0.0)
    minute = {"minute": int(time.time() // 60) - 1, "binance_close": 100.0}
    told = its["ask"]("/v1/minutes", {"minutes": [minute]}, **known)
    assert told == {"last_minute": minute["minute"], "events": []}
    assert its["may_enter"]("short", book, book, 100.0, token="x" * 20, url=url) == (0.0, 0.0)
    for path in (tmp_path / "state").iterdir():
        path.unlink()  # written at the minute: at the end it is written again
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 0
    kept = json.loads((tmp_path / "state" / "gate.json").read_text())
    assert kept["ranges"]["last_minute"] == minute["minute"]


def test_a_port_that_is_taken_is_named() -> None:
    with listen(0) as first:
        assert first.proto == socket.IPPROTO_TCP  # asyncio switches Nagle off for these only
        port = first.getsockname()[1]
        with pytest.raises(LiveError, match=f"{port} cannot be listened on"):
            listen(port)

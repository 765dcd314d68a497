"""A gate that is served by a process of its own, as a user starts it, and raw requests to it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.samples.gates import TICKER, example

__all__ = ["TOKEN", "Connection", "asked", "closed_minutes", "served"]

TOKEN = "a-token-of-benchmarks-only"
REPO = Path(__file__).resolve().parents[2]
SETTINGS = (
    "[gate]\nmin_window_share = 0.0\nneeds_signal = false\n"  # every question goes all the way
)


@contextmanager
def served(folder: Path) -> Iterator[int]:
    """The port of a gate that is up; it must still be up at the end, and end when it is told to."""
    raw = example()
    raw["market"]["dydx"] = TICKER
    raw["validity"]["expires_at"] = "2096-01-01T00:00Z"
    for each in raw["validity"]["ranges"].values():
        each["max_outside"] = 1.0
    (folder / "bot.json").write_text(json.dumps(raw))
    (folder / "leadfollow.toml").write_text(SETTINGS)
    words = ["gate", "serve", "bot.json", "--port", "0", "--trial", "--journal", "journal"]
    call = "import sys; from sweeps.cli import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", call, *words],
        cwd=folder,
        env=os.environ | {"LEADFOLLOW_GATE_TOKEN": TOKEN, "PYTHONPATH": str(REPO)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        stdout = process.stdout
        line = ""
        while stdout is not None and "listening" not in line:
            line = stdout.readline()
            if not line:
                raise RuntimeError("the server ended before it listened")
        yield int(line.split()[2].rpartition(":")[2])
        if process.poll() is not None:
            raise RuntimeError(f"the server ended by itself ({process.returncode})")
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)
    finally:
        process.kill()
        process.wait()


class Connection:
    """One kept connection; a reply is its status and body."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb")

    def ask(self, path: str, body: bytes, token: str = TOKEN) -> tuple[int, bytes]:
        """Posts ``body``."""
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return self.send(head.encode() + body)

    def send(self, data: bytes) -> tuple[int, bytes]:
        """Sends what may be no request at all; status 0: the connection ended without an answer."""
        self._socket.sendall(data)
        first = self._file.readline()
        if not first:
            return 0, b""
        length = 0
        while (line := self._file.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return int(first.split()[1]), self._file.read(length)

    def close(self) -> None:
        """Ends it."""
        self._file.close()
        self._socket.close()


def closed_minutes(count: int) -> dict[str, Any]:
    """The newest ``count`` closed minutes of a calm market."""
    last = int(time.time() // 60) - 1
    made = []
    for minute in range(last - count + 1, last + 1):
        price = 100_000.0 + minute * 7919 % 41
        one: dict[str, Any] = {"minute": minute}
        for venue in ("binance", "dydx"):
            one |= {f"{venue}_{name}": price for name in ("open", "high", "low", "close")}
            one |= {f"{venue}_volume": 1.0, f"{venue}_trades": 5.0}
        made.append(one)
    return {"minutes": made}


def asked(**changes: Any) -> dict[str, Any]:
    """A question with books of twenty levels, stamped now."""
    now = time.time() * 1000
    book = {
        "bids": [[100_000.0 - k, 1.0] for k in range(1, 21)],
        "asks": [[100_000.0 + k, 1.0] for k in range(1, 21)],
        "exchange_ms": now - 20,
        "received_ms": now - 1,
    }
    known = {"market": TICKER, "binance": book, "dydx": book, "side": "short"}
    return known | {"oracle": 100_000.0, "oracle_ms": now - 500, "latency_ms": 20.0} | changes

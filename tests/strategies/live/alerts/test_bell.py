"""Alerts reach a command and a webhook; what hangs or fails holds nobody up."""

import http.server
import json
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from strategies.live.alerts import AlertSettings, Bell

BODIES: list[dict[str, object]] = []


class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        BODIES.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        del arguments


@pytest.fixture
def hook() -> Iterator[str]:
    BODIES.clear()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/alert"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_command_and_a_webhook_are_told_once_in_a_while(hook: str, tmp_path: Path) -> None:
    script = tmp_path / "tell.py"
    script.write_text(f"import sys; open({str(tmp_path / 'told')!r}, 'a').write(str(sys.argv[1:]))")
    bell = Bell(AlertSettings(command=f"{sys.executable} {script}", webhook=hook))
    bell.ring("halt", 1000.0, "dYdX is old")
    bell.ring("halt", 2000.0, "still")  # within quiet_sec
    bell.ring("escape", 3000.0, "leave")
    bell.ring("rumour", 4000.0, "nobody asked")
    bell.close()
    assert (tmp_path / "told").read_text() == "['halt', 'dYdX is old']['escape', 'leave']"
    assert [body["kind"] for body in BODIES] == ["halt", "escape"]
    assert bell.failures == 0


def test_a_command_that_hangs_is_given_up_and_blocks_nobody() -> None:
    words: list[str] = []
    settings = AlertSettings(
        command=f"{sys.executable} -c 'import time; time.sleep(60)'", timeout_sec=0.3, quiet_sec=0
    )
    bell = Bell(settings, on_failure=words.append)
    began = time.monotonic()
    for k in range(200):
        bell.ring("halt", k, "x")
    assert time.monotonic() - began < 5.0  # not a time measured: sixty seconds would be a wait
    assert bell.dropped >= 99
    while not words:
        time.sleep(0.05)
    assert "could not be told" in words[0]


def test_a_refused_connection_is_counted() -> None:
    bell = Bell(AlertSettings(webhook="http://127.0.0.1:9/nobody", timeout_sec=1.0))
    bell.ring("disconnect", 0.0, "x")
    bell.close()
    assert bell.failures == 1

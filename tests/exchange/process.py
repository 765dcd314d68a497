"""The exchange in a process of its own, for figures that must not count its work."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]


class FarExchange:
    """Address and request counter of an exchange in another process."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.url = self._line()

    def requests(self) -> int:
        assert self._process.stdin is not None
        self._process.stdin.write("count\n")
        self._process.stdin.flush()
        return int(self._line())

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@contextmanager
def far_exchange(minutes: int) -> Iterator[FarExchange]:
    """Serves ``minutes`` of both venues while the block lasts."""
    command = [sys.executable, "-m", "tests.exchange", str(minutes)]
    with subprocess.Popen(
        command, cwd=REPO, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield FarExchange(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(10)

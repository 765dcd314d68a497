"""Work for workers: what is picklable lives in a module."""

import os
import signal
import time
from pathlib import Path
from typing import Any

from research.errors import StoreError


def doubled(item: int, shared: list[int]) -> int:
    return item * shared[0]


def pid(item: float, _: Any) -> int:
    time.sleep(item)
    return os.getpid()


def dies_once(item: int, folder: Path) -> int:
    """Kills the first worker that has item 3 in hand."""
    died = folder / "died"
    if item == 3 and not died.exists():
        died.write_text("")
        os.kill(os.getpid(), signal.SIGKILL)
    return item


def dies_always(_: int, __: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def refuses(item: int, _: Any) -> int:
    raise StoreError(f"item {item}: the disk is full")

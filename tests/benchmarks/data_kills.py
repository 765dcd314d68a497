"""SIGKILL at random, seeded moments of a 30-day fetch: nothing lost, nothing doubled."""

import random
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from tests.exchange.arrange import tree
from tests.exchange.kills import fork_fetch
from tests.exchange.process import far_exchange
from tests.samples.forks import ended, is_killed

MINUTES = 30 * 1440


def run(count: int | None = None) -> dict[str, Any]:
    """``count`` kills (100), spread over as many fetches as they take."""
    wanted, chance = count or 100, random.Random(4)
    kills = finished = unequal = 0
    with far_exchange(MINUTES) as exchange, tempfile.TemporaryDirectory() as folder:
        clean, torn = Path(folder, "clean"), Path(folder, "torn")
        assert ended(fork_fetch(exchange.url, clean, MINUTES))
        expected = tree(clean)
        while True:
            pid = fork_fetch(exchange.url, torn, MINUTES)
            if kills >= wanted:
                assert ended(pid)
            elif is_killed(pid, chance.uniform(0.0, 1.2)):
                kills += 1
                continue
            finished += 1
            unequal += tree(torn) != expected
            if kills >= wanted:
                break
            shutil.rmtree(torn)
        lost, doubled = _compare(clean, torn)
    return {
        "kills": kills,
        "fetches": finished,
        "minutes_lost": lost,
        "minutes_doubled": doubled,
        "stores_unequal": unequal,
        "failures": lost + doubled + unequal,
    }


def _compare(clean: Path, torn: Path) -> tuple[int, int]:
    lost = doubled = 0
    for path in clean.rglob("20*.parquet"):
        ours = _minutes(torn / path.relative_to(clean))
        theirs = _minutes(path)
        lost += len(np.setdiff1d(theirs, ours))
        doubled += len(ours) - len(np.unique(ours))
    return lost, doubled


def _minutes(path: Path) -> "np.ndarray[Any, np.dtype[np.int64]]":
    return pq.read_table(path, columns=["minute"])["minute"].to_numpy().astype(np.int64)

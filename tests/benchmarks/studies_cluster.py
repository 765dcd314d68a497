"""Studies on a Dask cluster: the same with a worker killed, and how much a second worker gains."""

import hashlib
import os
import signal
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from sweeps.cluster.address import Address
from sweeps.cluster.workers import workers
from sweeps.study.books import FolderBooks
from sweeps.study.listing import read_trials
from sweeps.study.search import run_studies
from tests.benchmarks.studies_market import market, study

_STUDIES = ("all", "asia", "europe", "us", "calm", "normal", "wild", "asia/calm")


def run(count: int | None = None) -> dict[str, Any]:
    """Eight studies of ``count`` trials (150) on a year."""
    panel = market(365.0)
    specs = [study(panel, segment=name, trials=count or 150, min_events=2) for name in _STUDIES]
    seconds, hashes = {}, set()
    with tempfile.TemporaryDirectory() as text:
        for name, processes, is_killed in (
            ("one", 1, False),
            ("two", 2, False),
            ("killed", 2, True),
        ):
            books = FolderBooks(Path(text, name))
            with workers(Address(processes=processes)) as cluster:
                warm = [study(panel, segment=each, trials=2, min_events=2) for each in _STUDIES[:2]]
                run_studies(
                    panel, warm, FolderBooks(Path(text, f"w-{name}")), workers=1, cluster=cluster
                )
                if is_killed:
                    pids = list(cluster._client.run(os.getpid).values())
                    threading.Timer(seconds["two"] / 2, os.kill, (pids[0], signal.SIGKILL)).start()
                begun = time.perf_counter()
                run_studies(panel, specs, books, workers=1, cluster=cluster)
                seconds[name] = time.perf_counter() - begun
            hashes.add(_hash(books))
    return {
        "hash_equal": len(hashes) == 1,
        "seconds": {name: round(value, 1) for name, value in seconds.items()},
        "speedup": round(seconds["one"] / seconds["two"], 2),
        "load": round(os.getloadavg()[0], 1),
    }


def _hash(books: FolderBooks) -> str:
    digest = hashlib.sha256()
    for name in books.names():
        for trial in read_trials(books, name):
            digest.update(repr((trial.params, trial.values, trial.user_attrs)).encode())
    return digest.hexdigest()

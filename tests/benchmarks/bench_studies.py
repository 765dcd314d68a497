"""Figures of the searches: ``python tests/benchmarks/bench_studies.py --case rate --json``.

``rate``     entry classes and sets a second, beside a law call a set; shares of optuna and storage
``storage``  milliseconds to keep a trial: journal file, SQLite, SQLite in batches
``kills``    SIGKILLs of studies and grids, in files and in PostgreSQL: what is lost or doubled
``start``    two workers at once on an empty PostgreSQL, again and again
``dask``     two workers, one killed; one worker against two
``search``   seeds that come near the exhaustive optimum, beside random search

The last line is one JSON object.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from typing import Any

from tests.benchmarks import studies_cluster, studies_kills, studies_rate, studies_search

CASES: dict[str, Callable[[int | None], dict[str, Any]]] = {
    "rate": studies_rate.rate,
    "storage": studies_rate.storage,
    "kills": studies_kills.kills,
    "start": studies_kills.start,
    "dask": studies_cluster.run,
    "search": studies_search.run,
}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--case", choices=CASES, required=True)
    parser.add_argument("--count", type=int, help="trials, kills, starts or seeds")
    parser.add_argument("--json", action="store_true", help="one JSON line last")
    given = parser.parse_args()
    started = time.perf_counter()
    figures = {"case": given.case, **CASES[given.case](given.count)}
    figures["total_seconds"] = round(time.perf_counter() - started, 1)
    lines = [f"{name:>32}: {value}" for name, value in figures.items()]
    sys.stdout.write((json.dumps(figures) if given.json else "\n".join(lines)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

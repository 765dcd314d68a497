"""Figures of the searches: ``python tests/benchmarks/bench_studies.py --case rate --json``.

``rate``     entry classes and sets a second, beside a law call a set; shares of optuna and storage
``storage``  milliseconds to keep a trial: journal file, SQLite, SQLite in batches
``kills``    SIGKILLs of studies and grids, in files and in PostgreSQL: what is lost or doubled
``start``    two workers at once on an empty PostgreSQL, again and again
``dask``     two workers, one killed; one worker against two
``search``   seeds that come near the exhaustive optimum, beside random search

The last line is one JSON object.
"""

from collections.abc import Callable
from typing import Any

from tests.benchmarks import studies_cluster, studies_kills, studies_rate, studies_search
from tests.benchmarks.command import figures_asked

CASES: dict[str, Callable[[int | None], dict[str, Any]]] = {
    "rate": studies_rate.rate,
    "storage": studies_rate.storage,
    "kills": studies_kills.kills,
    "start": studies_kills.start,
    "dask": studies_cluster.run,
    "search": studies_search.run,
}


if __name__ == "__main__":
    figures_asked(__doc__, CASES)

"""Figures of the data layer: ``python tests/benchmarks/bench_data.py --case kills --json``.

Cases: year, kills, faults, corpus, frames. The last line is one JSON object with the counts.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from typing import Any

from tests.benchmarks import data_corpus, data_faults, data_frames, data_kills, data_year

CASES: dict[str, Callable[[int | None], dict[str, Any]]] = {
    "year": data_year.run,
    "kills": data_kills.run,
    "faults": data_faults.run,
    "corpus": data_corpus.run,
    "frames": data_frames.run,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--case", choices=CASES, required=True)
    parser.add_argument("--count", type=int, help="days, kills, schedules, files or frames")
    parser.add_argument("--json", action="store_true", help="one JSON line last")
    given = parser.parse_args()
    started = time.perf_counter()
    figures = {"case": given.case, **CASES[given.case](given.count)}
    figures["total_seconds"] = round(time.perf_counter() - started, 1)
    lines = [f"{name:>32}: {value}" for name, value in figures.items()]
    sys.stdout.write((json.dumps(figures) if given.json else "\n".join(lines)) + "\n")
    return 0 if figures.get("failures", 0) == 0 else 1


if __name__ == "__main__":
    sys.exit(main())

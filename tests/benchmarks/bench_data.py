"""Figures of the data layer: ``python tests/benchmarks/bench_data.py --case kills --json``.

Cases: year, kills, faults, corpus, frames. The last line is one JSON object with the counts.
"""

import sys
from collections.abc import Callable
from typing import Any

from tests.benchmarks import data_corpus, data_faults, data_frames, data_kills, data_year
from tests.benchmarks.command import figures_asked

CASES: dict[str, Callable[[int | None], dict[str, Any]]] = {
    "year": data_year.run,
    "kills": data_kills.run,
    "faults": data_faults.run,
    "corpus": data_corpus.run,
    "frames": data_frames.run,
}


def main() -> int:
    figures = figures_asked(__doc__, CASES)
    return 0 if figures.get("failures", 0) == 0 else 1


if __name__ == "__main__":
    sys.exit(main())

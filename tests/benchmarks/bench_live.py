"""Does what runs beside the bot do what the backtest promised? One case a run, one JSON line last.

    python tests/benchmarks/bench_live.py --case parity --json

``parity``  streams against backtests: 10,000 random frames and the recorded week, bit for bit
``speed``   a minute of 30 armed sets, the gate in process, the gate over loopback at 500 a second
``fuzz``    broken and unauthorised requests to the served gate
``faults``  seeded schedules of faults before the gate: what is entered on doubt, what recovers
``journal`` a paper run over events and over their recording: ledger and decisions, byte by byte
``kills``   SIGKILLs of a paper run: positions after each, and whole runs at their end
``soak``    simulated days of a paper run: what its memory grows by
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks.live_faults import faults
from tests.benchmarks.live_fuzz import fuzz
from tests.benchmarks.live_paper import journal, kills, soak
from tests.benchmarks.live_parity import parity
from tests.benchmarks.live_speed import speed

CASES: dict[str, tuple[Callable[[int], dict[str, Any]], int]] = {
    "parity": (parity, 10_000),  # random frames
    "speed": (speed, 60),  # seconds of requests
    "fuzz": (fuzz, 1000),  # bodies
    "faults": (faults, 1000),  # schedules
    "journal": (journal, 600),  # minutes
    "kills": (kills, 200),
    "soak": (soak, 30),  # days
}
"""By name: what to run, and how often where no ``--count`` says otherwise."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--case", choices=CASES, required=True)
    parser.add_argument("--count", type=int, help="fewer, for a quick look")
    parser.add_argument("--json", action="store_true", help="the JSON line alone on stdout")
    asked = parser.parse_args()
    run, usual = CASES[asked.case]
    found = {"case": asked.case} | run(asked.count or usual)
    if not asked.json:
        for name, value in found.items():
            print(f"{name:>24} {value}", file=sys.stderr)  # noqa: T201
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()

"""Does what runs beside the bot do what the backtest promised? One case a run, one JSON line last.

    python tests/benchmarks/bench_live.py --case parity --json

``parity``  streams against backtests: 10,000 random frames and the recorded week, bit for bit
``speed``   a minute of 30 armed sets, the gate in process, the gate over loopback at 500 a second
``fuzz``    broken and unauthorised requests to the served gate
``faults``  seeded schedules of faults through sockets, feeds and the paper run: what is entered on
            doubt, what recovers
``gate_faults``  the same faults before the gate alone, which is asked every half second
``journal`` a paper run over events and over their recording: ledger and decisions, byte by byte
``kills``   SIGKILLs of a paper run: positions after each, and whole runs at their end
``soak``    simulated days of a paper run: what its memory grows by
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks.command import figures_asked
from tests.benchmarks.live_faults import faults
from tests.benchmarks.live_feed_faults import feed_faults
from tests.benchmarks.live_fuzz import fuzz
from tests.benchmarks.live_paper import journal, kills, soak
from tests.benchmarks.live_parity import parity
from tests.benchmarks.live_speed import speed

CASES: dict[str, Callable[[int | None], dict[str, Any]]] = {
    "parity": lambda count: parity(count or 10_000),  # random frames
    "speed": lambda count: speed(count or 60),  # seconds of requests
    "fuzz": lambda count: fuzz(count or 1000),  # bodies
    "faults": lambda count: feed_faults(count or 1000),  # schedules
    "gate_faults": lambda count: faults(count or 1000),  # schedules
    "journal": lambda count: journal(count or 600),  # minutes
    "kills": lambda count: kills(count or 200),
    "soak": lambda count: soak(count or 30),  # days
}

if __name__ == "__main__":
    figures_asked(__doc__, CASES)

"""The causality audit: how many of twenty planted leaks it catches, how often it cries for nothing.

    python tests/benchmarks/audit_case.py

``caught``: leaks that are named; ``right_minute``: those of them whose every minute is right to
within one; ``false_alarms``: names that the audit of the true code accuses, over all its frames.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from sweeps.verdict.audit.history import History
from tests.samples.audits import Caught, audited
from tests.samples.histories import broken_history, quiet_history, week_history
from tests.samples.leaks import LEAKS

__all__ = ["audit_case"]

CUTS = 100
SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def audit_case(cuts: int = CUTS) -> dict[str, Any]:
    """Counts and seconds; ``week_seconds`` only where the recorded week is there."""
    began = time.perf_counter()
    caught = {leak.kind: Caught(leak, cuts=cuts) for leak in LEAKS}
    named = {kind: each for kind, each in caught.items() if each.named}
    right = [
        kind
        for kind, each in named.items()
        if all(each.is_right(finding) for finding in each.named)
    ]
    alarms, frames, minutes = 0, 0, 0
    for history in _true_histories():
        found = audited(history, cuts=cuts)
        alarms += len(found.leaks) + len(found.broken)
        frames, minutes = frames + 1, minutes + found.minutes
    numbers = {
        "planted": len(LEAKS),
        "caught": len(named),
        "right_minute": len(right),
        "missed": sorted(set(caught) - set(named)),
        "false_alarms": alarms,
        "frames": frames,
        "minutes": minutes,
        "cuts": cuts,
    }
    return numbers | _week(cuts) | {"seconds": round(time.perf_counter() - began, 1)}


def _true_histories() -> list[History]:
    quiet = [quiet_history(2.0, seed, edge) for seed in (1, 2, 3) for edge in (0.0, 1.0, 3.0)]
    return [*quiet, *(broken_history(2.0, seed) for seed in range(5, 15)), quiet_history(10.0)]


def _week(cuts: int) -> dict[str, Any]:
    if not (SHARED / "btc_week").is_dir():
        return {}
    history = week_history(SHARED)
    began = time.perf_counter()
    found = audited(history, cuts=cuts)
    alarms = len(found.leaks) + len(found.broken)
    return {
        "week_false_alarms": alarms,
        "week_seconds": round(time.perf_counter() - began, 1),
    }


if __name__ == "__main__":
    print(json.dumps(audit_case()))  # noqa: T201 (a command)

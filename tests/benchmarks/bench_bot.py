"""The contract with the bot under fire.

``python tests/benchmarks/bench_bot.py --case kills|fuzz|cards|preflight --json`` prints one JSON
line last; ``--count`` for a quick look. Exit code 1 where a goal is missed.

- ``kills``: SIGKILLs during exports and card updates (500); ``torn`` 0.
- ``fuzz``: broken configs and cards (300); ``tracebacks`` 0, ``accepted_broken`` 0.
- ``cards``: random cards there and back (200); ``foreign_changed`` 0.
- ``preflight``: planted faults, one a check at least; all are ``caught``, a clean config passes.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

CASES = {"kills": "bot_kills", "fuzz": "bot_fuzz", "cards": "bot_cards", "preflight": "bot_faults"}
GOALS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "kills": lambda x: not any(x[name] for name in ("torn", "backups_torn", "left_behind")),
    "fuzz": lambda x: not any(x[n] for n in ("tracebacks", "accepted_broken", "sound_refused")),
    "cards": lambda x: not any(x[n] for n in ("foreign_changed", "ours_wrong", "written_again")),
    "preflight": lambda x: x["caught"] == x["planted"] and x["clean_passes"],
}


def main() -> None:
    """Prints the figures of one case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", choices=CASES, required=True)
    parser.add_argument("--json", action="store_true", help="one JSON line last")
    parser.add_argument("--count", type=int, help="fewer, for a quick look")
    given = parser.parse_args()
    began = time.perf_counter()
    figures = import_module(f"tests.benchmarks.{CASES[given.case]}").run(given.count)
    figures = {"case": given.case, **figures, "seconds": round(time.perf_counter() - began, 1)}
    sys.stdout.write(json.dumps(figures, indent=None if given.json else 2) + "\n")
    sys.exit(not GOALS[given.case](figures))


if __name__ == "__main__":
    main()

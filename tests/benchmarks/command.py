"""The command line that the benchmark scripts share: ``--case NAME``, ``--count``, ``--json``."""

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["figures_asked"]


def figures_asked(
    about: str | None, cases: Mapping[str, Callable[[int | None], dict[str, Any]]]
) -> dict[str, Any]:
    """Runs the case that the command line names and prints its figures, one JSON line last.

    Parameters
    ----------
    about
        The script's docstring.
    cases
        By name; each is called with ``--count``, None where it is not given.
    """
    parser = argparse.ArgumentParser(
        description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--case", choices=cases, required=True)
    parser.add_argument("--count", type=int, help="fewer, for a quick look")
    parser.add_argument("--json", action="store_true", help="the JSON line alone on stdout")
    asked = parser.parse_args()
    began = time.perf_counter()
    figures = {"case": asked.case, **cases[asked.case](asked.count)}
    figures["total_seconds"] = round(time.perf_counter() - began, 1)
    if not asked.json:
        for name, value in figures.items():
            sys.stderr.write(f"{name:>32}: {value}\n")
    sys.stdout.write(json.dumps(figures) + "\n")
    return figures

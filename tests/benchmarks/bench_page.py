"""The page of a run: how long it takes to make and to open, how large it is, how fast it answers.

A run of three grids in all of about so many sets: 1k, 100k, 1M. ``--count`` takes another number
of sets. Needs chromium and playwright. One JSON line last, with ``--json`` alone.
"""

import argparse
import json
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from research.data.synthetic.market import SyntheticSpec
from research.features.panel import Panel, features
from research.frame.load import synthetic_frame
from strategies.registry import bases, strategy_of
from sweeps.axes import grid_spec
from sweeps.grid.result import GridResult
from sweeps.grid.run import run_grid
from sweeps.report.leave import leave_page
from sweeps.report.page.page import write_page
from tests.samples.runs import make_run

CASES = {"1k": 1_000, "100k": 100_000, "1M": 1_000_000}
DAYS = 30.0
NAMES = ("spread_entry", "move_pct", "tp", "sl", "horizon")  # of lead; reversion: all of its own
ENDS = {
    "spread_entry": (0.0, 0.12),
    "move_pct": (0.03, 0.25),
    "tp": (0.1, 1.0),
    "sl": (0.1, 1.0),
    "horizon": (5, 60),
    "entry": (0.03, 0.15),
    "exit": (0.0, 0.02),
    "max_hold": (15, 240),
}

_CHANGE = """name => {
    const list = document.querySelector('select[name=x]'), from = performance.now();
    list.value = name;
    list.dispatchEvent(new Event('change'));
    document.body.offsetHeight;  // what was changed is laid out, too
    return performance.now() - from;
}"""


@contextmanager
def _quiet(title: str, total: int) -> Iterator[Any]:
    yield lambda steps: None


def _levels(names: tuple[str, ...], sets: int) -> dict[str, list[float]]:
    per_axis = max(2, round(sets ** (1 / len(names))))
    found = {}
    for name in names:
        low, high = ENDS[name]
        step = (high - low) / (per_axis - 1)
        values = [low + step * k for k in range(per_axis)]
        whole = isinstance(low, int)
        found[name] = sorted({float(round(v)) if whole else round(v, 6) for v in values})
    return found


def _grids(panel: Panel, folder: Path, sets: int) -> list[GridResult]:
    stop = int(0.85 * len(panel))
    found = []
    for title, base in bases().items():
        strategy = strategy_of(base)
        share = 0.45 if strategy.name == "lead" else 0.1
        names = NAMES if strategy.name == "lead" else ("entry", "exit", "max_hold")
        spec = grid_spec(base, _levels(names, int(sets * share)))
        path = folder / "grids" / f"{title}.parquet"
        found.append(run_grid(panel, spec, rows=slice(0, stop), path=path))
    return found


def _opened(page: Path) -> dict[str, float]:
    seconds, changes = [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for _ in range(3):
            tab = browser.new_page()
            tab.goto(page.as_uri(), wait_until="commit")
            tab.wait_for_selector("html[data-ready=yes]", timeout=60_000)
            seconds.append(tab.evaluate("performance.now()") / 1e3)
            changes += [tab.evaluate(_CHANGE, name) for name in ("tp", "sl", "horizon")]
            tab.close()
        browser.close()
    return {
        "open_seconds": round(statistics.median(seconds), 3),
        "axes_change_ms": round(max(changes), 1),
    }


def measure(case: str, count: int | None) -> dict[str, Any]:
    """One case: a run of so many sets, its page, its opening."""
    sets = count or CASES[case]
    with tempfile.TemporaryDirectory() as name:
        folder = make_run(Path(name) / "run")  # its verdict and tables, a few sets
        shutil.rmtree(folder / "grids")
        shutil.rmtree(folder / "page")
        panel = features(synthetic_frame(SyntheticSpec(days=DAYS, seed=7)))
        grids = _grids(panel, folder, sets)
        asked = {
            "min_events": 30,
            "about": {},
            "stage": _quiet,
            "memory_mib": 512,
            "cost_bps": 12.0,
        }
        begun = time.perf_counter()
        page = leave_page(panel, grids, folder, **asked)  # type: ignore[arg-type]
        left = time.perf_counter() - begun
        begun = time.perf_counter()
        write_page(folder)
        rendered = time.perf_counter() - begun
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return {
            "case": case,
            "sets": sum(grid.spec.size for grid in grids),
            **_opened(page),
            "mib": round(page.stat().st_size / 2**20, 2),
            "render_seconds": round(rendered, 2),
            "run_adds_seconds": round(left, 2),
            "peak_mib": round(peak),
        }


def main() -> None:
    """Prints one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", choices=CASES, default="1k")
    parser.add_argument("--count", type=int, help="sets, in place of the case's")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    sys.stdout.write(json.dumps(measure(given.case, given.count)) + "\n")


if __name__ == "__main__":
    main()

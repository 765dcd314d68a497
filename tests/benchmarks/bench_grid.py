"""How fast a grid goes to disk: one case a run, one JSON line last.

    python tests/benchmarks/bench_grid.py --case disk --json

``seconds`` is the whole way, ``engine_seconds`` the tallies alone (thrown away), ``ratio`` how much
longer the first way of writing takes in the same process: a piece after the other, Zstandard over
plain numbers. Both must hold the same numbers (``equal``). Medians of runs in turn; where other
processes keep the cores busy, ``cpu_seconds`` say more than the wall.
"""

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from research.features.labels import SEGMENTS
from research.features.panel import Panel
from strategies.law.execution import Execution
from sweeps.axes import GridSpec
from sweeps.engine import Sweep
from sweeps.grid.result import GridResult
from sweeps.grid.run import run_grid
from sweeps.grid.stored.piece_file import _repeated, _schema, _set_columns, _tally_columns
from tests.benchmarks.bench_engine import COSTS, ENTRIES, LARGE, lead, market

CASES = {"disk": {"window": [3]}, "disk-3.2M": {}}
OVERLAP = Execution(overlap=True)


def sweep_of(panel: Panel, spec: GridSpec, threads: int) -> Sweep:
    return Sweep(panel, spec, execution=OVERLAP, costs=COSTS, threads=threads)


def tallies_alone(panel: Panel, spec: GridSpec, threads: int) -> None:
    sweep = sweep_of(panel, spec, threads)
    for first, stop in sweep.pieces(1024):
        sweep.tally(first, stop)


def one_after_the_other(panel: Panel, spec: GridSpec, threads: int, folder: Path) -> None:
    """How grids were written at first: same columns, numbers plain, nothing beside the engine."""
    sweep, schema = sweep_of(panel, spec, threads), _schema(spec, {})
    coded = ["segment", *(axis.name for axis in spec.axes)]
    folder.mkdir()
    for first, stop in sweep.pieces(1024):
        tally, fixed = sweep.tally(first, stop), _set_columns(spec, first, stop)
        file = folder / f"part-{first:012d}.parquet"
        with pq.ParquetWriter(file, schema, compression="zstd", use_dictionary=coded) as writer:
            for index, segment in enumerate(SEGMENTS):
                columns = {"segment": _repeated(segment.name, stop - first), **fixed}
                columns |= _tally_columns(tally.of_segment(index))
                writer.write_table(pa.table(columns, schema=schema), row_group_size=stop - first)
        with file.open("rb") as stream:
            os.fsync(stream.fileno())


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the wall and of the processors."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def middle(values: list[float]) -> float:
    return float(f"{statistics.median(values):.3g}")


def megabytes(folder: Path) -> float:
    return round(sum(file.stat().st_size for file in folder.glob("part-*")) / 1e6, 1)


def is_equal(ours: Path, first: Path) -> bool:
    """Whether every column of one segment has the same bits in both."""
    for file in first.iterdir():
        a, b = (pq.ParquetFile(at / file.name).read_row_group(5) for at in (ours, first))
        if not a.to_pandas().equals(b.to_pandas()):
            return False
    return True


def bench(panel: Panel, spec: GridSpec, args: argparse.Namespace, folder: Path) -> dict[str, Any]:
    ours, first = folder / "ours.parquet", folder / "first.parquet"

    def run() -> GridResult:
        return run_grid(
            panel, spec, execution=OVERLAP, costs=COSTS, path=ours, threads=args.threads
        )

    ways: dict[str, Callable[[], object]] = {
        "engine": lambda: tallies_alone(panel, spec, args.threads),
        "ours": run,
        "first": lambda: one_after_the_other(panel, spec, args.threads, first),
    }
    walls: dict[str, list[float]] = {name: [] for name in ways}
    cpus: dict[str, list[float]] = {name: [] for name in ways}
    for repeat in range(args.repeats + 1):
        for name, work in ways.items():
            shutil.rmtree(folder / f"{name}.parquet", ignore_errors=True)
            wall, cpu = timed(work)
            if repeat:  # the first is the warm-up
                walls[name].append(wall)
                cpus[name].append(cpu)
    pairs = zip(walls["ours"], walls["first"], strict=True)
    return {
        "sets": spec.size,
        "bars": len(panel),
        "seconds": middle(walls["ours"]),
        "engine_seconds": middle(walls["engine"]),
        "first_seconds": middle(walls["first"]),
        "ratio": middle([theirs / own for own, theirs in pairs]),
        "best_seconds": [round(min(walls[name]), 2) for name in ("ours", "first")],
        "cpu_seconds": middle(cpus["ours"]),
        "first_cpu_seconds": middle(cpus["first"]),
        "mb": megabytes(ours),
        "first_mb": megabytes(first),
        "equal": is_equal(ours, first),
        "load": round(os.getloadavg()[0], 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", choices=CASES, required=True)
    parser.add_argument("--json", action="store_true", help="nothing but the JSON line")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where to write [default: temporary]")
    args = parser.parse_args()
    if not args.json:
        print(f"{args.case} on {args.threads} threads ...", flush=True)  # noqa: T201
    panel, spec = market(365), lead(ENTRIES | LARGE | CASES[args.case])
    with tempfile.TemporaryDirectory(dir=args.folder) as folder:
        found = {"case": args.case} | bench(panel, spec, args, Path(folder))
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    main()

"""What a person waits for: whole commands, by this machine's clock. One case a run, one JSON line.

    python tests/benchmarks/bench_felt.py --case run --json

``run``        the main job on the embedded market, kernels compiled; twice, byte by byte
``week``       the report of a week
``grid30``     a grid of 30 sets over a week
``grid-disk``  3.2 million sets over a year, to disk: seconds, size, peak memory
``grid-view``  a heatmap of one pair of axes of a stored grid of 10 million sets, every segment
``first``      the main job with an empty kernel cache: what compiling adds
``waits``      seconds of every command

Commands start anew each time, so that imports and kernel caches count; ``--count``: how often.
"""

import hashlib
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks.command import figures_asked

REPO = Path(__file__).resolve().parents[2]
_START = "import sys; from sweeps.cli import main; sys.argv[0] = 'leadfollow'; main()"
_EXITS = ("tp=0.05:0.43:0.02", "sl=0.05:0.62:0.03", "horizon=3,5,7,10,12,15,20,25,30,40")
_ENTRIES = ("move_pct=0.03,0.05,0.08,0.12,0.2", "spread_entry=0.01,0.02,0.03,0.05,0.08")
_GRIDS = {
    3_200_000: ("window=3,5,7,10", *_ENTRIES, "cooldown=1,5,10,15,20,30,45,60", *_EXITS),
    10_000_000: (
        "window=3,5,7,10,15", *_ENTRIES,
        "cooldown=1,3,5,7,10,12,15,17,20,22,25,27,30,35,40,45,50,55,60,70", *_EXITS,
    ),
}  # fmt: skip
_MIB = 2**20
_OF_THE_MOMENT = re.compile(
    rb"\d{8}T\d{6}Z-[0-9a-f]{8}"  # the folder's name
    rb'|"worker_id":"[^"]*"|"datetime_(?:start|complete)":"[^"]*"'  # in journals of studies
)


@dataclass(frozen=True, slots=True)
class Felt:
    """One command from its start to its end."""

    seconds: float
    peak_mib: float
    out: str


def felt(*arguments: str, cwd: Path, environment: Mapping[str, str] | None = None) -> Felt:
    """Runs ``leadfollow`` with ``arguments``. Raises RuntimeError where it fails."""
    variables = os.environ | {"PYTHONPATH": str(REPO), "COLUMNS": "200"} | dict(environment or {})
    variables.pop("PYTHONDONTWRITEBYTECODE", None)  # a user's interpreter keeps byte code
    log = cwd / ".log"
    began = time.perf_counter()
    with log.open("wb") as target:
        process = subprocess.Popen(
            [sys.executable, "-c", _START, *arguments],
            cwd=cwd, env=variables, stdout=target, stderr=subprocess.STDOUT,
        )  # fmt: skip
        _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    out = log.read_text(errors="replace")
    if process.returncode:
        raise RuntimeError(f"leadfollow {' '.join(arguments)}: {process.returncode}\n{out[-2000:]}")
    return Felt(seconds, usage.ru_maxrss / 1024, out)


def median_felt(count: int, *arguments: str, cwd: Path) -> dict[str, Any]:
    """Warm: the first of ``count`` + 1 runs is not counted."""
    felt(*arguments, cwd=cwd)
    found = [felt(*arguments, cwd=cwd) for _ in range(count)]
    seconds = [each.seconds for each in found]
    return {
        "seconds": round(statistics.median(seconds), 2),
        "seconds_each": [round(each, 2) for each in seconds],
        "peak_mib": round(max(each.peak_mib for each in found)),
    }


def run(count: int, folder: Path) -> dict[str, Any]:
    """``seconds`` and ``byte_equal``: the first runs in two folders.

    A folder remembers what was looked at in it and when, so its second run is not its first.
    """
    told: dict[str, Any] = {}
    trees: list[dict[str, str]] = []
    for name in ("one", "other"):
        cwd = folder / name
        cwd.mkdir()
        told = median_felt(count, "run", "--synthetic", "--out", "runs", cwd=cwd)
        trees.append(_tree(min((cwd / "runs").glob("2*"))))
    return told | {"byte_equal": trees[0] == trees[1], "files": len(trees[0])}


def week(count: int, folder: Path) -> dict[str, Any]:
    """``seconds`` of the report."""
    _store(folder, 7)
    return median_felt(count, "week", "--store", "store", "--market", "SYNTH", cwd=folder)


def grid30(count: int, folder: Path) -> dict[str, Any]:
    """``seconds`` of thirty sets."""
    _store(folder, 7)
    return median_felt(
        count, "grid", "lead", "--mode", "long", "--store", "store", "--market", "SYNTH",
        "--axis", "spread_entry=0.02,0.03,0.04,0.05,0.06", "--axis", "move_pct=0.03,0.05,0.08",
        "--axis", "horizon=5,15", "--axis", "window=5", "--axis", "cooldown=10",
        "--axis", "tp=0.1", "--axis", "sl=0.2", "--out", "out", cwd=folder,
    )  # fmt: skip


def grid_disk(count: int, folder: Path) -> dict[str, Any]:
    """``seconds``, ``mib`` and ``peak_mib``."""
    _store(folder, 365)
    found = [_grid(folder, 3_200_000, f"grid-{k}") for k in range(count)]
    size = sum(path.stat().st_size for path in (folder / "grid-0").rglob("*") if path.is_file())
    return {
        "seconds": round(statistics.median(each.seconds for each in found), 1),
        "mib": round(size / _MIB),
        "peak_mib": round(max(each.peak_mib for each in found)),
    }


def grid_view(count: int, folder: Path) -> dict[str, Any]:
    """``seconds`` of heatmaps of a stored grid; ``made_in``: what the grid took."""
    _store(folder, 30)
    made = _grid(folder, 10_000_000, "grid")
    (stored,) = [path for path in (folder / "grid").iterdir() if path.is_dir()][:1] or [
        folder / "grid"
    ]
    told = median_felt(
        count, "heatmap", str(stored), "--x", "move_pct", "--y", "spread_entry", cwd=folder
    )
    size = sum(path.stat().st_size for path in (folder / "grid").rglob("*") if path.is_file())
    return told | {"made_in": round(made.seconds, 1), "mib": round(size / _MIB)}


def first(count: int, folder: Path) -> dict[str, Any]:
    """``compile_seconds``: the main job with an empty kernel cache, less what it takes warm."""
    cold, warm = [], []
    for k in range(count):
        variables = {"NUMBA_CACHE_DIR": str(folder / f"kernels-{k}")}
        for times, name in ((cold, f"cold-{k}"), (warm, f"warm-{k}")):
            told = felt("run", "--synthetic", "--out", name, cwd=folder, environment=variables)
            times.append(told.seconds)
    one, other = statistics.median(cold), statistics.median(warm)
    return {
        "compile_seconds": round(one - other, 1), "cold": round(one, 1), "warm": round(other, 1)
    }  # fmt: skip


def waits(count: int, folder: Path) -> dict[str, Any]:
    """Seconds of every command, warm: a week, and a month where something is searched."""
    _store(folder, 30)
    source = ("--store", "store", "--market", "SYNTH")
    commands = {
        "help": ("--help",),
        "lead": ("lead", *source, "--hours", "168"),
        "week": ("week", *source),
        "heatmap": ("heatmap", *source, "--strategy", "lead", "--out", "pictures"),
        "study": ("study", "run", "lead", *source, "--mode", "long", "--segments", "all"),
        "verdict": ("verdict", *source, "--out", "verdict"),
    }
    told: dict[str, Any] = {}
    for name, arguments in commands.items():
        told[name] = median_felt(count, *arguments, cwd=folder)["seconds"]
    told["run"] = round(felt("run", "--synthetic", "--out", "runs", cwd=folder).seconds, 2)
    found = max((folder / "runs").glob("2*"))
    told["report"] = median_felt(count, "report", str(found), cwd=folder)["seconds"]
    return told


def _grid(folder: Path, sets: int, out: str) -> Felt:
    axes = [part for axis in _GRIDS[sets] for part in ("--axis", axis)]
    return felt(
        "grid", "lead", "--mode", "long", "--store", "store", "--market", "SYNTH", "--overlap",
        *axes, "--out", out, cwd=folder,
    )  # fmt: skip


def _store(folder: Path, days: int) -> None:
    felt("data", "synth", "--days", str(days), "--store", "store", cwd=folder)


def _tree(root: Path) -> dict[str, str]:
    """Digests of all files, without the moment of the run and who wrote a trial when."""
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(
            _OF_THE_MOMENT.sub(b"", path.read_bytes())
        ).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def _with_folder(
    case: Callable[[int, Path], dict[str, Any]], usual: int, count: int | None
) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        return case(count or usual, Path(name))


CASES: dict[str, Callable[[int | None], dict[str, Any]]] = {
    "run": partial(_with_folder, run, 3),
    "week": partial(_with_folder, week, 7),
    "grid30": partial(_with_folder, grid30, 7),
    "grid-disk": partial(_with_folder, grid_disk, 1),
    "grid-view": partial(_with_folder, grid_view, 3),
    "first": partial(_with_folder, first, 1),
    "waits": partial(_with_folder, waits, 3),
}

if __name__ == "__main__":
    figures_asked(__doc__, CASES)

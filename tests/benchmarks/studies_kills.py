"""SIGKILLs of studies and grids, in files and in PostgreSQL; and starts on an empty server."""

import json
import random
import shutil
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from research.features.labels import SEGMENTS
from research.features.panel import Panel
from sweeps.axes import grid_spec
from sweeps.cluster.storage import StorageUrl
from sweeps.engine import sweep
from sweeps.grid.about import describe_grid
from sweeps.grid.run import GridJob, run_grids
from sweeps.grid.stored.file import read
from sweeps.study.books import Books, FolderBooks, PostgresBooks
from sweeps.study.listing import read_trials
from sweeps.study.study import run_study
from tests.benchmarks.studies_market import market, study
from tests.samples.forks import ended, forked, is_killed
from tests.samples.postgresql import Server, server

_TRIALS = 60
_SEGMENT = "asia"  # with a parent: the dearest trial
_PIECE = 216 * 4


def kills(count: int | None = None) -> dict[str, Any]:
    """``count`` kills (200): two fifths of studies in files, two on a server, the rest of grids."""
    wanted, panel = count or 200, market(30.0)
    chance = random.Random(11)
    with tempfile.TemporaryDirectory() as text, server() as postgresql:
        folder = Path(text)
        whole = FolderBooks(folder / "whole")
        _search(panel, whole)
        begun = time.perf_counter()
        _search(panel, FolderBooks(folder / "again"))
        spent = time.perf_counter() - begun
        told = [
            _studies(panel, whole, _folders(folder), wanted * 2 // 5, 0.6 * spent, chance),
            _studies(panel, whole, _databases(postgresql), wanted * 2 // 5, 1.5 * spent, chance),
            _grids(panel, folder, wanted - 2 * (wanted * 2 // 5), chance),
        ]
    summed: dict[str, Any] = {name: sum(each[name] for each in told) for name in told[0]}
    equal = summed.pop("unequal") == 0
    return summed | {
        "hash_equal": equal,
        "unequal_by_kind": [each["unequal"] for each in told],
        "kills_by_kind": [each["kills"] for each in told],
    }


def _folders(folder: Path) -> Callable[[int], Books]:
    return lambda number: FolderBooks(folder / f"torn-{number}")


def _databases(postgresql: Server) -> Callable[[int], Books]:
    return lambda number: PostgresBooks(StorageUrl(postgresql.new_database()), f"s{number}")


def _search(panel: Panel, books: Books) -> None:
    run_study(panel, study(panel, segment=_SEGMENT, trials=_TRIALS, min_events=2), books)


def _studies(
    panel: Panel,
    whole: Books,
    new: Callable[[int], Books],
    wanted: int,
    within_s: float,
    chance: random.Random,
) -> dict[str, int]:
    told = {"kills": 0, "finished": 0, "lost": 0, "doubled": 0, "zombies": 0, "unequal": 0}
    known, number = _known(whole), 0
    while told["kills"] < wanted:
        books, before = new(number), 0
        number += 1
        while True:
            stop = within_s if told["kills"] < wanted else None
            was_killed = _was_killed(lambda books=books: _search(panel, books), stop, chance)
            now = _known(books)
            told["lost"] += max(before - len(now), 0)
            told["doubled"] += len(now) - len({trial[0] for trial in now})
            told["zombies"] += sum(trial[1] != "COMPLETE" for trial in now)
            told["unequal"] += now != known[: len(now)]
            before = len(now)
            told["kills"] += was_killed
            if not was_killed:
                break
        told["finished"] += 1
        told["lost"] += max(len(known) - before, 0)
    return told


def _known(books: Books) -> list[tuple[int, str, str]]:
    names = books.names()
    if not names:
        return []
    return [
        (trial.number, trial.state.name, _text([trial.params, trial.values, trial.user_attrs]))
        for trial in read_trials(books, names[0])
    ]


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)  # every digit, whatever order a server keeps


def _grids(panel: Panel, folder: Path, wanted: int, chance: random.Random) -> dict[str, int]:
    spec = grid_spec(
        study(panel).base,
        {"move_pct": "0.04:0.20:0.02", "spread_entry": "0.00:0.09:0.01", "window": [3.0, 5.0, 8.0]}
        | {"tp": [0.1, 0.2, 0.4], "sl": [0.1, 0.2], "horizon": [5, 10, 20]},
    )
    about = describe_grid(panel, spec)
    sweep._MOST_SETS = _PIECE

    def make(path: Path) -> None:
        with run_grids(
            panel, [GridJob(about=about, path=path)], resume=path.exists(), threads=1
        ) as results:
            next(results)

    begun = time.perf_counter()
    make(folder / "whole.parquet")
    spent = time.perf_counter() - begun
    known = _bytes_of(folder / "whole.parquet")
    told = {"kills": 0, "finished": 0, "lost": 0, "doubled": 0, "zombies": 0, "unequal": 0}
    path = folder / "torn.parquet"
    while told["kills"] < wanted:
        before = 0
        while _was_killed(
            lambda: make(path), 0.8 * spent if told["kills"] < wanted else None, chance
        ):
            told["kills"] += 1
            pieces = len(list(path.glob("part-*.parquet")))
            told["lost"] += max(before - pieces, 0)
            before = pieces
        told["finished"] += 1
        told["zombies"] += sum(file.name.startswith(".part") for file in path.iterdir())
        told["unequal"] += _bytes_of(path) != known
        shutil.rmtree(path)
    return told


def _bytes_of(path: Path) -> bytes:
    result = read(path)
    return b"".join(
        result.table(segment.name).to_numpy(dtype=float).tobytes() for segment in SEGMENTS
    )


def _was_killed(work: Callable[[], None], within_s: float | None, chance: random.Random) -> bool:
    """Whether a process that works was killed; False: it came to its end."""
    pid = forked(work)
    if within_s is None:
        assert ended(pid), "the work failed"
        return False
    return is_killed(pid, chance.uniform(0.0, within_s))


def start(count: int | None = None) -> dict[str, Any]:
    """``count`` times (50) two processes at once on an empty database."""
    panel, errors, times = market(30.0), 0, count or 50
    with server() as postgresql:
        for _ in range(times):
            books = PostgresBooks(StorageUrl(postgresql.new_database()), "s")
            specs = [study(panel, segment=each, trials=1, min_events=2) for each in ("all", "asia")]
            pids = [forked(partial(run_study, panel, spec, books)) for spec in specs]
            errors += sum(not ended(pid) for pid in pids)
            errors += books.names() != ["lead-short.all", "lead-short.asia"]
    return {"starts": times, "errors": errors}

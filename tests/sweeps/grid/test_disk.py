"""Grids and their folder: killed at any moment, shared by two, short of room, absurdly large."""

import multiprocessing
import os
import shutil
import signal
import time
import tracemalloc
from collections import namedtuple
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from research.errors import LockError, SearchError, StoreError
from research.features.labels import SEGMENTS
from research.measures.costs import Costs
from strategies.law.execution import EXECUTABLE
from strategies.lead_follow import LeadFollowParams
from strategies.reversion import ReversionParams
from sweeps.axes import grid_spec
from sweeps.engine import sweep
from sweeps.grid.about import describe_grid
from sweeps.grid.result import GridResult
from sweeps.grid.run import GridJob, run_grid, run_grids
from sweeps.grid.stored import folder
from sweeps.grid.stored.piece_file import ROW_BYTES
from tests.samples.markets import small_panel

PROCESSES = multiprocessing.get_context("spawn")
COSTS = Costs(fees_bps=4)
AXES = {"move_pct": [0.03, 0.05], "spread_entry": [0.0, 0.01], "tp": [0.05, 0.1], "sl": [0.1, 40.0]}
LEAD = grid_spec(LeadFollowParams(mode="long"), AXES)
SETS_OF_A_PIECE = 4
Usage = namedtuple("Usage", ["total", "used", "free"])


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "_MOST_SETS", SETS_OF_A_PIECE)


def job(path: Path | None, mode: Any = "long", spec: Any = None) -> GridJob:
    spec = spec or grid_spec(LeadFollowParams(mode=mode), AXES)
    about = describe_grid(small_panel(), spec, execution=EXECUTABLE, costs=COSTS)
    return GridJob(about=about, path=path)


def to_disk(path: Path, *, resume: bool = False, **options: Any) -> GridResult:
    with run_grids(small_panel(), [job(path)], resume=resume, **options) as results:
        return next(results)


def pieces_in(path: Path) -> int:
    return len(list(path.glob("part-*.parquet")))


def remove_pieces(path: Path, but: int) -> None:
    for file in sorted(path.glob("part-*.parquet"))[but:]:
        file.unlink()


def names_in(path: Path) -> list[str]:
    return sorted(file.name for file in path.iterdir())


# --- killed --------------------------------------------------------------------------------------


def killed_before_the_description(path: Path) -> None:
    """A process that dies where the folder's description is about to appear."""

    def die(file: Path, value: object) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        (file.parent / "._about-0a1b2c3d.json").write_text('{"half')
        os.kill(os.getpid(), signal.SIGKILL)

    sweep._MOST_SETS = SETS_OF_A_PIECE
    folder.write_json = die
    to_disk(path)


def killed_in_clearing(path: Path) -> None:
    """A process that dies between two pieces of a finished grid that is made anew."""
    unlink = Path.unlink

    def die_at_the_third(file: Path, missing_ok: bool = False) -> None:
        if file.name == "part-000000000008.parquet":
            os.kill(os.getpid(), signal.SIGKILL)
        unlink(file, missing_ok=missing_ok)

    sweep._MOST_SETS = SETS_OF_A_PIECE
    Path.unlink = die_at_the_third  # type: ignore[method-assign]
    to_disk(path)


def run_until_killed(work: Any, path: Path) -> None:
    process = PROCESSES.Process(target=work, args=(path,))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL


@pytest.mark.parametrize("resume", [False, True])
@pytest.mark.parametrize("work", [killed_before_the_description, killed_in_clearing])
def test_a_kill_leaves_nothing_to_clean_by_hand(tmp_path: Path, work: Any, resume: bool) -> None:
    path = tmp_path / "g.parquet"
    wanted = to_disk(path).table()
    if work is killed_before_the_description:
        shutil.rmtree(path)
    run_until_killed(work, path)
    assert not (path / "_about.json").exists()
    pd.testing.assert_frame_equal(to_disk(path, resume=resume).table(), wanted)
    assert names_in(path) == ["_about.json", *(f"part-{i:012d}.parquet" for i in (0, 4, 8, 12))]
    assert names_in(tmp_path) == ["g.parquet"]


def test_half_a_file_of_a_killed_run_goes_with_the_next(tmp_path: Path) -> None:
    path, spec = tmp_path / "one.parquet", grid_spec(LeadFollowParams(), {"tp": [0.1, 0.2]})
    (tmp_path / ".one-ab12cd34.parquet").write_bytes(b"half")
    (tmp_path / ".one-other-ab12cd34.parquet").write_bytes(b"another's")
    run_grid(small_panel(), spec, path=path)
    assert names_in(tmp_path) == [".one-other-ab12cd34.parquet", "one.parquet"]


@pytest.mark.parametrize("name", ["notes.txt", "part-000000000000.parquet"])
def test_a_folder_that_holds_anything_else_is_left_alone(tmp_path: Path, name: str) -> None:
    path = tmp_path / "g.parquet"
    path.mkdir()
    (path / "._about-0a1b2c3d.json").write_text("{")
    (path / name).write_text("mine")
    for resume in (False, True):
        with pytest.raises(StoreError, match=r"g\.parquet: no folder of a grid"):
            to_disk(path, resume=resume)
    assert names_in(path) == sorted(["._about-0a1b2c3d.json", name])


# --- two processes -------------------------------------------------------------------------------


def sit_on(path: Path, held: Any) -> None:
    with run_grids(small_panel(), [job(path)]):
        held.set()
        time.sleep(60)


def test_a_second_process_is_refused_by_name_and_a_dead_one_holds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sweeps.grid.stored.disk._PATIENCE_S", 0.0)
    path, held = tmp_path / "g.parquet", PROCESSES.Event()
    process = PROCESSES.Process(target=sit_on, args=(path, held))
    process.start()
    try:
        assert held.wait(60)
        with pytest.raises(LockError) as refusal:
            to_disk(path)
        to_disk(tmp_path / "other.parquet")
    finally:
        process.kill()
        process.join()
    assert str(refusal.value).startswith(
        f"{tmp_path}/.lock-g.parquet: held by process {process.pid} on "
    )
    assert str(refusal.value).endswith(
        "; another grid is being made there: wait for it, stop it, or give another folder with "
        "--out"
    )
    assert len(to_disk(path).table()) == LEAD.size
    assert names_in(tmp_path) == ["g.parquet", "other.parquet"]


def test_two_grids_cannot_have_one_path(tmp_path: Path) -> None:
    path = tmp_path / "g.parquet"
    jobs = [job(path), job(path, "short")]
    refusal = pytest.raises(SearchError, match=r"g\.parquet: asked for by two grids")
    with refusal, run_grids(small_panel(), jobs):
        pytest.fail("begun")


# --- room ----------------------------------------------------------------------------------------


def free_disk(monkeypatch: pytest.MonkeyPatch, sets: int) -> None:
    """A disk that holds ``sets`` more sets."""
    free = sets * len(SEGMENTS) * ROW_BYTES
    monkeypatch.setattr("sweeps.grid.stored.disk.shutil.disk_usage", lambda _: Usage(0, 0, free))


def test_a_resumed_grid_needs_room_for_what_is_missing_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "g.parquet"
    to_disk(path)
    remove_pieces(path, but=3)
    free_disk(monkeypatch, SETS_OF_A_PIECE - 1)
    with pytest.raises(StoreError, match=r"g\.parquet: 4 sets need about"):
        to_disk(path, resume=True)
    free_disk(monkeypatch, SETS_OF_A_PIECE)
    assert len(to_disk(path, resume=True).table()) == LEAD.size
    free_disk(monkeypatch, 0)
    assert len(to_disk(path, resume=True).table()) == LEAD.size


def test_all_grids_of_a_run_need_room_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = [job(tmp_path / f"{mode}.parquet", mode) for mode in ("short", "long")]
    free_disk(monkeypatch, 2 * LEAD.size - 1)
    with pytest.raises(StoreError, match="32 sets need"), run_grids(small_panel(), jobs):
        pytest.fail("begun")
    assert names_in(tmp_path) == []
    free_disk(monkeypatch, 2 * LEAD.size)
    with run_grids(small_panel(), jobs) as results:
        assert [result.name for result in results] == ["lead-short", "lead-long"]
    assert names_in(tmp_path) == ["long.parquet", "short.parquet"]


# --- size ----------------------------------------------------------------------------------------

MANY = [round(0.01 * i, 2) for i in range(1, 1025)]
HUGE = {
    "lead": grid_spec(
        LeadFollowParams(), dict.fromkeys(("tp", "sl", "move_pct", "spread_entry"), MANY)
    ),
    "reversion": grid_spec(
        ReversionParams(),
        {
            "entry": MANY,
            "exit": MANY,
            "max_hold": list(range(1, 1025)),
            "min_gap": list(range(1, 1025)),
        },
    ),
}


@pytest.mark.parametrize("name", HUGE)
@pytest.mark.parametrize("to", ["memory", "disk"])
def test_a_huge_grid_is_refused_at_once_and_costs_nothing(
    tmp_path: Path, name: str, to: str
) -> None:
    spec, panel = HUGE[name], small_panel()
    assert spec.size == 2**40
    path = tmp_path / "g.parquet" if to == "disk" else None
    tracemalloc.start()
    try:
        begin = time.perf_counter()
        with pytest.raises((SearchError, StoreError)) as refusal:
            run_grid(panel, spec, path=path)
        seconds = time.perf_counter() - begin
        peak_mib = tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()
    assert "1,099,511,627,776 sets" in str(refusal.value)
    assert seconds < 1.0
    assert peak_mib < 16
    assert names_in(tmp_path) == []


def test_a_grid_whose_valid_sets_hide_from_its_ends_is_not_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def only_the_middle(spec: Any, cells: Any) -> Any:
        return cells == 4

    spec = grid_spec(LeadFollowParams(), {"tp": [0.1, 0.2, 0.3], "sl": [0.1, 0.2, 0.3]})
    monkeypatch.setattr("sweeps.axes.GridSpec.is_valid_at", only_the_middle)
    assert run_grid(small_panel(), spec).spec.size == 9

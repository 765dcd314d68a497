"""Grids on disk, piece by piece: the same numbers, resumable, bounded, and refused in time."""

import errno
import weakref
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from research.errors import SearchError, SettingsError, StoreError
from research.features.labels import SEGMENTS
from research.measures.costs import Costs
from strategies.law.execution import EXECUTABLE, PLAIN
from strategies.lead_follow import LeadFollowParams
from strategies.reversion import ReversionParams
from sweeps.axes import grid_spec
from sweeps.cli.memory import memory_mib
from sweeps.engine import Sweep
from sweeps.grid.about import describe_grid
from sweeps.grid.result import GridResult
from sweeps.grid.run import GridJob, run_grid, run_grids
from sweeps.grid.stored import places
from sweeps.grid.stored.file import read
from sweeps.grid.stored.piece_file import PieceFile, StoredTally
from sweeps.grid.stored.places import OnDisk
from sweeps.law_tally import plain_tally
from sweeps.tally import Tally
from tests.samples.markets import small_panel

COSTS = Costs(fees_bps=4)
LEAD = grid_spec(
    LeadFollowParams(mode="long"),
    {"move_pct": [0.03, 0.05], "spread_entry": [0.0, 0.01], "tp": [0.05, 0.1], "sl": [0.1, 40.0]},
)
BACK = grid_spec(
    ReversionParams(),
    {"entry": [0.02, 0.03, 0.05], "exit": [0.0, 0.02, 0.03], "max_hold": [15, 60]},
)


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sweeps.engine.sweep._MOST_SETS", 4)


def job_of(path: Path | None, spec: Any = LEAD, **model: Any) -> GridJob:
    model = {"costs": COSTS, "execution": EXECUTABLE} | model
    return GridJob(about=describe_grid(small_panel(), spec, **model), path=path)


def to_disk(path: Path, spec: Any = LEAD, **options: Any) -> GridResult:
    model = {key: options.pop(key) for key in ("costs", "execution") if key in options}
    with run_grids(small_panel(), [job_of(path, spec, **model)], **options) as results:
        return next(results)


def interrupt_after(pieces: int) -> Any:
    left: Iterator[int] = iter(range(pieces))

    def progress(_: int) -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt

    return progress


@pytest.mark.parametrize("execution", [PLAIN, EXECUTABLE], ids=["plain", "executable"])
@pytest.mark.parametrize("spec", [LEAD, BACK], ids=["lead", "reversion"])
def test_a_grid_in_pieces_is_the_grid_in_memory(tmp_path: Path, spec: Any, execution: Any) -> None:
    whole = run_grid(small_panel(), spec, execution=execution, costs=COSTS)
    parts = to_disk(tmp_path / "g.parquet", spec, execution=execution, threads=2)
    assert isinstance(parts.tally, StoredTally)
    assert len(parts.tally.pieces) > 2
    for index, segment in enumerate(SEGMENTS):
        one, other = whole.tally.of_segment(index), parts.tally.of_segment(index)
        for name in one.counts:
            np.testing.assert_array_equal(one.counts[name], other.counts[name])
        for name in one.sums:
            assert one.sums[name].tobytes() == other.sums[name].tobytes()
        assert one.worst.tobytes() == other.worst.tobytes()
        pd.testing.assert_frame_equal(whole.table(segment.name), parts.table(segment.name))
    for options in ({"top": 5}, {"top": 3, "is_distinct": True}, {"by": "events", "top": 99}):
        best = [each.best("all", min_events=2, **options) for each in (whole, parts)]  # type: ignore[arg-type]
        pd.testing.assert_frame_equal(*best)
    assert whole.distinct_count() == parts.distinct_count()
    np.testing.assert_array_equal(whole.cube("lcb_pnl", "us"), parts.cube("lcb_pnl", "us"))


def test_anyone_reads_the_folder_as_one_table(tmp_path: Path) -> None:
    result = to_disk(tmp_path / "g.parquet")
    table = pd.read_parquet(tmp_path / "g.parquet")
    assert len(table) == len(SEGMENTS) * LEAD.size
    us = table[table["segment"] == "us"].sort_values("set")
    np.testing.assert_array_equal(us["max_loss"], result.table("us")["max_loss"])
    np.testing.assert_array_equal(us["spread_entry"], result.table("us")["spread_entry"])


def test_a_stopped_grid_keeps_its_pieces_and_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "g.parquet"
    with pytest.raises(KeyboardInterrupt):
        to_disk(path, progress=interrupt_after(3))
    kept = {file: file.stat().st_mtime_ns for file in path.glob("part-*")}
    assert 0 < len(kept) < 4
    assert len(pd.read_parquet(path)) == 16 * 4 * len(kept)
    with pytest.raises(StoreError, match=r"unfinished, \d+ sets are missing; go on with"):
        read(path)
    with pytest.raises(StoreError, match=r"an unfinished grid, \d of 4 pieces .* --resume"):
        to_disk(path)
    (path / ".part-0-killed.parquet").write_bytes(b"half")
    whole = to_disk(path, resume=True, memory_mib=64)
    assert not list(path.glob(".part-*"))
    assert all(file.stat().st_mtime_ns == time for file, time in kept.items())
    again = to_disk(tmp_path / "other.parquet")
    pd.testing.assert_frame_equal(whole.table(), again.table())


def test_a_finished_grid_is_not_made_again_when_resumed(tmp_path: Path) -> None:
    for spec in (LEAD, grid_spec(LeadFollowParams(), {"tp": [0.1, 0.2]})):
        path = tmp_path / f"{spec.size}.parquet"
        to_disk(path, spec)
        files = [path, *path.glob("*")] if path.is_dir() else [path]
        times = [file.stat().st_mtime_ns for file in files]
        seen: list[int] = []
        to_disk(path, spec, resume=True, progress=seen.append)
        assert [file.stat().st_mtime_ns for file in files] == times
        assert sum(seen) == spec.size
        to_disk(path, spec)
        assert [file.stat().st_mtime_ns for file in files] != times


def test_another_grid_is_not_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "g.parquet"
    to_disk(path)
    with pytest.raises(StoreError, match=r"holds another grid .* give another folder with --out"):
        to_disk(path, costs=Costs(fees_bps=5), resume=True)
    assert to_disk(path, costs=Costs(fees_bps=5)).costs.fees_bps == 5
    single = grid_spec(LeadFollowParams(), {"tp": [0.1, 0.2]})
    to_disk(tmp_path / "one.parquet", single)
    kept = (tmp_path / "one.parquet").read_bytes()
    with pytest.raises(StoreError, match=r"one\.parquet: holds another grid"):
        to_disk(tmp_path / "one.parquet", single, costs=Costs(fees_bps=5), resume=True)
    assert (tmp_path / "one.parquet").read_bytes() == kept
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("not yours")
    with pytest.raises(StoreError, match="mine: no folder of a grid"):
        to_disk(tmp_path / "mine")


def test_a_full_disk_is_named_and_finished_pieces_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, path = pq.ParquetWriter.write_table, tmp_path / "g.parquet"

    def full(writer: Any, table: pa.Table, **options: Any) -> None:
        if table.column("set")[0].as_py() == 4:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(writer, table, **options)

    with monkeypatch.context() as patched:
        patched.setattr(pq.ParquetWriter, "write_table", full)
        with pytest.raises(StoreError, match=r"part-0+4.parquet: cannot be written \(No space"):
            to_disk(path)
    kept = {file.name for file in path.glob("*part*")}
    assert "part-000000000000.parquet" in kept
    assert "part-000000000004.parquet" not in kept
    assert len(pd.read_parquet(path)) == 16 * 4 * len(kept)
    assert to_disk(path, resume=True).table().shape[0] == LEAD.size


def test_too_little_memory_is_refused_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(SearchError, match="memory = 0 MiB: a tally of 4 sets"):
        to_disk(tmp_path / "g.parquet", memory_mib=0)
    assert list(tmp_path.iterdir()) == []


def test_a_grid_that_cannot_be_counted_is_refused() -> None:
    many = [round(0.01 * i, 2) for i in range(1, 2001)]
    axes = {"tp": many, "sl": many, "move_pct": many, "spread_entry": many}
    with pytest.raises(SearchError, match=r"grid of 16,000,000,000,000 lead sets: at most 1,099,"):
        grid_spec(LeadFollowParams(), axes)


def test_a_piece_is_written_while_the_next_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_next_made, real_tally, real_write = Event(), Sweep.tally, places.write_piece

    def tally(self: Sweep, first: int, *arguments: Any) -> Tally:
        if first > 0:
            is_next_made.set()
        return real_tally(self, first, *arguments)

    def write(*arguments: Any) -> PieceFile:
        assert is_next_made.wait(30)
        return real_write(*arguments)

    monkeypatch.setattr(Sweep, "tally", tally)
    monkeypatch.setattr(places, "write_piece", write)
    assert len(to_disk(tmp_path / "g.parquet").table()) == LEAD.size


@pytest.mark.parametrize("held", [1, 2, 3])
def test_no_more_tallies_are_held_than_there_is_room_for(tmp_path: Path, held: int) -> None:
    alive: list[Any] = []
    most = 0
    pieces = tuple((first, first + 4) for first in range(0, 16, 4))
    about = job_of(None).about
    path = tmp_path / "g.parquet"
    with OnDisk(about, path, pieces, is_begun=False, held=held, command=()) as place:
        for first, _ in pieces:
            tally = Tally.empty(4)
            alive.append(weakref.ref(tally.worst))
            most = max(most, sum(each() is not None for each in alive))
            place.keep(first, tally)
            del tally
        place.tally()
    assert most <= held
    assert len(list(path.glob("part-*"))) == 4


def test_little_memory_makes_small_pieces_and_holds_one_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sweeps.engine.sweep._MOST_SETS", 1 << 16)
    axes = {"move_pct": [0.03, 0.05], "tp": "0.1:4:0.1", "sl": "0.1:4:0.1", "horizon": [5, 10]}
    spec = grid_spec(LeadFollowParams(mode="long"), axes)
    with monkeypatch.context() as patched:
        seen: list[int] = []
        real = OnDisk.__init__

        def spy(self: OnDisk, *arguments: Any, held: int, **options: Any) -> None:
            seen.append(held)
            real(self, *arguments, held=held, **options)

        patched.setattr(OnDisk, "__init__", spy)
        for memory_mib in (8, 1024):
            path = tmp_path / f"{memory_mib}.parquet"
            to_disk(path, spec, memory_mib=memory_mib, threads=2)
    assert seen == [1, 3]
    assert (tmp_path / "8.parquet").is_dir()
    assert (tmp_path / "1024.parquet").is_file()


def test_another_road_goes_to_disk_as_well(tmp_path: Path) -> None:
    law = to_disk(tmp_path / "law.parquet", tally=plain_tally)
    assert (tmp_path / "law.parquet").is_file()
    engine = to_disk(tmp_path / "engine.parquet")
    pd.testing.assert_frame_equal(law.table(), engine.table(), rtol=1e-9)


def test_a_damaged_part_is_named(tmp_path: Path) -> None:
    path = tmp_path / "g.parquet"
    result = to_disk(path)
    file = sorted(path.glob("part-*"))[1]
    file.write_bytes(b"PAR1 torn PAR1")
    with pytest.raises(StoreError, match=r"part-000000000004\.parquet: cannot be read as a grid"):
        read(path)
    with pytest.raises(StoreError, match=r"part-000000000004\.parquet: .* make the grid again"):
        result.table("us")


def test_amounts_of_memory() -> None:
    assert memory_mib("1GiB") == 1024
    assert memory_mib(" 512 mib") == 512
    assert memory_mib("800MB") == 762
    assert memory_mib("64") == 64
    for text in ("", "GiB", "1XB", "-1", "0", "1e9", "9999999TiB"):
        with pytest.raises(SettingsError, match="--memory"):
            memory_mib(text)

"""What is summed up beside a grid is what its pieces give; what cannot be believed is not read."""

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from research.features.labels import SEGMENTS
from strategies.lead_follow import LeadFollowParams
from strategies.reversion import ReversionParams
from sweeps.axes import GridSpec, grid_spec
from sweeps.grid.about import describe_grid
from sweeps.grid.heatmaps import heatmap_info
from sweeps.grid.projection import project, project_cubes
from sweeps.grid.result import GridResult
from sweeps.grid.run import GridJob, run_grid, run_grids
from sweeps.grid.stored import file
from sweeps.grid.stored.identity import grid_digest
from sweeps.grid.stored.piece_file import StoredTally
from sweeps.grid.stored.summary import FILE, KEPT, load_summary
from tests.samples.markets import small_panel

MIN_EVENTS = 3
AXES = {
    "window": [3.0, 5.0],
    "move_pct": [0.03, 0.05, 0.08],
    "spread_entry": [0.01, 0.02, 0.03],
    "cooldown": [1.0, 10.0],
    "tp": [0.05, 0.1, 0.2, 0.3],
    "sl": [0.1, 0.3],
    "horizon": [5.0, 15.0, 30.0],
}


def spec() -> GridSpec:
    return grid_spec(LeadFollowParams(mode="long"), AXES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("summed") / "grid")


def made(path: Path, *, resume: bool = False) -> Path:
    panel = small_panel()
    job = GridJob(about=describe_grid(panel, spec()), path=path)
    with run_grids(
        panel, [job], memory_mib=1, min_events=MIN_EVENTS, resume=resume, threads=1
    ) as results:
        result = next(results)
    assert isinstance(result.tally, StoredTally)
    assert len(result.tally.pieces) > 2
    return path


@pytest.fixture(scope="module")
def whole() -> GridResult:
    return run_grid(small_panel(), spec())


def test_every_pair_of_every_segment_is_what_the_cubes_give(
    folder: Path, whole: GridResult
) -> None:
    stored = file.read(folder)
    assert stored.summary is not None
    names = [axis.name for axis in whole.spec.axes]
    for segment, (x, y) in itertools.product(SEGMENTS, itertools.permutations(names, 2)):
        shown = (whole.spec.position(y), whole.spec.position(x))
        cubes = (
            whole.cube("lcb_pnl", segment.name),
            whole.cube("events", segment.name),
            whole.spec.is_valid.reshape(whole.spec.shape),
            np.arange(whole.spec.size).reshape(whole.spec.shape),
        )
        want = project_cubes(
            cubes, shown, how="best", min_events=MIN_EVENTS, taken=[slice(None)] * len(names)
        )
        for result in (stored, whole):
            found = project(result, segment.name, "lcb_pnl", x=x, y=y, min_events=MIN_EVENTS)
            for ours, theirs in zip(found, want, strict=True):
                np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("min_events", [MIN_EVENTS, 8])  # summed up, and not
def test_best_sets_and_counts_are_those_of_the_grid_in_memory(
    folder: Path, whole: GridResult, min_events: int
) -> None:
    stored = file.read(folder)
    for segment in SEGMENTS:
        for options in ({"top": 1}, {"top": 7, "is_distinct": True}, {"top": 200}):
            ours, theirs = (
                each.best(segment.name, min_events=min_events, **options)  # type: ignore[arg-type]
                for each in (stored, whole)
            )
            pd.testing.assert_frame_equal(ours, theirs)
        assert stored.counts(segment.name, min_events) == whole.counts(segment.name, min_events)
    assert stored.distinct_count() == whole.distinct_count()


def test_a_picture_of_a_summed_up_grid_reads_no_piece(folder: Path, tmp_path: Path) -> None:
    alone = tmp_path / "grid"
    alone.mkdir()
    for path in folder.iterdir():
        (alone / path.name).write_bytes(path.read_bytes())
    stored = file.read(alone)
    for path in alone.glob("part-*"):
        path.unlink()
    info = heatmap_info(stored, "tp", "sl", min_events=MIN_EVENTS)
    assert len(info.panels) == len(SEGMENTS)


def test_pieces_that_were_there_before_are_summed_up_too(folder: Path, tmp_path: Path) -> None:
    path = made(tmp_path / "grid")
    (path / FILE).unlink()
    sorted(path.glob("part-*"))[-1].unlink()
    made(path, resume=True)
    about = file.read(folder)
    both = [load_summary(each / FILE, about.spec, grid_digest(about)) for each in (folder, path)]
    one, other = both
    assert one is not None
    assert other is not None
    for name, values in one.bests.arrays().items():
        np.testing.assert_array_equal(values, other.bests.arrays()[name])
    assert [sets.tolist() for sets in one.top] == [sets.tolist() for sets in other.top]
    assert one.distinct == other.distinct
    assert max(map(len, one.top)) <= KEPT


@pytest.mark.parametrize("spoil", ["torn", "nonsense", "another grid", "missing"])
def test_a_summary_that_cannot_be_believed_is_passed_over(
    folder: Path, tmp_path: Path, spoil: str
) -> None:
    result = file.read(folder)
    path, digest = tmp_path / FILE, grid_digest(result)
    data = (folder / FILE).read_bytes()
    if spoil != "missing":
        path.write_bytes({"torn": data[: len(data) // 2], "nonsense": b"PK"}.get(spoil, data))
    found = load_summary(path, result.spec, "0" * 8 if spoil == "another grid" else digest)
    assert found is None


def test_sets_are_read_from_their_pieces_alone(folder: Path, whole: GridResult) -> None:
    sets = np.array([0, whole.spec.size - 1, 17, 17, 100])
    stored = file.read(folder)
    pd.testing.assert_frame_equal(
        stored.table("us", cells=sets), whole.table("us", cells=sets), check_exact=True
    )


def test_cells_without_a_valid_set_are_empty() -> None:
    grid = grid_spec(ReversionParams(), {"entry": [0.02, 0.05], "exit": [0.01, 0.03]})
    result = run_grid(small_panel(), grid)
    assert not result.is_valid.all()
    found = project(result, "all", "lcb_pnl", x="entry", y="exit", min_events=2)
    assert found.is_valid.ravel().tolist() == result.is_valid.reshape(2, 2).T.ravel().tolist()
    assert np.isnan(found.values[~found.is_valid]).all()
    assert (found.events[~found.is_valid] == 0).all()

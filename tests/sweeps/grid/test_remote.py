"""A grid by workers is the grid of one process: the same numbers, each piece once."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from research.errors import StoreError
from research.features.labels import SEGMENTS
from research.measures.costs import Costs
from strategies.law.execution import EXECUTABLE
from strategies.lead_follow import LeadFollowParams
from sweeps.axes import grid_spec
from sweeps.cluster.address import Address
from sweeps.cluster.workers import workers
from sweeps.grid.about import describe_grid
from sweeps.grid.result import GridResult
from sweeps.grid.run import GridJob, run_grid, run_grids
from sweeps.grid.stored.remote import split
from tests.samples.markets import small_panel

COSTS = Costs(fees_bps=4)
AXES = {"move_pct": [0.03, 0.05], "spread_entry": [0.0, 0.01], "tp": [0.05, 0.1], "sl": [0.1, 40.0]}
LEAD = grid_spec(LeadFollowParams(mode="long"), AXES)


class Here:
    """Workers that are this process, each item done ``times`` over."""

    count = 1

    def __init__(self, times: int = 1, forget: Callable[[Path], None] | None = None) -> None:
        self.times, self.forget, self.done = times, forget, 0

    def run(self, work: Any, items: Mapping[str, Any], shared: Any) -> Iterator[tuple[str, Any]]:
        for name, item in reversed(items.items()):  # any order will do
            found = [work(item, shared) for _ in range(self.times)]
            self.done += 1
            if self.forget is not None:
                self.forget(item.file)
            yield name, found[0]


def made(path: Path, cluster: Any, *, resume: bool = False) -> GridResult:
    about = describe_grid(small_panel(), LEAD, execution=EXECUTABLE, costs=COSTS)
    with run_grids(
        small_panel(), [GridJob(about=about, path=path)], cluster=cluster, resume=resume
    ) as results:
        return next(results)


def check_same(found: GridResult) -> None:
    known = run_grid(small_panel(), LEAD, execution=EXECUTABLE, costs=COSTS)
    for segment in (each.name for each in SEGMENTS):
        pd.testing.assert_frame_equal(found.table(segment), known.table(segment))


@pytest.mark.parametrize("times", [1, 2])
def test_pieces_in_any_order_made_once_or_twice_are_the_same_grid(
    tmp_path: Path, times: int
) -> None:
    found = made(tmp_path / "g.parquet", Here(times))
    assert len(list((tmp_path / "g.parquet").glob("part-*.parquet"))) == 4
    check_same(found)


def test_only_what_is_missing_is_handed_out(tmp_path: Path) -> None:
    made(tmp_path / "g.parquet", Here())
    sorted((tmp_path / "g.parquet").glob("part-*.parquet"))[2].unlink()
    again = Here()
    check_same(made(tmp_path / "g.parquet", again, resume=True))
    assert again.done == 1


def test_a_piece_that_is_not_seen_here_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"part-\d+\.parquet: written by a worker, and not .* see"):
        made(tmp_path / "g.parquet", Here(forget=Path.unlink))


def test_pieces_are_cut_for_every_worker_to_have_several() -> None:
    assert split(((0, 64), (64, 96)), 4, 2) == tuple((at, at + 12) for at in range(0, 96, 12))
    assert split(((0, 8), (8, 10)), 4, 100) == ((0, 4), (4, 8), (8, 10))
    assert split(((0, 8), (8, 16)), 4, 0) == ((0, 4), (4, 8), (8, 12), (12, 16))


def test_processes_of_a_real_cluster_make_the_same_grid(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    with workers(Address(processes=1)) as cluster:
        check_same(made(tmp_path / "g.parquet", cluster))

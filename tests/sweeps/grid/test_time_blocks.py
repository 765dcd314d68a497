"""Sums by day on disk: whole, resumable, bounded, and those of the law."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from research.errors import SearchError, StoreError
from research.measures.costs import Costs
from strategies.backtest.backtest import backtest
from strategies.law.execution import EXECUTABLE, PLAIN
from strategies.lead_follow import LeadFollowParams
from sweeps.axes import grid_spec
from sweeps.engine import Sweep, sums_by_part
from sweeps.grid.time_blocks import TimeBlocks, block_starts, read_time_blocks, write_time_blocks
from tests.samples.markets import small_panel

COSTS = Costs(fees_bps=4)
SPEC = grid_spec(
    LeadFollowParams(mode="long"),
    {"move_pct": [0.03, 0.05], "spread_entry": [0.0, 0.01], "tp": [0.05, 0.1], "sl": [0.1, 0.2]},
)
ROWS = slice(100, 5000)
ABOUT = {"data": {"sha": "a"}, "parameters": {"rows": [100, 5000]}}


def sweep(execution: Any = EXECUTABLE) -> Sweep:
    return Sweep(small_panel(), SPEC, execution=execution, costs=COSTS, rows=ROWS)


def write(folder: Path, **changes: Any) -> TimeBlocks:
    return write_time_blocks(sweep(), folder, **({"rows": ROWS, "about": ABOUT} | changes))


@pytest.mark.parametrize("execution", [EXECUTABLE, PLAIN], ids=["executable", "plain"])
def test_days_hold_the_trades_of_the_law(tmp_path: Path, execution: Any) -> None:
    panel = small_panel()
    found = write_time_blocks(sweep(execution), tmp_path, rows=ROWS, about=ABOUT)
    assert found.is_whole
    assert (found.minutes[1:] % 1440 == 0).all()
    assert len(found.minutes) == 4
    events, net = found.matrix("events", 0, SPEC.size), found.matrix("net", 0, SPEC.size)
    for cell in range(SPEC.size):
        params = SPEC.params_at(cell)
        law = backtest(panel, params, execution=execution, costs=COSTS, rows=ROWS).positions
        day = np.searchsorted(found.minutes, panel.minute[law["entry"]], side="right") - 1
        assert np.array_equal(events[:, cell], np.bincount(day, minlength=4))
        sums = np.bincount(day, weights=law["net_pct"], minlength=4)
        np.testing.assert_allclose(net[:, cell], sums, rtol=1e-12, atol=1e-12)
    assert events.sum() > 100


def test_a_slice_across_pieces_is_the_slice_of_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sweeps.engine.sweep._MOST_SETS", 4)
    found = write(tmp_path)
    assert found.pieces == ((0, 4), (4, 8), (8, 12), (12, 16))
    whole = sums_by_part(sweep(), 0, 16, block_starts(small_panel(), ROWS, 1440))
    for first, stop in ((0, 16), (3, 9), (5, 6)):
        np.testing.assert_array_equal(
            found.matrix("net_squared", first, stop), whole.net_squared[:, first:stop]
        )


def test_a_stopped_run_keeps_its_pieces_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sweeps.engine.sweep._MOST_SETS", 4)
    seen: Iterator[int] = iter(range(2))

    def stop_at_third(_: int) -> None:
        if next(seen, None) is None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(tmp_path, progress=stop_at_third)
    stopped = read_time_blocks(tmp_path)
    assert not stopped.is_whole
    assert stopped.pieces == ((0, 4), (4, 8), (8, 12))
    with pytest.raises(SearchError, match=r"sets 8 \.\. 16 are not all there; resume the run"):
        stopped.matrix("net", 8, 16)
    kept = {file: file.stat().st_mtime_ns for file in tmp_path.glob("*-0*.npy")}
    assert write(tmp_path, memory_mib=64).is_whole
    assert all(file.stat().st_mtime_ns == time for file, time in kept.items())


def test_another_grid_and_nonsense_are_refused(tmp_path: Path) -> None:
    write(tmp_path)
    other = {"data": {"sha": "b"}, "parameters": ABOUT["parameters"]}
    with pytest.raises(StoreError, match="holds the time blocks of another grid"):
        write(tmp_path, about=other)
    with pytest.raises(StoreError, match="holds the time blocks of another grid"):
        write(tmp_path, block_min=60)
    with pytest.raises(SearchError, match="at least 1 minute long, were 0"):
        write(tmp_path / "new", block_min=0)
    with pytest.raises(SearchError, match="memory = 0 MiB"):
        write(tmp_path / "new", memory_mib=0)
    with pytest.raises(StoreError, match="no time blocks of a grid"):
        read_time_blocks(tmp_path / "new")
    (tmp_path / "net-0000000000.npy").write_bytes(b"torn")
    with pytest.raises(StoreError, match="cannot be read as time blocks"):
        read_time_blocks(tmp_path).matrix("net", 0, 1)

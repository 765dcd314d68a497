"""Grids: every set makes the trades of its own backtest, on any number of threads."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sweeps.law_tally.tally
from research.errors import FrameError, ParamError, SearchError, StoreError
from research.features.labels import SEGMENTS
from research.features.panel import Panel
from research.frame.frame import write_frame
from research.measures.costs import Costs, plain_costs
from strategies.backtest.backtest import backtest
from strategies.law.execution import EXECUTABLE, PLAIN, Execution
from strategies.law.filters import EntryFilters
from strategies.lead_follow import LeadFollowParams
from strategies.registry import Params
from strategies.reversion import ReversionParams
from sweeps.axes import GridSpec, grid_spec
from sweeps.grid.result import GridResult
from sweeps.grid.run import run_grid
from sweeps.grid.stored import file
from sweeps.law_tally import plain_tally, segments_at
from sweeps.tally import Tally
from tests.reference.frames import frames, lead_params, reversion_params
from tests.samples.markets import small_panel, week_panel
from tests.samples.panels import panel_of

COSTS = Costs(fees_bps=10.0, slippage_bps=1.0, funding=True)
ANY_AGE = EntryFilters(max_age_min=float("inf"))
LEAD = grid_spec(
    LeadFollowParams(mode="long"),
    {
        "window": [3, 10],
        "move_pct": [0.04, 0.1],
        "spread_entry": [0.0, 0.02],
        "tp": [0.1, 0.4],
        "horizon": [5, 30],
        "cooldown": [0, 10],
    },
)
BACK = grid_spec(
    ReversionParams(),
    {"entry": [0.02, 0.03, 0.05], "exit": [0.0, 0.02, 0.03], "max_hold": [15, 60]},
)


def plain_grid(panel: Panel, spec: GridSpec, **options: Any) -> GridResult:
    """A grid by the plain road, whatever road is usual."""
    return run_grid(panel, spec, **{"tally": plain_tally} | options)


def assert_same(result: GridResult, panel: Panel, cells: Sequence[int]) -> None:
    """Counts exactly, sums to float64 rounding; 1e-8 where a sum of squares is taken apart."""
    for cell in cells:
        found = backtest(
            panel,
            result.spec.params_at(cell),
            execution=result.execution,
            costs=result.costs,
            rows=result.rows,
        )
        for index, wanted in enumerate(found.segments().values()):
            tally = result.tally.of_segment(index)
            assert tally.events[cell] == wanted.events
            for name in result.columns:
                column = float(tally.column(name)[cell])
                close = 1e-8 if name in ("pnl_std", "lcb_pnl") else 1e-12
                assert column == pytest.approx(
                    getattr(wanted, name), abs=close, rel=1e-12, nan_ok=True
                ), (cell, SEGMENTS[index].name, name)


def same_bits(one: Tally, other: Tally) -> bool:
    sides = [[*each.counts.values(), *each.sums.values(), each.worst] for each in (one, other)]
    assert one.counts.keys() == other.counts.keys()
    assert one.sums.keys() == other.sums.keys()
    return all(left.tobytes() == right.tobytes() for left, right in zip(*sides, strict=True))


@pytest.mark.parametrize("execution", [PLAIN, EXECUTABLE], ids=["plain", "executable"])
@pytest.mark.parametrize("spec", [LEAD, BACK], ids=["lead", "reversion"])
def test_the_recorded_week_is_tallied_as_it_is_backtested(
    shared_data: Path, spec: GridSpec, execution: Execution
) -> None:
    panel = week_panel(shared_data)
    result = plain_grid(panel, spec, execution=execution, costs=COSTS)
    assert result.tally.events[0].max() > 30
    cells = np.flatnonzero(result.is_valid)
    assert_same(result, panel, cells[:: max(1, len(cells) // 8)].tolist())


def test_the_known_numbers_stand_in_the_grid(shared_data: Path) -> None:
    panel = week_panel(shared_data)
    base = LeadFollowParams(mode="long", reference="raw", filters=ANY_AGE)
    spec = grid_spec(base, {"spread_entry": [0.03, 0.08]})
    table = plain_grid(panel, spec, execution=PLAIN, costs=plain_costs(8.0)).table()
    assert table["events"].iloc[0] == 53
    assert table["avg_pnl"].iloc[0] == pytest.approx(-0.027406899249, abs=1e-12)
    assert table["tp_share"].iloc[0] == pytest.approx(6 / 53 * 100)
    assert table["sl_share"].iloc[0] == pytest.approx(1 / 53 * 100)


@settings(max_examples=25)
@given(st.data())
def test_lead_grids_make_the_trades_of_the_law_on_nasty_frames(data: st.DataObject) -> None:
    frame = data.draw(frames(min_rows=12))
    one = data.draw(lead_params(frame))
    base = LeadFollowParams(
        mode=one["mode"],
        reference=one["reference"],
        filters=EntryFilters(max_age_min=one["max_age_min"]),
    )
    names = ("window", "move_pct", "spread_entry", "cooldown", "tp", "sl", "horizon")
    execution = Execution(fill=one["fill"], touch=one["touch"], overlap=one["overlap"])
    check_nasty(data, frame, base, one, names, execution)


@settings(max_examples=25)
@given(st.data())
def test_reversion_grids_make_the_trades_of_the_law_on_nasty_frames(data: st.DataObject) -> None:
    frame = data.draw(frames(min_rows=12))
    one = data.draw(reversion_params(frame))
    filters = EntryFilters(max_age_min=one["max_age_min"])
    base = ReversionParams(reference=one["reference"], filters=filters)
    execution = Execution(fill=one["fill"], overlap=one["overlap"])
    names = ("entry", "min_gap", "exit", "max_hold")
    check_nasty(data, frame, base, one, names, execution)


def check_nasty(
    data: st.DataObject,
    frame: Mapping[str, Sequence[float]],
    base: Params,
    one: dict[str, Any],
    names: Sequence[str],
    execution: Execution,
) -> None:
    """A grid around a drawn set, some cells of which are compared with their backtests."""
    panel = panel_of(frame, basis_min=max(6, one["basis_min"]))
    spec = grid_spec(base, {name: sorted({one[name], 2 * one[name]}) for name in names})
    costs = Costs(
        fees_bps=one["fees_bps"], slippage_bps=one["slippage_bps"], funding=one["funding_on"]
    )
    start = data.draw(st.integers(0, 5))
    rows = slice(start, data.draw(st.integers(start + 1, len(panel))))
    if not spec.is_valid.any():
        return
    result = plain_grid(panel, spec, execution=execution, costs=costs, rows=rows)
    cells = np.flatnonzero(result.is_valid)
    assert_same(result, panel, cells[:: max(1, len(cells) // 2)].tolist())


@pytest.mark.parametrize("spec", [LEAD, BACK], ids=["lead", "reversion"])
def test_the_bits_do_not_depend_on_threads_or_chunks(
    spec: GridSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = small_panel()
    one = plain_grid(panel, spec, threads=1).tally
    monkeypatch.setattr(sweeps.law_tally.tally, "_CHUNK", 5)
    assert same_bits(one, plain_grid(panel, spec, threads=2).tally)
    assert same_bits(one, plain_grid(panel, spec, threads=7).tally)
    assert one.events.any()


def test_cells_that_are_no_sets_are_marked_and_empty() -> None:
    result = plain_grid(small_panel(), BACK)
    assert not result.is_valid.all()
    table = result.table()
    is_valid = (table["exit"] < table["entry"]).to_numpy()
    np.testing.assert_array_equal(result.is_valid, is_valid)
    assert (table.loc[~is_valid, "events"] == 0).all()
    assert table.loc[~is_valid, "avg_pnl"].isna().all()
    assert (table.loc[is_valid, "events"] > 0).any()
    assert result.is_valid[result.best(min_events=0, by="events", top=99).index].all()


def test_an_unknown_regime_counts_in_all_and_its_session_only() -> None:
    panel = small_panel()
    blind = replace(panel, regime=np.full(len(panel), -1))
    result = plain_grid(blind, grid_spec(LeadFollowParams(move_pct=0.05, spread_entry=0.0), {}))
    events = dict(zip((s.name for s in SEGMENTS), result.tally.events[:, 0].tolist(), strict=True))
    assert events["all"] > 0
    assert events["all"] == events["asia"] + events["europe"] + events["us"]
    assert sum(events.values()) == 2 * events["all"]


def test_every_row_is_in_all_its_session_its_regime_and_their_pair() -> None:
    panel = small_panel()
    codes = segments_at(panel)
    for row in (0, 100, 2000, len(panel) - 1):
        names = [SEGMENTS[code].name for code in codes[row] if code >= 0]
        inside = [s.name for s in SEGMENTS if s.mask(panel.session, panel.regime)[row]]
        assert sorted(names) == sorted(inside)


def test_rows_bound_the_entries_and_end_the_frame() -> None:
    panel = small_panel()
    rows = slice(1000, 3000)
    result = plain_grid(panel, LEAD, rows=rows)
    assert_same(result, panel, [0, 17, LEAD.size - 1])
    assert result.rows == rows
    assert result.label == "SYNTH [SYNTHETIC] 2026-01-01T16:40Z .. 2026-01-03T01:59Z"
    halves = [plain_grid(panel, LEAD, rows=part) for part in (slice(0, 3000), slice(3000, None))]
    assert halves[1].rows == slice(3000, len(panel))


def test_progress_counts_every_set_once() -> None:
    for spec in (LEAD, BACK):
        seen: list[int] = []
        plain_grid(small_panel(), spec, progress=seen.append, threads=2)
        assert sum(seen) == spec.size


def test_an_interrupt_drops_the_chunks_that_have_not_begun(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sweeps.law_tally.tally, "_CHUNK", 1)
    scored: list[int] = []
    real = sweeps.law_tally.tally.empty_part

    def count(sets: int) -> sweeps.law_tally.tally.Part:
        scored.append(sets)
        return real(sets)

    monkeypatch.setattr(sweeps.law_tally.tally, "empty_part", count)

    def interrupt(sets: int) -> None:
        if sets:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        plain_grid(small_panel(), LEAD, progress=interrupt, threads=1)
    assert 0 < len(scored) < LEAD.size


def test_another_road_is_taken_where_one_is_given() -> None:
    def road(panel: Panel, spec: GridSpec, **options: Any) -> Tally:
        assert options["threads"] == 3
        assert options["rows"] == slice(0, len(panel))
        return Tally.empty(spec.size)

    assert not plain_grid(small_panel(), BACK, tally=road, threads=3).tally.events.any()


# --- looking at it -------------------------------------------------------------------------------


def test_a_table_has_a_row_for_each_set_and_the_columns_of_its_strategy() -> None:
    result = plain_grid(small_panel(), BACK)
    table = result.table("europe")
    assert list(table.columns[:4]) == ["entry", "min_gap", "exit", "max_hold"]
    assert list(table.columns[4:]) == list(result.columns)
    assert "revert_share" in table
    assert "tp_share" not in table
    assert table["max_hold"].dtype == table["events"].dtype == np.int64
    assert len(table) == BACK.size
    shown = result.table("all", ["lcb_pnl"])
    assert list(shown.columns[4:]) == ["lcb_pnl"]
    with pytest.raises(ParamError, match="segment = 'mars': no such segment; take one of all, asi"):
        result.table("mars")
    with pytest.raises(SearchError, match="column foo: not known for a grid; it has events, win"):
        result.table("all", ["foo"])


def test_the_best_sets_have_enough_trades_and_come_first() -> None:
    result = plain_grid(small_panel(), LEAD)
    table = result.table()
    enough = table[table["events"] >= 20].sort_values("lcb_pnl", ascending=False, kind="stable")
    best = result.best("all", by="lcb_pnl", min_events=20, top=7)
    assert best.index.tolist() == enough.index[:7].tolist()
    assert result.best(min_events=10**6).empty


def test_sets_that_made_the_same_trades_are_shown_once() -> None:
    # a take profit that nothing reaches is the same as another one
    spec = grid_spec(LeadFollowParams(move_pct=0.05, spread_entry=0.0), {"tp": [0.1, 40.0, 41.0]})
    result = plain_grid(small_panel(), spec)
    assert result.best(min_events=2).index.tolist().count(1) == 1
    assert len(result.best(min_events=2)) == 3
    shown = result.best(min_events=2, is_distinct=True).index.tolist()
    assert sorted(shown) == [0, 1]
    assert result.distinct_count() == 2


def test_a_cube_has_one_dimension_for_each_axis() -> None:
    result = plain_grid(small_panel(), LEAD)
    cube = result.cube("total_pnl", "us")
    assert cube.shape == LEAD.shape
    assert cube.ravel().tolist() == pytest.approx(
        result.table("us")["total_pnl"].tolist(), nan_ok=True
    )


def test_a_result_says_what_it_assumed() -> None:
    result = plain_grid(small_panel(), BACK, costs=COSTS)
    assert result.name == "reversion"
    assert result.model == (
        "fill=next_open, touch=intrabar, one position, excess spread, dYdX age <= 0m, 10 bps + "
        "1 bps slippage a fill, funding on"
    )
    assert replace(result, has_funding=False).model.endswith("no funding (the frame has none)")
    plain = plain_grid(small_panel(), LEAD, execution=PLAIN, costs=plain_costs(8.0))
    assert plain.name == "lead-long"
    assert plain.model.startswith("flat candles are prices, fill=close")
    assert plain.model.endswith("8 bps + 0 bps slippage a fill, no funding")


# --- files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("spec", [LEAD, BACK], ids=["lead", "reversion"])
def test_a_grid_comes_back_from_its_file_bit_by_bit(spec: GridSpec, tmp_path: Path) -> None:
    base: Any = spec.base
    filters = EntryFilters(max_age_min=float("inf"), sessions=("us", "asia"))
    spec = replace(spec, base=replace(base, filters=filters))
    result = plain_grid(small_panel(), spec, rows=slice(500, 4000), costs=COSTS)
    path, again = tmp_path / "sub" / "grid.parquet", tmp_path / "again.parquet"
    file.write(result, path, ["leadfollow", "grid"])
    back = file.read(path)
    for index in range(len(SEGMENTS)):
        assert same_bits(back.tally.of_segment(index), result.tally.of_segment(index))
    pd.testing.assert_frame_equal(back.table("us"), result.table("us"))
    for name in ("spec", "market", "label", "origin", "edges", "feature_settings", "rows"):
        assert getattr(back, name) == getattr(result, name), name
    for name in ("execution", "costs", "has_funding"):
        assert getattr(back, name) == getattr(result, name), name
    with pytest.raises(StoreError, match="the grid is on disk already; copy its files"):
        file.write(back, again)
    file.write(result, again, ["leadfollow", "grid"])
    assert path.read_bytes() == again.read_bytes()


def test_a_file_can_be_read_by_anyone_and_says_where_it_came_from(tmp_path: Path) -> None:
    result = plain_grid(small_panel(), BACK)
    path = tmp_path / "grid.parquet"
    file.write(result, path, ["leadfollow", "grid", "reversion"])
    stored = pq.read_table(path)
    frame = stored.to_pandas()
    assert len(frame) == len(SEGMENTS) * BACK.size
    wild = frame[frame["segment"] == "asia/wild"].reset_index(drop=True)
    table = result.table("asia/wild")
    for name in ("entry", "max_hold", "events", "max_loss"):
        np.testing.assert_array_equal(wild[name], table[name])
    np.testing.assert_allclose(wild["tally_wins"] / wild["events"] * 100, table["win_rate"])
    about = json.loads(stored.schema.metadata[b"leadfollow"])
    assert about["schema"] == "leadfollow.grid/3"
    assert not {"lcb_pnl", "tally_horizon"} & set(frame)  # they follow from the others
    assert about["command"] == "leadfollow grid reversion"
    assert about["synthetic"] is True
    assert about["data"]["content_sha256"] == result.origin.content_sha256
    assert about["parameters"]["axes"]["entry"] == [0.02, 0.03, 0.05]
    assert about["parameters"]["edges"]["is_in_sample"] is False
    assert about["versions"]["numba"]


def test_files_that_are_no_grids_are_refused(tmp_path: Path) -> None:
    missing, text, frame = (tmp_path / name for name in ("missing", "text", "frame"))
    text.write_text("<html>")
    write_frame(small_panel().frame, frame)
    with pytest.raises(StoreError, match=r"missing: cannot be read as a grid .*`leadfollow grid`"):
        file.read(missing)
    with pytest.raises(StoreError, match="text: cannot be read as a grid"):
        file.read(text)
    with pytest.raises(
        StoreError, match=r"frame: Parquet, but not a whole grid \(schema is 2, not"
    ):
        file.read(frame)


def test_a_grid_that_lost_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "grid.parquet"
    file.write(plain_grid(small_panel(), BACK), path)
    stored: pa.Table = pq.read_table(path)
    pq.write_table(stored.slice(1), path)
    with pytest.raises(
        StoreError, match=r"not a whole grid \(287 rows for 18 sets\); make it with"
    ):
        file.read(path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match=r"file/grid\.parquet: cannot be written"):
        file.write(plain_grid(small_panel(), BACK), tmp_path / "file" / "grid.parquet")


# --- what is refused -----------------------------------------------------------------------------


def test_a_grid_without_a_valid_set_is_refused() -> None:
    spec = grid_spec(ReversionParams(), {"entry": [0.02], "exit": [0.02, 0.03]})
    with pytest.raises(SearchError) as refusal:
        plain_grid(small_panel(), spec)
    assert str(refusal.value) == (
        "grid of 2 reversion sets: none is valid (exit must be below entry); lower the exit "
        "levels or raise those of entry"
    )


def test_a_grid_too_large_for_the_memory_is_refused() -> None:
    spec = grid_spec(LeadFollowParams(), {"tp": "0.001:1.2:0.001", "sl": "0.001:1.2:0.001"})
    with pytest.raises(SearchError) as refusal:
        plain_tally(small_panel(), spec, execution=PLAIN, costs=COSTS)
    assert str(refusal.value) == (
        "grid of 1,440,000 sets: the plain road keeps at most 1,000,000 in memory; take fewer "
        "levels"
    )


def test_no_rows_and_no_threads_are_refused() -> None:
    with pytest.raises(FrameError, match=r"SYNTH .*: rows 7\.\.7 hold no minute; widen them"):
        plain_grid(small_panel(), BACK, rows=slice(7, 7))
    with pytest.raises(SearchError, match="threads must be at least 1, was 0"):
        plain_grid(small_panel(), BACK, threads=0)

"""Searches: reproducible, resumable, and blind to the minutes after their rows."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from research.errors import SearchError
from research.features.labels import SEGMENTS, segment_of
from research.features.panel import features
from strategies.backtest.backtest import backtest
from strategies.backtest.model import executable_model
from strategies.lead_follow import LeadFollowParams
from strategies.registry import bases
from strategies.reversion import ReversionParams
from sweeps.engine import PartSums
from sweeps.settings import Settings
from sweeps.study.objective import confined, plateau, robust_bound
from sweeps.study.search import found_in, plan_studies, run_studies, study_segments
from sweeps.study.space import search_space
from sweeps.study.study import StudySpec, heal_journal, kept_best, list_studies, run_study
from tests.samples.markets import small_frame, small_panel

MODEL = executable_model(Settings())


def spec(**changes: object) -> StudySpec:
    base = MODEL.apply(LeadFollowParams(mode="long"))
    whole = StudySpec(
        base=base,
        space=search_space(base, Settings().axes.of("lead")),
        segment=SEGMENTS[0],
        model=MODEL,
        rows=slice(0, 4000),
        trials=15,
        seed=7,
        min_events=5,
        folds=2,
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def trials_in(folder: Path) -> list[tuple[dict[str, float], float | None]]:
    (row,) = list_studies(folder)
    return [(row["params"], row["lcb_pnl"])]


def test_the_same_seed_finds_the_same_set(tmp_path: Path) -> None:
    first = run_study(small_panel(), spec(), tmp_path / "a")
    assert first is not None
    assert first == run_study(small_panel(), spec(), tmp_path / "b")
    other = run_study(small_panel(), spec(seed=8), tmp_path / "c")
    assert other is not None
    assert other.params != first.params


def test_two_sittings_find_what_one_finds(tmp_path: Path) -> None:
    whole = run_study(small_panel(), spec(), tmp_path / "one")
    run_study(small_panel(), spec(trials=6), tmp_path / "two")
    assert run_study(small_panel(), spec(), tmp_path / "two") == whole
    assert trials_in(tmp_path / "one") == trials_in(tmp_path / "two")


def test_a_finished_study_runs_no_further_trial(tmp_path: Path) -> None:
    run_study(small_panel(), spec(), tmp_path)
    calls: list[int] = []
    run_study(small_panel(), spec(), tmp_path, on_trial=lambda: calls.append(1))
    assert calls == []


def test_a_torn_last_line_is_cut_off_and_the_search_goes_on(tmp_path: Path) -> None:
    whole = run_study(small_panel(), spec(), tmp_path / "whole")
    run_study(small_panel(), spec(trials=6), tmp_path / "torn")
    (file,) = (tmp_path / "torn").glob("*.journal")
    with file.open("ab") as stream:
        stream.write(b'{"op_code":4,"worker')
    assert run_study(small_panel(), spec(), tmp_path / "torn") == whole


def test_healing_leaves_a_whole_journal_alone(tmp_path: Path) -> None:
    file = tmp_path / "a.journal"
    whole = b'{"op_code":0}\n{"op_code":4}\n'
    file.write_bytes(whole)
    heal_journal(file)
    assert file.read_bytes() == whole
    file.write_bytes(b"{")
    heal_journal(file)
    assert file.read_bytes() == b""


@pytest.mark.parametrize(
    "changes", [{"seed": 8}, {"rows": slice(0, 3999)}, {"min_events": 6}, {"folds": 3}], ids=str
)
def test_a_study_over_something_else_is_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    run_study(small_panel(), spec(trials=1), tmp_path)
    with pytest.raises(SearchError, match="over other data, rows, axes, model, folds or seed"):
        run_study(small_panel(), spec(trials=1, **changes), tmp_path)


def test_a_search_never_sees_the_minutes_after_its_rows(tmp_path: Path) -> None:
    frame, edges = small_frame(), small_panel().edges
    poisoned = replace(frame, table=frame.table.copy())
    poisoned.table.iloc[4000:] *= np.random.default_rng(5).uniform(
        0.5, 2.0, poisoned.table.iloc[4000:].shape
    )
    clean = run_study(features(frame, edges=edges), spec(), tmp_path / "clean")
    assert clean is not None
    assert clean == run_study(features(poisoned, edges=edges), spec(), tmp_path / "poisoned")


def test_the_best_set_has_the_trades_it_needs(tmp_path: Path) -> None:
    best = run_study(small_panel(), spec(min_events=12), tmp_path)
    assert best is not None
    assert best.events >= 12
    again = backtest(small_panel(), best.params, rows=slice(0, 4000)).report()
    assert again.events == best.events
    assert again.lcb_pnl == pytest.approx(best.lcb_pnl, rel=1e-9)
    assert best.sets_tried == 15 * 6 * 6 * 6


def test_no_feasible_set_is_no_best_set(tmp_path: Path) -> None:
    assert run_study(small_panel(), spec(min_events=10_000), tmp_path) is None
    (row,) = list_studies(tmp_path)
    assert (row["feasible"], row["lcb_pnl"]) == (0, None)


def test_an_entry_without_a_fitting_exit_is_scored_worst_and_not_run(tmp_path: Path) -> None:
    base = MODEL.apply(ReversionParams(entry=0.5))
    levels = {"entry": [0.02, 0.021], "exit": [0.03, 0.04]}
    hopeless = spec(base=base, space=search_space(base, levels), trials=2)
    assert run_study(small_panel(), hopeless, tmp_path) is None
    (row,) = list_studies(tmp_path)
    assert (row["trials"], row["sets"], row["feasible"]) == (2, 0, 0)


def test_proposed_thresholds_are_rounded_and_exits_come_from_the_cube() -> None:
    base = MODEL.apply(ReversionParams())
    space = search_space(base, {"entry": [0.02, 0.1], "exit": [0.0, 0.01], "max_hold": [15, 60]})
    assert set(space.distributions(base)) == {"entry"}
    assert space.exits == {
        "exit": [0.0, 0.002, 0.004, 0.006, 0.008, 0.01],
        "max_hold": [15.0, 20.0, 26.0, 34.0, 45.0, 60.0],
    }
    entry = space.entry_at(base, {"entry": 0.050049})
    assert isinstance(entry, ReversionParams)
    assert (entry.entry, entry.exit, entry.max_hold) == (0.05, 0.0, 15)
    last = space.exit_at(entry, 35)
    assert isinstance(last, ReversionParams)
    assert (last.exit, last.max_hold) == (0.01, 60)


def test_an_exit_on_a_plateau_beats_a_lonely_peak() -> None:
    values = np.array([[9.0, 0.0, 0.0, 0.0], [0.0, 0.0, 4.0, 4.0], [0.0, 0.0, 4.0, 4.0]])
    smooth = plateau(values, np.ones_like(values, dtype=np.bool_))
    assert np.unravel_index(np.argmax(smooth), values.shape) in {(1, 3), (2, 2), (2, 3)}
    known = np.array([[True, False, True]])
    np.testing.assert_array_equal(plateau(np.array([[1.0, 50.0, 3.0]]), known), [[1, np.nan, 3]])


def sums(events: list[int], mean: list[float]) -> PartSums:
    """One set, its folds with so many trades around a mean, one percent apart."""
    n, average = np.array(events)[:, None], np.array(mean)[:, None]
    spread = n * (average**2 + 1.0)
    return PartSums(events=n, net=n * average, net_squared=spread, gross=n * average)


def test_an_edge_of_one_fold_alone_does_not_count() -> None:
    steady, lucky = sums([100] * 4, [0.3] * 4), sums([100] * 4, [1.2, 0.0, 0.0, 0.0])
    assert lucky.total().lcb_pnl()[0, 0] == pytest.approx(0.3 - 1.645 * 1.13 / 20, abs=1e-2)
    assert lucky.total().lcb_pnl()[0, 0] > 0.1 > 0 > robust_bound(lucky)[0]
    assert robust_bound(steady)[0] == pytest.approx(steady.without(0).lcb_pnl()[0, 0])
    assert robust_bound(steady)[0] > 0.1
    assert robust_bound(sums([100], [0.3]))[0] == sums([100], [0.3]).lcb_pnl()[0, 0]
    assert np.isnan(robust_bound(sums([50, 1], [1.0, 1.0]))[0])


def test_a_study_of_a_segment_enters_there_only() -> None:
    params = confined(LeadFollowParams(), segment_of("asia/wild"))
    assert (params.filters.sessions, params.filters.regimes) == (("asia",), ("wild",))


def test_the_result_does_not_depend_on_the_number_of_processes(tmp_path: Path) -> None:
    settings = Settings.model_validate({"study": {"trials": 4, "min_events": 3, "segments": "all"}})
    panel = features(small_frame(), settings.panel, edges=small_panel().edges)
    specs = plan_studies(panel, settings, MODEL)
    assert [s.name for s in specs] == [f"{title}.all" for title in bases()]
    one = run_studies(panel, specs, tmp_path / "one", workers=1)
    two = run_studies(panel, specs, tmp_path / "two", workers=2)
    assert one == two == found_in(panel, specs, tmp_path / "two")
    assert kept_best(panel, specs[0], tmp_path / "none") is None


def test_segment_choices() -> None:
    assert [len(study_segments(choice)) for choice in ("all", "pairs", "full")] == [1, 10, 16]

"""Searches: reproducible, resumable, counted, and blind to the minutes after their rows."""

import json
import math
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import optuna
import pytest

from research.errors import SearchError
from research.features.labels import SEGMENTS, segment_of
from research.features.panel import features
from strategies.backtest.backtest import backtest
from strategies.backtest.model import executable_model
from strategies.lead_follow import LeadFollowParams
from strategies.registry import bases
from strategies.reversion import ReversionParams
from sweeps.ledger import Ledger
from sweeps.settings import Settings
from sweeps.settings.tables import SamplerName
from sweeps.study.books import FolderBooks
from sweeps.study.listing import (
    list_studies,
    read_trials,
)
from sweeps.study.search import found_in, plan_studies, run_studies, study_segments
from sweeps.study.space import search_space
from sweeps.study.spec import StudySpec
from sweeps.study.study import Best, kept_best, run_study
from sweeps.study.trials import SCORE
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


CUBE = math.prod(spec().space.cube)


def search(folder: Path, **changes: object) -> Best | None:
    return run_study(small_panel(), spec(**changes), FolderBooks(folder))


def trials_in(folder: Path) -> list[tuple[dict[str, float], float | None]]:
    (row,) = list_studies(FolderBooks(folder))
    return [(row.params, row.score)]


def proposed(folder: Path) -> list[tuple[dict[str, Any], Any]]:
    (name,) = FolderBooks(folder).names()
    trials = read_trials(FolderBooks(folder), name)
    return [(trial.params, trial.user_attrs[SCORE]) for trial in trials]


def test_the_same_seed_finds_the_same_set(tmp_path: Path) -> None:
    first = search(tmp_path / "a")
    assert first is not None
    assert first == search(tmp_path / "b")
    search(tmp_path / "c", seed=8)
    assert proposed(tmp_path / "a") == proposed(tmp_path / "b") != proposed(tmp_path / "c")


@pytest.mark.parametrize("sampler", get_args(SamplerName))
def test_two_sittings_propose_what_one_proposes(tmp_path: Path, sampler: str) -> None:
    whole = search(tmp_path / "one", sampler=sampler, trials=50)
    for trials in (3, 6, 27, 50):
        again = search(tmp_path / "many", sampler=sampler, trials=trials)
    assert again == whole
    assert proposed(tmp_path / "one") == proposed(tmp_path / "many")
    assert len({json.dumps(params) for params, _ in proposed(tmp_path / "one")}) > 30


def test_a_finished_study_runs_no_further_trial(tmp_path: Path) -> None:
    search(tmp_path)
    calls: list[int] = []
    run_study(small_panel(), spec(), FolderBooks(tmp_path), on_trial=calls.append)
    assert calls == [15]  # those that were there


def test_a_torn_last_line_is_cut_off_and_the_search_goes_on(tmp_path: Path) -> None:
    whole = search(tmp_path / "whole")
    search(tmp_path / "torn", trials=6)
    (file,) = (tmp_path / "torn").glob("*.journal")
    with file.open("ab") as stream:
        stream.write(b'{"op_code":4,"worker')
    assert search(tmp_path / "torn") == whole
    assert proposed(tmp_path / "torn") == proposed(tmp_path / "whole")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"seed": 8}, "seed: 7 -> 8"),
        ({"rows": slice(0, 3999)}, r"rows: \[0, 4000\] -> \[0, 3999\]"),
        ({"min_events": 6}, "min_events: 5 -> 6"),
        ({"folds": 3, "sampler": "random"}, "sampler: tpe -> random; folds: 2 -> 3"),
    ],
    ids=str,
)
def test_a_study_over_something_else_is_refused_with_the_difference(
    tmp_path: Path, changes: dict[str, object], words: str
) -> None:
    search(tmp_path, trials=1)
    with pytest.raises(SearchError, match=rf"begun with something else \({words}\)"):
        search(tmp_path, trials=1, **changes)
    with pytest.raises(SearchError, match="begun with something else"):
        kept_best(small_panel(), spec(**changes), FolderBooks(tmp_path))


def test_a_search_never_sees_the_minutes_after_its_rows(tmp_path: Path) -> None:
    frame, edges = small_frame(), small_panel().edges
    poisoned = replace(frame, table=frame.table.copy())
    poisoned.table.iloc[4000:] *= np.random.default_rng(5).uniform(
        0.5, 2.0, poisoned.table.iloc[4000:].shape
    )
    asked = spec(segment=segment_of("asia"))
    both = [
        run_study(features(each, edges=edges), asked, FolderBooks(tmp_path / str(number)))
        for number, each in enumerate((frame, poisoned))
    ]
    assert both[0] is not None
    assert both[0] == both[1]


def test_the_best_set_has_the_trades_it_needs(tmp_path: Path) -> None:
    best = search(tmp_path, min_events=12)
    assert best is not None
    assert best.events >= 12
    again = backtest(small_panel(), best.params, rows=slice(0, 4000)).report()
    assert again.events == best.events
    assert again.lcb_pnl == pytest.approx(best.lcb_pnl, rel=1e-9)
    coarse = best.sets_tried - 15 * CUBE
    assert coarse > 0
    assert coarse % 4**3 == 0  # every third of ten exit levels


def test_what_a_trial_looked_at_is_in_its_books(tmp_path: Path) -> None:
    search(tmp_path, trials=8)
    trials = read_trials(FolderBooks(tmp_path), "lead-long.all")
    assert [trial.user_attrs["sets"] for trial in trials[1:]] == [CUBE] * 7
    for trial in trials:
        known = trial.user_attrs
        assert len(known["folds"]) == 2
        assert sum(events for events, _ in known["folds"]) <= known["events"]
        assert known["seed"] == 7
        assert trial.constraints["min_events"] == 5 - known["events"]
    assert len({trial.user_attrs["hash"] for trial in trials}) == 1


def test_a_larger_loss_than_allowed_is_infeasible(tmp_path: Path) -> None:
    loose, tight = search(tmp_path / "a"), search(tmp_path / "b", max_loss_pct=0.15)
    assert loose is not None
    worst = backtest(small_panel(), loose.params, rows=slice(0, 4000)).report().max_loss
    assert worst < -0.15
    trials = read_trials(FolderBooks(tmp_path / "b"), "lead-long.all")
    assert any(trial.constraints["max_loss_pct"] > 0 for trial in trials)
    assert tight is None or tight.params != loose.params


def test_the_first_trials_are_the_best_of_a_coarse_grid(tmp_path: Path) -> None:
    search(tmp_path, trials=6)
    found = proposed(tmp_path)
    levels = Settings().axes.of("lead")
    first = found[0][0]
    assert {name: first[name] for name in ("window", "move_pct", "spread_entry")} == first
    assert first["window"] in levels["window"]
    with FolderBooks(tmp_path).opened("lead-long.all", directions=None) as book:
        first = book.attrs()["first"]
    assert [params for params, _ in found[: len(first)]] == first
    scores = [score for _, score in found[: len(first)]]
    assert len(scores) >= 2
    assert scores == sorted(scores, reverse=True)


def test_no_better_trial_among_many_ends_the_search(tmp_path: Path) -> None:
    search(tmp_path, trials=200, patience=10)
    (row,) = list_studies(FolderBooks(tmp_path))
    assert row.stopped == "no better trial among the last 10"
    scores = [score for _, score in proposed(tmp_path)]
    assert len(scores) == scores.index(max(scores)) + 11 < 200


def test_a_full_disk_stops_the_search_and_keeps_the_trials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = search(tmp_path / "whole")
    real, calls = Path.open, []

    def full(self: Path, mode: str = "r", *rest: Any, **more: Any) -> Any:
        if mode == "ab" and self.name.endswith(".journal"):
            calls.append(1)
            if len(calls) > 12:
                raise OSError(28, "No space left on device")
        return real(self, mode, *rest, **more)

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(SearchError, match=r"No space left on device.*every trial before"):
        search(tmp_path / "full")
    monkeypatch.undo()
    (row,) = list_studies(FolderBooks(tmp_path / "full"))
    assert 0 < row.trials < 15
    assert search(tmp_path / "full") == whole


def test_time_ends_the_search_and_the_rest_is_reported_as_done(tmp_path: Path) -> None:
    told: list[int] = []
    run_study(
        small_panel(),
        spec(until=time.time() - 1),
        FolderBooks(tmp_path),
        on_trial=told.append,
    )
    assert sum(told) == 15
    (row,) = list_studies(FolderBooks(tmp_path))
    assert (row.trials, row.stopped) == (0, "time is up")


def test_an_entry_without_a_fitting_exit_is_scored_worst_and_not_run(tmp_path: Path) -> None:
    base = MODEL.apply(ReversionParams(entry=0.5))
    levels = {"entry": [0.02, 0.021], "exit": [0.03, 0.04]}
    hopeless = spec(base=base, space=search_space(base, levels), trials=2, min_events=2)
    assert run_study(small_panel(), hopeless, FolderBooks(tmp_path)) is None
    (row,) = list_studies(FolderBooks(tmp_path))
    assert row.feasible == 0


def test_proposed_thresholds_are_rounded_and_exits_come_from_the_cube() -> None:
    base = MODEL.apply(ReversionParams())
    space = search_space(base, {"entry": [0.02, 0.1], "exit": [0.0, 0.01], "max_hold": [15, 60]})
    distributions = space.distributions(base)
    assert set(distributions) == {"entry"}
    assert distributions["entry"] == optuna.distributions.FloatDistribution(0.02, 0.1, log=True)
    assert space.longest_hold == 60
    assert space.exits == {
        "exit": [0.0, 0.0011, 0.0022, 0.0033, 0.0044, 0.0056, 0.0067, 0.0078, 0.0089, 0.01],
        "max_hold": [15.0, 17.0, 20.0, 24.0, 28.0, 32.0, 38.0, 44.0, 51.0, 60.0],
    }
    entry = space.entry_at(base, {"entry": 0.050049})
    assert isinstance(entry, ReversionParams)
    assert (entry.entry, entry.exit, entry.max_hold) == (0.05, 0.0, 15)
    last = space.exit_at(entry, 99)
    assert isinstance(last, ReversionParams)
    assert (last.exit, last.max_hold) == (0.01, 60)


def test_the_ledger_hears_of_sets_before_they_are_looked_at(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "looks.jsonl")
    told: list[int] = []

    def look(_: int) -> None:
        told.append(ledger.looks()[-1].sets)

    best = run_study(
        small_panel(), spec(trials=70), FolderBooks(tmp_path / "s"), ledger=ledger, on_trial=look
    )
    assert best is not None
    (_, *made) = told
    assert all(sets >= (number + 1) * CUBE for number, sets in enumerate(made))
    looks = ledger.looks()
    assert len({look.identity for look in looks}) == 1
    assert looks[-1].sets == best.sets_tried
    assert ledger.sets_searched(looks[0]) == best.sets_tried  # once, by the most it said


def test_more_trials_in_a_later_sitting_are_counted_too(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "looks.jsonl")
    for trials in (3, 9, 9):
        best = run_study(
            small_panel(), spec(trials=trials), FolderBooks(tmp_path / "s"), ledger=ledger
        )
        assert best is not None
        assert ledger.sets_searched(ledger.looks()[0]) == best.sets_tried


def test_a_refused_search_begins_nothing_beside_what_is_there(tmp_path: Path) -> None:
    some = [spec(segment=segment_of(name), trials=1) for name in ("all", "asia")]
    run_studies(small_panel(), some[:1], tmp_path, workers=1)
    others = [replace(each, seed=9) for each in reversed(some)]
    with pytest.raises(SearchError, match="seed: 7 -> 9"):
        run_studies(small_panel(), others, tmp_path, workers=1)
    assert FolderBooks(tmp_path).names() == ["lead-long.all"]


def test_a_study_of_a_segment_enters_there_only_and_is_drawn_to_its_parent(tmp_path: Path) -> None:
    asked = spec(segment=segment_of("asia"), min_events=2)
    assert asked.confined_base.filters.sessions == ("asia",)
    assert asked.parent == segment_of("all")
    best = run_study(small_panel(), asked, FolderBooks(tmp_path))
    assert best is not None
    assert best.params.filters.sessions == ("asia",)


def test_the_result_does_not_depend_on_the_number_of_processes(tmp_path: Path) -> None:
    settings = Settings.model_validate(
        {"study": {"trials": 8, "min_events": 3, "segments": "all", "embargo_min": 10}}
    )
    panel = features(small_frame(), settings.panel, edges=small_panel().edges)
    specs = plan_studies(panel, settings, MODEL)
    assert [s.name for s in specs] == [f"{title}.all" for title in bases()]
    told: list[int] = []
    one = run_studies(panel, specs, tmp_path / "one", workers=1)
    two = run_studies(panel, specs, tmp_path / "two", workers=2, on_trial=told.append)
    assert one == two == found_in(panel, specs, tmp_path / "two")
    assert sum(told) == sum(each.trials for each in specs)
    assert kept_best(panel, specs[0], FolderBooks(tmp_path / "none")) is None


@pytest.mark.parametrize(
    ("choice", "count"),
    [("all", 1), ("pairs", 10), ("full", 16), ("session,regime", 6), ("asia,us/wild", 2)],
)
def test_segment_choices(choice: str, count: int) -> None:
    assert len(study_segments(choice)) == count


def test_an_unknown_segment_is_refused_with_those_there_are() -> None:
    with pytest.raises(SearchError, match=r"no segment 'asai'; take all, session, regime, both"):
        study_segments("all,asai")

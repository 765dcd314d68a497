"""What kept studies say of themselves: lists, the best, whose set stands in for none."""

from pathlib import Path

import optuna
import pytest

from research.errors import SearchError
from research.features.labels import segment_of
from sweeps.study.books import FolderBooks
from sweeps.study.listing import list_studies, neighbours_of, read_trials, top_trials
from sweeps.study.search import fallbacks_in, run_studies
from sweeps.study.spec import fallback_of, parents_of
from sweeps.study.study import front_of
from sweeps.study.trials import DRAWDOWN, MEAN, SCORE, is_feasible
from tests.samples.markets import small_panel
from tests.sweeps.study.test_study import search, spec


def test_no_feasible_set_is_no_best_set_and_is_found_out_soon(tmp_path: Path) -> None:
    assert search(tmp_path, min_events=10_000) is None
    (row,) = list_studies(FolderBooks(tmp_path))
    assert (row.trials, row.feasible, row.score) == (0, 0, None)
    assert row.stopped is not None
    assert "10000 are needed" in row.stopped


def test_what_is_left_is_said_and_a_longer_search_goes_on(tmp_path: Path) -> None:
    search(tmp_path, trials=40, patience=5)
    (row,) = list_studies(FolderBooks(tmp_path))
    assert (row.wanted, row.seconds_left) == (40, None)  # it stopped of itself
    assert row.trials < 40
    search(tmp_path, trials=40)
    (row,) = list_studies(FolderBooks(tmp_path))
    assert (row.trials, row.wanted, row.seconds_left, row.stopped) == (40, 40, 0.0, None)


def test_trials_of_an_earlier_version_are_refused(tmp_path: Path) -> None:
    with FolderBooks(tmp_path).opened("lead-long.all", directions=["maximize"]) as book:
        book.study.add_trial(optuna.trial.create_trial(value=1.0))
    with pytest.raises(SearchError, match="a study of an earlier version"):
        search(tmp_path)
    with pytest.raises(SearchError, match="a study of an earlier version"):
        list_studies(FolderBooks(tmp_path))


def test_parents_and_fallbacks() -> None:
    cell, asia, wild, whole = map(segment_of, ("asia/wild", "asia", "wild", "all"))
    assert parents_of(cell) == (asia, wild)
    assert parents_of(asia) == parents_of(wild) == (whole,)
    assert parents_of(whole) == ()
    assert fallback_of(cell, {asia: 0.1, wild: 0.2, whole: 0.9}) == wild
    assert fallback_of(cell, {whole: 0.1}) == whole
    assert fallback_of(asia, {wild: 0.2}) is None
    assert fallback_of(whole, {asia: 0.2}) is None


def test_a_segment_without_a_set_says_whose_it_takes(tmp_path: Path) -> None:
    panel, books = small_panel(), FolderBooks(tmp_path)
    specs = [spec(segment=segment_of(name), min_events=25) for name in ("all", "asia", "asia/wild")]
    found = run_studies(panel, specs, books, workers=1)
    assert found[0][1] is not None
    rows = {row.segment: row for row in list_studies(books)}
    taken = fallbacks_in(found)
    assert {name.split(".")[1].replace("-", "/") for name in taken} == {
        name for name, row in rows.items() if row.score is None
    }
    without = [name for name, row in rows.items() if row.score is None]
    assert without
    for name in without:
        assert rows[name].fallback in ("all", "asia")


def test_the_best_trials_and_those_nearest_to_them(tmp_path: Path) -> None:
    search(tmp_path)
    trials = read_trials(FolderBooks(tmp_path), "lead-long.all")
    top = top_trials(trials, 4)
    scores = [trial.user_attrs[SCORE] for trial in top]
    assert scores == sorted(scores, reverse=True)
    near = neighbours_of(top[0], trials, 3)
    assert top[0].number not in {trial.number for trial in near}
    assert len(near) == 3


def test_two_objectives_keep_their_front(tmp_path: Path) -> None:
    search(tmp_path, sampler="nsga2", trials=40)
    books = FolderBooks(tmp_path)
    trials = read_trials(books, "lead-long.all")
    front = front_of(trials)
    assert trials[0].values == [trials[0].user_attrs[MEAN], trials[0].user_attrs[DRAWDOWN]]
    for one in front:
        for other in filter(is_feasible, trials):
            has_more = other.user_attrs[MEAN] > one.user_attrs[MEAN]
            has_less = other.user_attrs[DRAWDOWN] < one.user_attrs[DRAWDOWN]
            assert not (has_more and has_less)
    assert len(front) >= 1

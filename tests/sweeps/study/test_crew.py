"""Processes that wait for work: what they are handed, how they end, what happens if one is gone."""

import os
import signal
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from research.errors import SearchError
from research.features.panel import Panel
from strategies.backtest.model import executable_model
from strategies.lead_follow import LeadFollowParams
from sweeps.settings import Settings
from sweeps.study.crew import crew
from sweeps.study.search import plan_studies, run_studies
from tests.samples.markets import small_panel


def minutes_of(task: int, panel: Panel, look: Callable[[int], None]) -> tuple[int, int]:
    look(task)
    return task, len(panel)


def dies(task: int, panel: Panel, look: Callable[[int], None]) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_tasks_get_the_panel_and_are_counted() -> None:
    panel = small_panel()
    with crew(2) as hands:
        futures = [hands.hand_out(minutes_of, panel, task) for task in (3, 4, 5)]
        assert [each.result(60) for each in futures] == [(k, len(panel)) for k in (3, 4, 5)]
        assert hands.done == 12


def test_a_process_that_is_killed_is_an_error_and_no_wait_for_ever() -> None:
    with crew(1) as hands, pytest.raises(BrokenProcessPool):
        hands.hand_out(dies, small_panel(), 0).result(60)


def test_a_search_whose_process_is_gone_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sweeps.study import search

    monkeypatch.setattr(search, "_searched", dies)
    settings = Settings()
    specs = plan_studies(small_panel(), settings, executable_model(settings), names=["lead-long"])[
        :2
    ]
    assert isinstance(specs[0].base, LeadFollowParams)
    with pytest.raises(SearchError, match="a process that searched is gone"):
        run_studies(small_panel(), specs, tmp_path, workers=2)

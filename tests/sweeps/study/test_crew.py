"""Processes that wait for work: what they are handed, how they end, what happens if one is gone."""

import os
import signal
import subprocess
import sys
import time
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


def pid_of(task: int, panel: Panel, look: Callable[[int], None]) -> int:
    return os.getpid()


_HOLDS_A_CREW = """
import sys, time
from tests.sweeps.study.test_crew import crew, pid_of, small_panel
if __name__ == "__main__":
    with crew(1) as hands:
        print(hands.hand_out(pid_of, small_panel(), 0).result(60), flush=True)
        time.sleep(60)
"""


def is_gone(pid: int) -> bool:
    """Ended, whether or not anybody has asked how."""
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z"


def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "holds.py"
    script.write_text(_HOLDS_A_CREW)
    environment = os.environ | {
        "PYTHONPATH": str(Path(__file__).parents[3]),
        "TMPDIR": str(tmp_path),
    }
    with subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # its tracker of semaphores complains of the kill
        text=True,
        env=environment,
    ) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        parent.kill()
    for _ in range(100):
        if is_gone(worker):
            break
        time.sleep(0.1)
    assert is_gone(worker)
    assert not list(tmp_path.glob("leadfollow-*"))

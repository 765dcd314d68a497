"""The true code looks nowhere ahead, on quiet, gapped and halted markets and on the real week."""

from pathlib import Path

import pytest

from strategies.registry import bases
from sweeps.verdict.audit.history import FrameHistory, History
from tests.samples.audits import MODELS, audited
from tests.samples.histories import broken_history, quiet_history, week_history

HISTORIES = {
    "quiet": quiet_history,
    "no edge": lambda: quiet_history(edge=0.0, seed=2),
    "broken": broken_history,
    "broken otherwise": lambda: broken_history(seed=9),
    "a frame file": lambda: FrameHistory(broken_history().whole),
}


@pytest.mark.parametrize("name", HISTORIES)
def test_nothing_looks_ahead(name: str) -> None:
    history: History = HISTORIES[name]()
    found = audited(history, cuts=30)
    assert [(each.name, each.leak) for each in found.leaks] == []
    assert [(each.name, each.sentence) for each in found.broken] == []
    assert sum(each.verdict == "clean" for each in found.findings) > 45


def test_every_decision_was_judged_on_trades() -> None:
    found = audited(broken_history(), cuts=5)
    decisions = [each for each in found.findings if each.kind == "decision"]
    assert len(decisions) == 3 * len(bases())
    assert all(int(each.note.split()[0]) >= 30 for each in decisions)


def test_nothing_looks_ahead_in_the_recorded_week(shared_data: Path) -> None:
    found = audited(week_history(shared_data), cuts=25)
    assert found.is_clean, found.leaks


def test_a_frame_file_says_that_its_making_was_not_judged() -> None:
    found = audited(FrameHistory(quiet_history().whole), cuts=3, models=MODELS[:1])
    assert "how it was made of candles" in found.notes[0]
    assert not [each for each in found.findings if each.kind == "frame"]

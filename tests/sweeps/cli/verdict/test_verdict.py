"""``verdict`` and ``export`` as their user meets them: tables, files, refusals."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from research.frame.frame import write_frame
from strategies.bot.config import json_schema, load_bot_config
from strategies.registry import bases
from tests.samples.commands import Call
from tests.samples.markets import small_frame

SETTINGS = """
[axes.lead]
spread_entry = [0.02, 0.06]
move_pct = [0.05, 0.15]
tp = [0.2, 0.4]
[axes.reversion]
entry = [0.04, 0.08]
exit = [0.0, 0.02]
[verdict]
resamples = 999
stretches = 4
[study]
trials = 3
min_events = 5
segments = "all"
workers = 1
"""
FRAME = ["--frame", "f.parquet"]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "leadfollow.toml").write_text(SETTINGS)
    write_frame(small_frame(edge=3.0, days=12.0), tmp_path / "f.parquet")


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    return Call(monkeypatch, capsys)


def told(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "verdict.json").read_text())
    return found


def test_the_table_names_each_claim_and_what_decides(call: Call) -> None:
    assert call("verdict", *FRAME) == 0, call.err
    for words in ("lead-short.all", "lead-long.all", "reversion.all", "PROVEN", "HOLDOUT"):
        assert words in call.out
    found = told(Path("runs/verdict"))
    assert found["schema"] == "leadfollow.verdict/1"
    assert len(found["claims"]) == 16 * len(bases())
    assert found["synthetic"] is True
    assert found["provenance"]["seed"] == 7
    assert len(found["walk"]["steps"]) == 4
    assert "may trade" in Path("runs/verdict/verdict.md").read_text()
    for name in found["enabled"]:
        assert found["claims"][name]["p_after_gates"] <= 0.05
        assert re.search(rf"MAY TRADE {name}: out-of-sample mean", call.out)


def test_the_same_verdict_twice_has_the_same_numbers_and_says_it_was_opened(call: Call) -> None:
    assert call("verdict", *FRAME, "--out", "one") == 0
    assert "the holdout was opened for the first time" in call.out
    assert call("verdict", *FRAME, "--out", "two") == 0
    assert "the holdout was opened before: 1 time, by 1 search, first at" in call.out
    one, two = told(Path("one")), told(Path("two"))
    assert one["claims"] == two["claims"]
    assert one["sets_searched"] == two["sets_searched"]  # the same search counts once
    assert len(two["holdout_opened_before"]) == 1


def test_another_search_of_the_same_minutes_is_counted(call: Call) -> None:
    assert call("verdict", *FRAME, "--out", "one") == 0
    assert call("verdict", *FRAME, "--out", "two", "--fill", "close") == 0
    assert told(Path("two"))["sets_searched"] == 2 * told(Path("one"))["sets_searched"]


def test_studies_are_judged_and_exported_by_the_same_verdict(call: Call) -> None:
    assert call("study", "run", *FRAME, "--out", "studies") == 0, call.err
    assert call("verdict", "studies", *FRAME) == 0, call.err
    enabled = told(Path("studies"))["enabled"]
    assert call("export", *FRAME, "--studies", "studies", "--out", "bot.json") == 0, call.err
    config = load_bot_config(Path("bot.json"))
    jsonschema.validate(json.loads(Path("bot.json").read_text()), json_schema())
    assert [each.id for each in config.enabled] == enabled
    assert {each.id for each in config.sets} == {f"{title}.all" for title in bases()}
    assert all(each.sets_tried > 3 for each in config.sets)


def test_a_grid_is_judged_by_its_own_axes_and_model(call: Call) -> None:
    assert call("grid", "lead", "--mode", "long", *FRAME, "--out", "grids", "--fill", "close") == 0
    file = Path("grids/lead-long.parquet")
    assert call("verdict", str(file), *FRAME, "--out", "one") == 0, call.err
    found = told(Path("one"))
    assert {name.split(".")[0] for name in found["claims"]} == {"lead-long"}
    assert "fill=close" in found["model"]


def test_a_grid_of_other_minutes_is_refused(call: Call) -> None:
    assert call("grid", "lead", "--mode", "long", *FRAME, "--out", "grids") == 0
    file = Path("grids/lead-long.parquet")
    write_frame(small_frame(edge=1.0, days=12.0), Path("other.parquet"))
    assert call("verdict", str(file), "--frame", "other.parquet") == 2
    assert "a grid over other minutes" in call.err


def test_a_run_shows_the_verdict_that_it_reached(call: Call) -> None:
    assert call("run", *FRAME, "--trials", "2") == 0, call.err
    (folder,) = (each for each in Path("runs").iterdir() if each.is_dir())
    found = told(folder)
    assert call("verdict", str(folder)) == 0, call.err
    assert "PROVEN" in call.out
    for name in found["enabled"]:
        assert f"MAY TRADE {name}" in call.out
    (folder / "verdict.json").write_text("{}")
    assert call("verdict", str(folder)) == 2
    assert "no verdict of this version" in call.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["verdict", "nowhere", *FRAME], "neither a run, nor a grid, nor a folder of studies"),
        (["verdict", *FRAME, "--walk", "sideways"], "walk"),
        (["verdict", "--synthetic", "--days", "0.1"], "minutes are too few for 4 tests"),
        (["export", *FRAME, "--studies", "nowhere"], "no study with a feasible set"),
    ],
)
def test_what_cannot_be_judged_is_refused_with_a_cure(
    call: Call, arguments: list[str], words: str
) -> None:
    assert call(*arguments) == 2
    assert words in call.err
    assert "Traceback" not in call.err
    assert not Path("runs/verdict").exists()


def test_a_study_that_saw_the_holdout_is_refused(call: Call) -> None:
    Path("leadfollow.toml").write_text(SETTINGS + "train_share = 0.9\n")
    assert call("study", "run", *FRAME, "--out", "studies") == 0, call.err
    assert call("export", *FRAME, "--studies", "studies") == 2
    assert "lower study.train_share or verdict.holdout_share" in call.err

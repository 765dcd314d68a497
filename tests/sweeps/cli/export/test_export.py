"""``export`` of what is written already: runs, configs, cards."""

import json
from pathlib import Path

import pytest

from strategies.bot.config import load_bot_config
from tests.benchmarks.bot_faults import ready
from tests.benchmarks.bot_kills import run as kills
from tests.samples.bot.cards import foreign_card
from tests.samples.commands import Call
from tests.strategies.bot.test_versions import OLD


@pytest.fixture
def call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Call:
    monkeypatch.chdir(tmp_path)
    Path("run").mkdir()
    Path("run/bot_config.json").write_text(ready().config.to_json())
    Path("card.json").write_text(json.dumps(foreign_card(), indent=4))
    return Call(monkeypatch, capsys)


def test_a_run_is_exported_as_it_was_judged(call: Call) -> None:
    assert call("export", "run") == 0, call.err
    assert load_bot_config(Path("bot_config.json")) == ready().config
    assert "ENABLED  lead-short.all" in call.out
    assert "holds until" in call.out


def test_an_old_file_becomes_a_new_one_and_says_what_it_lacks(call: Call) -> None:
    assert call("export", str(OLD), "--out", "new.json") == 0
    assert json.loads(Path("new.json").read_text())["schema_version"] == 2
    assert "until when it holds is unknown" in call.out


def test_force_is_said_on_the_terminal_and_in_the_file(call: Call) -> None:
    assert call("export", "run", "--force", "lead-short.asia") == 0
    assert "FORCED   lead-short.asia" in call.out
    assert "did not pass proven" in call.out
    assert "in asia minutes lead-short.all decides, not lead-short.asia" in call.out
    (asia,) = (x for x in load_bot_config(Path("bot_config.json")).enabled if x.forced)
    assert asia.id == "lead-short.asia"


def test_a_card_is_not_written_before_its_difference_is_seen(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Path("card.json").read_bytes()
    assert call("export", "run", "--format", "card", "--base", "card.json") == 2
    assert '+    "lead_follow": {' in call.out
    assert '-    "fees"' not in call.out
    assert "nobody is there to be asked; --yes writes it" in call.err
    assert Path("card.json").read_bytes() == before
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    for answer, code in ((False, 2), (True, 0)):
        monkeypatch.setattr("typer.confirm", lambda _, answer=answer: answer)
        assert call("export", "run", "--format", "card", "--base", "card.json") == code
        assert (Path("card.json").read_bytes() == before) == (not answer)


def test_yes_writes_a_card_and_keeps_the_one_before(call: Call) -> None:
    before = Path("card.json").read_bytes()
    wanted = ("export", "run", "--format", "card", "--base", "card.json", "--yes")
    assert call(*wanted) == 0
    (backup,) = Path().glob("card.json.*.bak")
    assert backup.read_bytes() == before
    assert "note: targets_and_stops.target_profit_pct is 0.35 and stays" in call.out
    assert call(*wanted) == 0
    assert "says all that already; nothing written" in call.out
    assert call(*wanted, "--update", "targets_and_stops") == 0
    assert json.loads(Path("card.json").read_text())["targets_and_stops"]["stop_loss_pct"] == 0.6
    assert call("config", "check", "card.json", "--now", ready().as_of) == 0, call.out


def test_a_card_of_its_own_is_sound(call: Call) -> None:
    assert call("export", "run", "--format", "card", "--out", "new.json") == 0
    assert call("config", "check", "new.json", "--now", ready().as_of) == 0, call.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "--base", "card.json"], "add --format card"),
        (["run", "--update", "fees"], "add --format card"),
        (["run", "--format", "card", "--update", "fees"], "give it with --base"),
        (["run", "--format", "card", "--base", "none.json"], "cannot be read"),
        (["run", "--format", "card", "--base", "run/bot_config.json"], "no trading card"),
        (["run", "--force", "x"], "--force x: no such set"),
        (["edited.json"], "changed after the export, and an export would seal it"),
        (["card.json"], "kind: must be"),
        (["nowhere.json"], "no minutes"),
    ],
)
def test_what_cannot_be_exported_is_a_sentence(
    call: Call, arguments: list[str], words: str
) -> None:
    edited = ready().config.to_json().replace('"basis_min": 720', '"basis_min": 60')
    Path("edited.json").write_text(edited)
    assert call("export", *arguments, "--yes") == 2
    assert words in call.err
    assert "Traceback" not in call.err


def test_a_kill_leaves_whole_files() -> None:
    found = kills(12)
    assert found["kills"] == 12
    assert found["torn"] == found["backups_torn"] == found["left_behind"] == 0

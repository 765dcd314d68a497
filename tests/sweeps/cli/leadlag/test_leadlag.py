"""``leadlag`` and ``events`` as their user meets them: tables, files, refusals."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from research.frame.frame import write_frame
from research.leadlag.placebo import PLACEBOS
from tests.samples.commands import Call
from tests.samples.markets import small_frame

LEAD = ["leadlag", "--frame", "f.parquet", "--draws", "100", "--max-shift", "6"]
EVENTS = ["events", "--frame", "f.parquet", "--draws", "200", "--spread-entry", "0.04"]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_frame(small_frame(edge=3.0, days=10.0), tmp_path / "f.parquet")


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    return Call(monkeypatch, capsys)


def strict(path: Path) -> Any:
    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is not JSON")

    return json.loads(path.read_text(), parse_constant=refuse)


def test_leadlag_says_who_leads_and_writes_all_of_it(call: Call) -> None:
    assert call(*LEAD, "--out", "found") == 0
    assert "Beside that minute Binance leads" in call.out
    assert "[SYNTHETIC]" in call.out
    assert "HRY contrast" in call.out
    body = strict(Path("found/leadlag.json"))
    curve = body["leadlag"]["segments"][0]["contrast"]
    assert curve["shift"] == list(range(-6, 7))
    assert len(curve["value"]) == 13
    assert body["leadlag"]["segments"][1]["segment"] == "asia"
    assert body["about"]["seed"] == 7
    assert body["about"]["data"]["is_synthetic"]
    assert any("Binance leads" in each for each in body["says"])
    with Image.open("found/leadlag.png") as picture:
        assert json.loads(picture.text["Description"]) == body["about"]
    assert Path("found/leadlag.svg").read_text().startswith("<?xml")


def test_events_says_who_closed_the_gap_and_writes_all_of_it(call: Call) -> None:
    assert call(*EVENTS, "--out", "found") == 0
    assert "matched minutes" in call.out
    assert "a round trip costs" in call.out
    body = strict(Path("found/events.json"))
    found = body["events"]
    assert 0 < found["longs"] < found["events"]
    at = next(each for each in found["event_outcomes"] if each["horizon"] == 15)
    parts = [at[name]["value"] for name in ("before_fill_bps", "after_fill_bps", "lead_bps")]
    assert sum(parts) == pytest.approx(at["closed_bps"]["value"])
    assert body["about"]["parameters"]["trigger"] == {
        "reference": "excess",
        "window": 5,
        "move_pct": 0.15,
        "spread_entry": 0.04,
    }
    assert {path.name for path in Path("found").iterdir()} == {
        "events.json",
        "events.png",
        "events.svg",
    }


def test_one_side_alone_can_be_asked_for(call: Call) -> None:
    assert call(*EVENTS, "--mode", "long", "--out", "found") == 0
    found = strict(Path("found/events.json"))["events"]
    assert found["longs"] == found["events"]


def test_the_same_command_writes_the_same_numbers(call: Call) -> None:
    assert call(*LEAD, "--out", "one") == 0
    assert call(*LEAD, "--out", "two") == 0
    one, two = (strict(Path(f"{name}/leadlag.json")) for name in ("one", "two"))
    assert one["leadlag"] == two["leadlag"]


@pytest.mark.parametrize("name", ["swapped", "lead_signs"])
def test_a_placebo_says_that_it_is_one_and_has_no_lead(name: str, call: Call) -> None:
    assert name in PLACEBOS
    assert call(*LEAD, "--placebo", name) == 0
    assert f"PLACEBO {name} [SYNTHETIC]" in call.out
    assert "Beside that minute Binance leads" not in call.out


def test_the_last_days_alone(call: Call) -> None:
    assert call(*LEAD, "--days", "2") == 0
    assert "of 2,880 minutes" in call.out


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([*LEAD, "--days", "0.1"], "EvidenceError: .* a lead needs 240"),
        ([*LEAD, "--days", "0.5"], "EvidenceError: 720 minutes hold 6.0 blocks of 120 minutes"),
        ([*LEAD, "--days", "0"], "SettingsError"),
        ([*LEAD, "--max-shift", "0"], "ParamError: lead-lag: max_shift = 0"),
        ([*LEAD, "--placebo", "mirror"], "ParamError: placebo = 'mirror': take one of"),
        ([*EVENTS, "--spread-entry", "9"], "EvidenceError: no trigger in 14,400 minutes"),
        ([*EVENTS, "--days", "2"], "EvidenceError: this span: .* a band needs 10 on 5"),
        ([*EVENTS, "--horizon-min", "90"], "ParamError: event study: horizon = 90"),
    ],
)
def test_what_carries_no_claim_is_refused_in_one_line(
    arguments: list[str], reason: str, call: Call
) -> None:
    assert call(*arguments) == 2
    assert len(call.err.strip().splitlines()) == 1
    assert re.search(reason, call.err)


@pytest.mark.parametrize("name", ["leadlag", "events"])
def test_help_has_an_example(name: str, call: Call) -> None:
    assert call(name, "--help") == 0
    assert f"Example: leadfollow {name}" in " ".join(call.out.split())

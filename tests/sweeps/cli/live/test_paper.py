"""``leadfollow paper`` as its user meets it."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from research.frame.frame import write_frame
from strategies.live.feeds.events import FeedEvent
from tests.samples.commands import Call
from tests.samples.markets import small_frame
from tests.samples.recordings import (
    events_of,
    paper_config,
    quote_lines,
    recorded_minutes,
    write_recording,
)

REPO = Path(__file__).resolve().parents[4]


def events() -> list[FeedEvent]:
    return list(events_of(recorded_minutes()[1][:150]))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("paper")
    (made / "bot.json").write_text(paper_config().to_json())
    write_recording(made / "rec.jsonl", iter(events()))
    lines = "".join(line + "\n" for line in quote_lines(iter(events())))
    (made / "quotes.jsonl").write_text(lines)
    write_frame(replace(small_frame(), market="BTC"), made / "frame.parquet")
    return made


def test_a_recording_is_replayed_and_told(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    call = Call(monkeypatch, capsys)
    given = ("--replay", str(folder / "rec.jsonl"), "--frame", str(folder / "frame.parquet"))
    out = tmp_path / "out"
    assert call("paper", str(folder / "bot.json"), *given, "--out", str(out)) == 0
    report = json.loads((out / "report.json").read_text())
    assert report["entries"] >= 1
    assert "fills against expected" in call.out
    # quotes of a recorder and the minutes of a frame are the same market
    given = ("--replay", str(folder / "quotes.jsonl"), *given[2:])
    assert call("paper", str(folder / "bot.json"), *given, "--out", str(tmp_path / "q")) == 0
    quotes = json.loads((tmp_path / "q" / "report.json").read_text())
    assert quotes["entries"] == report["entries"]
    assert quotes["comparison"]["law_trades"] == report["comparison"]["law_trades"]


def test_quotes_without_minutes_are_refused(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    call = Call(monkeypatch, capsys)
    given = ("--replay", str(folder / "quotes.jsonl"), "--out", str(tmp_path / "out"))
    assert call("paper", str(folder / "bot.json"), *given) == 2
    assert "without closed minutes" in call.err
    assert "--frame" in call.err


def test_a_term_signal_ends_it_cleanly_and_a_kill_is_survived(folder: Path, tmp_path: Path) -> None:
    def start(out: Path) -> "subprocess.Popen[str]":
        words = ["paper", str(folder / "bot.json"), "--replay", str(folder / "rec.jsonl")]
        words += ["--frame", str(folder / "frame.parquet"), "--out", str(out)]
        command = [sys.executable, "-c", "from sweeps.cli import main; main()", *words]
        return subprocess.Popen(
            command, cwd=REPO, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=os.environ | {"PYTHONPATH": str(REPO)},
        )  # fmt: skip

    def end(process: "subprocess.Popen[str]") -> tuple[str, str]:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        return out, err

    end(start(tmp_path / "whole"))
    for kind in (signal.SIGTERM, signal.SIGKILL):
        out = tmp_path / kind.name
        process = start(out)
        until = time.monotonic() + 30
        while not (out / "paper.json").exists() and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(kind)
        _, err = process.communicate(timeout=60)
        assert process.returncode == (0 if kind is signal.SIGTERM else -kind), err
        end(start(out))
        want = (tmp_path / "whole" / "ledger.jsonl").read_bytes()
        assert (out / "ledger.jsonl").read_bytes() == want

"""``leadfollow audit`` as its user meets it: exit codes, table, JSON, refusals."""

import json
import sys
from pathlib import Path

import pytest

from research.features import panel as panels
from research.frame.frame import write_frame
from sweeps.cli import main
from tests.samples.histories import quiet_history
from tests.samples.leaks import ahead, of_result

SETTINGS = """
[features]
basis_min = 120
[axes.lead]
spread_entry = [0.02, 0.06]
move_pct = [0.05, 0.15]
[axes.reversion]
entry = [0.04, 0.08]
exit = [0.0, 0.02]
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "leadfollow.toml").write_text(SETTINGS)


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["leadfollow", "audit", *arguments])
    with pytest.raises(SystemExit) as left:
        main()
    return int(left.value.code or 0)


def test_a_clean_audit_ends_with_0_and_writes_its_report(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "--synthetic", "--days", "2", "--cuts", "8") == 0
    shown = capsys.readouterr().out
    assert "nothing looks ahead" in shown
    assert "basis_pct" in shown
    report = json.loads(Path("runs/audit.json").read_text())
    assert report["clean"]
    assert report["cuts"] == 8
    assert {each["kind"] for each in report["findings"]} == {
        *("frame", "feature", "label", "outcome", "filter", "edge", "signal", "decision"),
        "choice",
    }
    assert report["provenance"]["data"]["is_synthetic"]


def test_a_leak_ends_with_1_and_is_named_with_its_minute(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    leaky = of_result(ahead)(panels.realized_vol_pct)
    monkeypatch.setattr(panels, "realized_vol_pct", leaky)
    write_frame(quiet_history().whole, Path("f.parquet"))
    assert call(monkeypatch, "--frame", "f.parquet", "--cuts", "8", "--json", "a.json") == 1
    report = json.loads(Path("a.json").read_text())
    (leaking,) = (each for each in report["findings"] if each["leak"])
    assert leaking["name"] == "realized_vol_pct"
    assert leaking["leak"]["minute"] == leaking["leak"]["known_until"]
    shown = capsys.readouterr().out
    assert f"LEAK feature realized_vol_pct: {leaking['leak']['minute']}" in shown
    assert "how it was made of candles" in shown


def test_json_alone_can_be_piped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("--synthetic", "--days", "2", "--cuts", "3", "--json", "-")
    assert call(monkeypatch, *arguments) == 0
    assert json.loads(capsys.readouterr().out)["clean"]
    assert not Path("runs").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--market", "NOPE"), "FrameError: NOPE binance: no minutes"),
        (("--synthetic", "--days", "0.01"), "EvidenceError"),
        (("--synthetic", "--days", "-1"), "synthetic.days = -1.0"),
        (("--days", "-1"), "--days must be above 0"),
        (("--synthetic", "--market", "BTC"), "--synthetic makes its own minutes"),
        (("--frame", "missing.parquet"), "FrameError: missing.parquet"),
    ],
)
def test_bad_input_ends_with_2_and_one_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    words: str,
) -> None:
    assert call(monkeypatch, *arguments) == 2
    told = capsys.readouterr().err
    assert words in told
    assert "Traceback" not in told

"""Regime edges of searches know nothing of the minutes that the verdict is held on."""

import json
import sys
from pathlib import Path

import pytest

from research.features.panel import features
from research.frame.frame import write_frame
from sweeps.cli import main
from tests.samples.markets import small_frame

HOLD = 60  # of the grids below: reversion's default
SMALL = """
[study]
trials = 2
min_events = 5
segments = "all"
workers = 1
[axes]
lead = { spread_entry = [0.02], move_pct = [0.05], tp = [0.2] }
reversion = { entry = [0.04], exit = [0.0] }
[synthetic]
days = 2
"""


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["leadfollow", *arguments, "--config", "small.toml"])
    with pytest.raises(SystemExit) as left:
        main()
    assert not left.value.code


def fitted(file: Path) -> tuple[float, float, str, str]:
    regime = json.loads(file.read_text())["regime"]
    return regime["low"], regime["high"], regime["fitted_on"], regime["edges"]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_frame(small_frame(), tmp_path / "f.parquet")
    Path("small.toml").write_text(SMALL)


def of_training(days: float = 4.0, purge: int = 0) -> tuple[float, float, str, str]:
    """Edges of the first 85 % of the minutes, which are other edges than those of all of them.

    ``purge``: minutes before the holdout that the walk's last search leaves out, the longest hold.
    """
    frame = small_frame(days=days)
    edges = features(frame, train_rows=int(len(frame) * 0.85) - purge).edges
    assert edges.low != features(frame).edges.low
    return edges.low, edges.high, edges.fitted_on, "training span"


def test_studies_and_their_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    run(monkeypatch, "study", "run", "--frame", "f.parquet", "--out", "s")
    run(monkeypatch, "export", "--frame", "f.parquet", "--studies", "s", "--out", "bot.json")
    assert fitted(Path("bot.json")) == of_training()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # vectorbt's own
@pytest.mark.parametrize("source", ["recorded", "synthetic"])
def test_the_main_job(monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    where = ("--frame", "f.parquet") if source == "recorded" else ("--synthetic",)
    run(monkeypatch, "run", *where, "--out", "runs")
    (made,) = (each for each in Path("runs").iterdir() if each.is_dir())
    days = 4.0 if source == "recorded" else 2.0
    assert fitted(made / "bot_config.json") == of_training(days, purge=HOLD)

"""Filters from the command line and the settings, to the trades and files of every command."""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from research.features.labels import SESSIONS
from research.features.panel import features
from research.frame.frame import write_frame
from strategies.bot.config import load_bot_config
from strategies.registry import bases
from sweeps.cli import main
from sweeps.grid.stored.file import read as read_grid
from tests.samples.markets import small_frame

ONE = ("--mode", "long", "--spread-entry", "0.02", "--binance-drop-pct", "0.05")
AXES = ("--mode", "long", "--axis", "spread_entry=0.02", "--axis", "move_pct=0.05")
SMALL = """
[study]
trials = 2
min_events = 3
segments = "all"
workers = 1
[axes]
lead = { spread_entry = [0.02], move_pct = [0.05], tp = [0.2] }
reversion = { entry = [0.04], exit = [0.0] }
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_frame(small_frame(), tmp_path / "f.parquet")


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> "Call":
    return Call(monkeypatch, capsys)


class Call:
    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.monkeypatch, self.capsys = monkeypatch, capsys

    def __call__(self, *arguments: str) -> tuple[int, str]:
        self.monkeypatch.setattr(sys, "argv", ["leadfollow", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        out, err = self.capsys.readouterr()
        return int(left.value.code or 0), " ".join((out + err).split())


def entries(file: str) -> "pd.DatetimeIndex":
    return pd.DatetimeIndex(pd.to_datetime(pd.read_csv(file)["entry_time"], utc=True))


def scored_frame(call: Call, file: str = "s.parquet") -> pd.Series:
    """Writes the small market with a score that is 0 or 1 by turns; the score."""
    call("data", "synth", "--days", "4", "--store", "kept", "--market", "SYNTH")
    minutes = small_frame().table.index
    score = pd.Series(np.arange(len(minutes)) % 2.0, index=minutes, name="score")
    score.rename_axis("minute").to_frame().to_parquet("scores.parquet")
    line = ("frame", "--market", "SYNTH", "--store", "kept", "--columns", "scores.parquet")
    code, said = call(*line, "--out", file)
    assert code == 0, said
    assert f"score: known on {len(minutes):,} minutes" in said
    return score


def test_lead_enters_only_where_the_filters_let_it(call: Call) -> None:
    lead = ("lead", "--frame", "f.parquet", *ONE, "--events-out", "e.csv")
    assert call(*lead)[0] == 0
    everything = entries("e.csv")
    code, said = call(*lead, "--sessions", "asia,us", "--rsi-timeframe", "1m", "--rsi-max", "60")
    assert code == 0
    assert said.count(", only sessions asia+us, 1m RSI in [0, 60], ") == 2  # of both models
    panel = features(small_frame())
    rows = panel.frame.table.index.get_indexer(entries("e.csv"))
    assert 3 < len(rows) < len(everything)
    assert {SESSIONS[code] for code in panel.session[rows]} <= {"asia", "us"}
    assert (panel.rsi["1m"][rows] <= 60).all()


def test_a_score_is_joined_to_a_frame_and_admits_entries(call: Call) -> None:
    score = scored_frame(call)
    lead = ("lead", "--frame", "s.parquet", *ONE, "--events-out", "e.csv")
    assert call(*lead, "--score-column", "score", "--score-min", "0.5")[0] == 0
    kept = entries("e.csv")
    assert len(kept) > 3
    assert (score[kept] == 1).all()
    code, said = call(*lead, "--score-min", "0.5")
    assert code == 2
    assert "score_min needs a score_column" in said


def test_the_settings_file_has_the_filters_too_and_the_command_line_wins(call: Call) -> None:
    Path("leadfollow.toml").write_text('[filters]\nregimes = ["wild"]\nrsi_max = 70\n')
    code, _ = call("week", "--frame", "f.parquet", "--rsi-max", "80", "--out", "w.json")
    assert code == 0
    told = json.loads(Path("w.json").read_text())["provenance"]["parameters"]
    assert {each["entries"] for each in told.values()} == {"regimes wild, 5m RSI in [0, 80]"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[filters]\nsessions = []\n", "at least one session and one regime must be let in"),
        ('[filters]\nsessions = ["mars"]\n', "filters.sessions = 'mars': Input should be 'asia'"),
        ("[filters]\nrsi_min = 70\nrsi_max = 30\n", "must satisfy rsi_min <= rsi_max"),
        ("[filters]\nrsi_maximum = 30\n", "unknown key filters.rsi_maximum; did you mean filters"),
    ],
)
def test_wrong_filters_are_refused_by_name(call: Call, text: str, message: str) -> None:
    Path("leadfollow.toml").write_text(text)
    code, said = call("lead", "--frame", "f.parquet")
    assert code == 2
    assert message in said


def test_every_analysis_of_a_week_takes_trend_and_funding(call: Call) -> None:
    line = ("week", "--frame", "f.parquet", "--aligned", "--max-funding-pct", "0.01")
    code, said = call(*line, "--entry", "0.05", "--spread-entry", "0.02")
    assert code == 0
    entries = "only all trends in the direction of the trade, funding to pay <= 0.01 % an hour"
    assert said.count(entries) == 2 * len(bases())  # each in two models


def test_a_grid_with_other_filters_is_another_grid(call: Call) -> None:
    grid = ("grid", "lead", "--frame", "f.parquet", *AXES, "--top", "0")
    assert call(*grid, "--out", "all")[0] == 0
    wild = (*grid, "--regimes", "wild", "--out", "wild")
    assert call(*wild)[0] == 0
    every, some = (read_grid(Path(name) / "lead-long.parquet") for name in ("all", "wild"))
    assert 0 < some.column("events").sum() < every.column("events").sum()
    assert some.column("events").sum() == some.column("events", "wild").sum()
    assert "dYdX age <= 0m, only regimes wild, 10 bps" in some.model
    assert some.spec.base.filters.regimes == ("wild",)
    code, said = call(*grid, "--out", "wild", "--resume")
    assert code == 2
    assert "holds another grid" in said


def test_studies_keep_to_the_filters_and_the_bot_is_told(call: Call) -> None:
    Path("leadfollow.toml").write_text(SMALL)
    line = ("--frame", "f.parquet", "--sessions", "asia,us")
    assert call("study", "run", *line, "--out", "s")[0] == 0
    assert call("export", *line, "--studies", "s", "--out", "bot.json")[0] == 0
    sets = load_bot_config(Path("bot.json")).sets
    assert sets
    assert all(each.filters.sessions == ("asia", "us") for each in sets)
    code, said = call("export", "--frame", "f.parquet", "--studies", "s")
    assert code == 2
    assert "begun with something else (model: " in said
    code, said = call("study", "run", *line, "--segment", "europe", "--out", "s")
    assert code == 2
    assert "the filters let no entry in europe pass" in said


def test_the_bot_is_told_the_score(call: Call) -> None:
    Path("leadfollow.toml").write_text(SMALL)
    scored_frame(call)
    line = ("--frame", "s.parquet", "--score-column", "score", "--score-min", "0.5")
    assert call("study", "run", "lead", "--mode", "long", *line, "--out", "s")[0] == 0
    code, said = call("export", *line, "--studies", "s", "--out", "bot.json")
    assert code == 0, said
    (one,) = load_bot_config(Path("bot.json")).sets
    assert (one.filters.score_column, one.filters.score_min) == ("score", 0.5)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # vectorbt's own
def test_the_main_job_trades_only_where_the_filters_let_it(call: Call) -> None:
    Path("leadfollow.toml").write_text(SMALL)
    code, said = call("run", "--frame", "f.parquet", "--sessions", "us", "--out", "runs")
    assert code == 0, said
    (made,) = (each for each in Path("runs").iterdir() if each.is_dir())
    for file in (made / "trades").glob("*.csv"):
        assert set(entries(str(file)).hour) <= set(range(16, 24))
    assert "only sessions us" in (made / "summary.md").read_text()
    settings = json.loads((made / "report.json").read_text())["provenance"]["parameters"]
    assert settings["settings"]["filters"]["sessions"] == ["us"]


def test_execution_is_reachable_from_searches(call: Call) -> None:
    Path("leadfollow.toml").write_text(SMALL)
    line = ("--frame", "f.parquet", "--fill", "close", "--touch", "close", "--overlap")
    assert call("study", "run", "lead", *line, "--out", "s")[0] == 0
    assert call("study", "run", "reversion", *line, "--out", "s")[0] == 0
    assert call("export", *line, "--studies", "s", "--out", "bot.json")[0] == 0
    for each in load_bot_config(Path("bot.json")).sets:
        assert (each.execution.fill, each.execution.touch) == ("close", "close")
        assert each.execution.overlap


def test_a_filter_is_an_axis_of_a_grid_and_of_its_heatmap(call: Call) -> None:
    line = ("grid", "lead", "--frame", "f.parquet", *AXES, "--rsi-timeframe", "1m", "--out", "g")
    filters = ("--axis", "rsi_max=40,70,100", "--axis", "rsi_min=0,50")
    code, said = call(*line, *filters, "--x", "rsi_max", "--y", "rsi_min", "--min-events", "2")
    assert code == 0, said
    assert Path("g/lead-long.lcb_pnl.rsi_min-rsi_max.png").exists()
    assert "the law agrees" in said
    grid = read_grid(Path("g/lead-long.parquet"))
    assert grid.spec.shape[:2] == (2, 3)
    by_filter = (6, grid.spec.inner_size)
    valid = grid.is_valid.reshape(by_filter).all(axis=1)
    assert valid.tolist() == [True, True, True, False, True, True]
    events = grid.column("events").reshape(by_filter).sum(axis=1)
    assert 0 < events[0] < events[1] < events[2]
    assert events[3] == 0
    assert sorted(set(grid.parameters()["rsi_max"])) == [40.0, 70.0, 100.0]
    params = grid.spec.params_at(grid.spec.inner_size)
    assert (params.filters.rsi_timeframe, params.filters.rsi_max) == ("1m", 70.0)


def test_a_filter_is_a_dimension_of_a_study(call: Call) -> None:
    levels = "lead = { spread_entry = [0.02], move_pct = [0.05], rsi_max = [40, 100] }"
    Path("leadfollow.toml").write_text(
        SMALL.replace("lead = { spread_entry = [0.02], move_pct = [0.05], tp = [0.2] }", levels)
    )
    line = ("--frame", "f.parquet", "--trials", "4", "--rsi-timeframe", "1m")
    study = ("study", "run", "lead", "--mode", "long", *line, "--out", "s")
    assert call(*study)[0] == 0
    code, said = call("study", "best", "--out", "s")
    assert code == 0
    told = float(said.split("rsi_max=")[1].split(",")[0])
    assert 40 <= told < 100
    assert call("export", *line, "--studies", "s", "--out", "bot.json")[0] == 0
    (found,) = [each for each in load_bot_config(Path("bot.json")).sets if each.mode == "long"]
    assert found.filters.rsi_max == pytest.approx(told, rel=1e-5)
    assert found.filters.rsi_timeframe == "1m"

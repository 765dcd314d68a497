"""A third strategy is one folder and one line: everything else finds it there."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from research.frame.frame import write_frame
from strategies.bot.config import json_schema, load_bot_config
from strategies.listed import LISTED
from strategies.registry import bases
from sweeps.cli import main
from sweeps.settings import Settings, load_settings
from tests.samples.markets import small_frame

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # vectorbt's own

SMALL = """
[study]
trials = 2
min_events = 5
segments = "all"
workers = 1
[verdict]
resamples = 99
stretches = 2
[axes.lead]
spread_entry = [0.02]
tp = [0.2, 0.4]
[axes.reversion]
entry = [0.04, 0.08]
[axes.first]
spread_entry = [0.02, 0.04]
hold = [5, 15]
"""
Call = Callable[..., str]


@pytest.fixture(autouse=True)
def _third(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LISTED, "first", "tests.samples.first_minute")  # the one line
    monkeypatch.chdir(tmp_path)
    (tmp_path / "leadfollow.toml").write_text(SMALL)
    write_frame(small_frame(edge=3.0, days=6.0), tmp_path / "f.parquet")


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    def called(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["leadfollow", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capsys.readouterr()
        assert not left.value.code, err
        return str(out)

    return called


def test_its_modes_are_bases_and_its_axes_settings() -> None:
    assert {"first-short", "first-long"} < set(bases())
    assert Settings().axes.of("first")["hold"] == [5, 15]
    assert load_settings().axes.of("first")["spread_entry"] == [0.02, 0.04]


def test_its_command_and_the_week_show_it(call: Call) -> None:
    shown = call("first", "--frame", "f.parquet", "--mode", "both", "--spread-entry", "0.03")
    assert "first-short" in shown
    assert "revert_share" in shown
    call("week", "--frame", "f.parquet", "--out", "week.json")
    assert {"first-short", "first-long"} < set(
        json.loads(Path("week.json").read_text())["analyses"]
    )


def test_its_grid_goes_by_the_law_with_everything_beside_it(call: Call) -> None:
    shown = call(
        *("grid", "first", "--mode", "long", "--frame", "f.parquet", "--out", "g"),
        *("--time-blocks", "1440", "--quantiles", "--value", "median_pnl"),
    )
    assert "first-long: 4 sets" in shown
    assert Path("g/first-long.parquet").exists()
    assert Path("g/first-long.best.parquet").exists()
    assert Path("g/first-long.quantiles.parquet").exists()
    assert Path("g/first-long.blocks-1440min").is_dir()
    assert list(Path("g").glob("first-long.median_pnl.*.png"))


def test_its_studies_are_searched_and_exported(call: Call) -> None:
    call("study", "run", "first", "--frame", "f.parquet", "--out", "s")
    assert {path.name for path in Path("s").glob("*.journal")} == {
        "first-short.all.journal",
        "first-long.all.journal",
    }
    call("export", "--frame", "f.parquet", "--studies", "s", "--out", "bot.json")
    sets = load_bot_config(Path("bot.json")).sets
    assert {each.strategy for each in sets} == {"first"}
    assert sets[0].parameters.keys() == {"spread_entry", "cooldown", "spread_exit", "hold"}


def test_the_whole_run_has_it_from_analyses_to_the_bot(call: Call) -> None:
    call("run", "--frame", "f.parquet", "--out", "runs")
    (folder,) = (each for each in Path("runs").iterdir() if each.is_dir())
    for name in ("first-short", "first-long"):
        assert (folder / "grids" / f"{name}.parquet").exists()
        assert (folder / "equity" / f"{name}.png").exists()
        assert (folder / "trades" / f"{name}.executable.csv").exists()
        assert list((folder / "heatmaps").glob(f"{name}.*.png"))
        assert f"{name}.all" in json.loads((folder / "verdict.json").read_text())["claims"]
    assert "first-long" in (folder / "summary.md").read_text()


def test_without_its_line_nobody_knows_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(LISTED, "first")
    monkeypatch.setattr(sys, "argv", ["leadfollow", "study", "run", "--frame", "f.parquet"])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 2
    assert "no strategy 'first'; there are lead, reversion" in capsys.readouterr().err
    assert "first" not in json_schema()["$defs"]["BotSet"]["properties"]["strategy"]["enum"]

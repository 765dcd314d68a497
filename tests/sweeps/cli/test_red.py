"""What quality finds is printed at the top of every analysis, and ends it where it must."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from research.data.store.store import Store
from research.data.synthetic.market import SyntheticSpec, synthesize
from research.data.tables.source import Source
from research.frame.frame import read_frame
from sweeps.cli import main

PAIR = synthesize(SyntheticSpec(days=6.0, seed=7, edge=3.0))
PRICES = ["open", "high", "low", "close"]
SETTINGS = """
[study]
trials = 2
min_events = 5
segments = "all"
workers = 1
[verdict]
stretches = 2
resamples = 99
[axes.lead]
spread_entry = [0.04]
[axes.reversion]
entry = [0.06]
"""
ANALYSES = (
    ["week"],
    ["lead"],
    ["reversion"],
    ["grid", "lead", "--out", "g"],
    ["study", "run", "--out", "s"],
    ["run", "--out", "r"],
    ["verdict", "--out", "v"],
    ["leadlag", "--draws", "100"],
    ["events", "--draws", "100"],
)
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    def called(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["leadfollow", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capsys.readouterr()
        return int(left.value.code or 0), out, err

    return called


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "leadfollow.toml").write_text(SETTINGS)


def stored(binance: pd.DataFrame, dydx: pd.DataFrame) -> None:
    store = Store(Path("data"))
    for venue, table in (("binance", binance), ("dydx", dydx)):
        source = Source(name=f"{venue}.csv", layout="made up", rows=len(table))
        store.add("BTC", venue, table, source=source)  # type: ignore[arg-type]


def moved(table: pd.DataFrame, hours: int) -> pd.DataFrame:
    made = table.copy()
    made.index = (made.index + pd.Timedelta(hours=hours)).as_unit("ms").rename("minute")
    return made.iloc[: -hours * 60]


def scaled(table: pd.DataFrame, factor: float, start: int = 0) -> pd.DataFrame:
    made = table.copy()
    made.loc[made.index[start:], PRICES] *= factor
    return made


def with_wick(table: pd.DataFrame, row: int = 4000) -> pd.DataFrame:
    made = table.copy()
    made.loc[made.index[row], "low"] = made["close"].iloc[row] * 0.4
    return made


@pytest.mark.parametrize("command", ANALYSES, ids=lambda each: each[0])
def test_feeds_nine_hours_apart_end_every_analysis(call: Call, command: list[str]) -> None:
    stored(PAIR.binance, moved(PAIR.dydx, 9))
    code, out, err = call(*command)
    assert code == 2
    assert "RED: " in out
    assert "--shift-min -540" in out.replace("\n", " ")
    assert err.startswith("FrameError: BTC: ")
    assert "--anyway" in err


def test_what_is_told_goes_on_anyway_with_the_warning_at_the_top_and_in_the_file(
    call: Call,
) -> None:
    stored(PAIR.binance, moved(PAIR.dydx, 9))
    code, out, err = call("week", "--anyway", "--out", "week.json")
    assert code == 0, err
    assert out.splitlines()[0].startswith("RED: ")
    assert "--shift-min" in json.loads(Path("week.json").read_text())["findings"][0]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # vectorbt's own
def test_the_summary_of_a_run_begins_with_what_makes_it_doubtful(call: Call) -> None:
    stored(PAIR.binance, with_wick(PAIR.dydx))
    code, _, err = call("run", "--out", "r")
    assert code == 0, err
    (folder,) = (each for each in Path("r").iterdir() if each.is_dir())
    head = (folder / "summary.md").read_text()[:1200]
    assert "> **RED: bad prints, which the other venue does not show: dydx" in head
    assert "1 dYdX minute holds a print that quality does not believe: no intrabar TP or SL" in head
    report = json.loads((folder / "report.json").read_text())
    assert report["bad_print_minutes"] == 1
    assert report["findings"][0].startswith("bad prints")


def test_a_good_market_has_nothing_red(call: Call) -> None:
    stored(PAIR.binance, PAIR.dydx)
    code, out, _ = call("week")
    assert code == 0
    assert "RED" not in out


def test_two_contracts_of_another_size_need_a_price_scale(call: Call) -> None:
    stored(scaled(PAIR.binance, 1000.0), PAIR.dydx)
    code, _, err = call("frame", "--out", "f.parquet")
    assert code == 2
    assert "Binance's prices are 1,000 times dYdX's" in err
    assert "set markets.BTC.price_scale = 1000 in leadfollow.toml" in err
    assert not Path("f.parquet").exists()
    assert call("week")[0] == 2
    text = '[markets.BTC]\nbinance = "1000BTCUSDT"\ndydx = "BTC-USD"\nprice_scale = 1000\n'
    Path("leadfollow.toml").write_text(SETTINGS + text)
    code, _, err = call("frame", "--out", "f.parquet")
    assert code == 0, err
    frame = read_frame(Path("f.parquet"))
    assert frame.table["binance_close"].iloc[100] == pytest.approx(
        PAIR.binance["close"].loc[frame.table.index[100]]
    )
    assert frame.table["binance_volume"].iloc[100] == pytest.approx(
        PAIR.binance["volume"].loc[frame.table.index[100]] * 1000
    )
    assert "binance prices / 1000" in frame.origin.sources
    assert call("week")[0] == 0


def test_a_price_scale_the_wrong_way_round_is_refused_with_the_right_one(call: Call) -> None:
    stored(scaled(PAIR.binance, 1000.0), PAIR.dydx)
    text = '[markets.BTC]\nbinance = "1000BTCUSDT"\ndydx = "BTC-USD"\nprice_scale = 0.001\n'
    Path("leadfollow.toml").write_text(SETTINGS + text)
    code, _, err = call("frame", "--out", "f.parquet")
    assert code == 2
    assert "set markets.BTC.price_scale = 1000 in" in err


def test_a_split_is_named_refused_and_never_crossed(call: Call) -> None:
    at = len(PAIR.binance) * 8 // 10
    stored(scaled(PAIR.binance, 0.01, at), PAIR.dydx)
    named = f"from {PAIR.binance.index[at]:%Y-%m-%dT%H:%MZ} on dYdX / Binance rises by a factor"
    code, out, err = call("lead", "--mode", "both")
    assert code == 2
    assert named in out
    assert "--anyway" in err
    line = ("--anyway", "--mode", "both", "--spread-entry", "0.02", "--binance-drop-pct", "0.05")
    code, out, err = call("lead", *line, "--events-out", "e.csv")
    assert code == 0, err
    trades = pd.read_csv("e.csv", parse_dates=["entry_time", "exit_time"])
    assert len(trades) > 10
    assert (trades["exit_time"] < PAIR.binance.index[at]).all()
    code, out, _ = call("frame", "--out", "f.parquet")
    assert code == 0
    assert named in out


def test_a_bad_print_fires_nothing_unless_it_is_trusted(call: Call) -> None:
    stored(PAIR.binance, PAIR.dydx)
    line = ("--mode", "long", "--spread-entry", "0.02", "--binance-drop-pct", "0.05", "--sl", "5")
    assert call("lead", *line, "--model", "executable", "--events-out", "e.csv")[0] == 0
    trades = pd.read_csv("e.csv", parse_dates=["entry_time", "exit_time"])
    longest = trades.loc[(trades["exit_time"] - trades["entry_time"]).idxmax()]
    row = PAIR.dydx.index.get_loc(longest["entry_time"]) + 2
    stored_again(with_wick(PAIR.dydx, int(row)))  # type: ignore[arg-type]
    model = ("--model", "executable")
    code, out, _ = call("lead", *line, *model, "--events-out", "kept.csv", "--hours", "1000")
    assert code == 0
    assert "1 dYdX minute holds a print that quality does not believe" in out
    pd.testing.assert_frame_equal(pd.read_csv("kept.csv"), pd.read_csv("e.csv"))
    assert call("lead", *line, *model, "--trust-prints", "--events-out", "hit.csv")[0] == 0
    hit = pd.read_csv("hit.csv", parse_dates=["entry_time", "exit_time"]).set_index("entry_time")
    assert hit.loc[longest["entry_time"], "reason"] == "SL"
    assert hit.loc[longest["entry_time"], "exit_time"] == PAIR.dydx.index[row]


def stored_again(dydx: pd.DataFrame) -> None:
    import shutil

    shutil.rmtree("data")
    stored(PAIR.binance, dydx)


def test_settings_may_trust_prints(call: Call) -> Any:
    Path("leadfollow.toml").write_text(SETTINGS + "[execution]\ntrusts_prints = true\n")
    stored(PAIR.binance, with_wick(PAIR.dydx))
    code, out, _ = call("lead", "--model", "executable")
    assert code == 0
    assert "bad prints fire" in out
    assert "TP and SL fire on them in: executable" in out

"""The command line as its user meets it: answers, exit codes, files."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from research.frame.frame import write_frame
from strategies.registry import bases
from tests.samples.commands import Call
from tests.samples.markets import small_frame

EMPTY = ["lead", "--frame", "f.parquet", "--spread-entry", "9", "--mode", "short"]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working folder of its own, with a frame in it."""
    monkeypatch.chdir(tmp_path)
    write_frame(small_frame(), tmp_path / "f.parquet")


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    return Call(monkeypatch, capsys)


def test_old_command_lines_work_with_leadfollow_in_front(call: Call) -> None:
    lead = (
        "lead --hours 48 --mode short --spread-entry 0.02 --binance-drop-window 5 "
        "--binance-drop-pct 0.05 --horizon-min 15 --tp 0.40 --sl 0.60 --fees-bps 8 "
        "--cooldown-min 10 --frame f.parquet"
    )
    assert call(*lead.split()) == 0
    assert "lead-short [SYNTHETIC]" in call.out
    assert "plain" in call.out
    assert "executable" in call.out
    back = (
        "reversion --hours 12 --entry 0.02 --exit 0.01 --fees-bps 8 --max-hold-min 60 "
        "--min-gap-min 5 --frame f.parquet"
    )
    assert call(*back.split()) == 0
    assert "timeout_share" in call.out
    week = "week --days 3 --mode both --out backtest_results/week.json --frame f.parquet"
    assert call(*week.split()) == 0
    found = json.loads(Path("backtest_results/week.json").read_text())
    assert set(found["analyses"]) == set(bases())
    assert len(found["analyses"]["reversion"]["executable"]["reports"]) == 16


def test_silence_says_how_far_away_the_data_was(call: Call) -> None:
    assert call(*EMPTY) == 0
    assert "no trade in any model" in call.out
    assert "short needs >= +9 %: met on 0 minutes" in call.out
    assert "lower spread_entry to 0." in call.out
    assert call("reversion", "--frame", "f.parquet", "--entry", "9") == 0
    assert "lower entry to that or less" in call.out


def test_one_model_and_overrides(call: Call) -> None:
    one = ["lead", "--frame", "f.parquet", "--mode", "long", "--spread-entry", "0.02"]
    assert call(*one, "--model", "plain", "--overlap", "--reference", "excess") == 0
    assert "executable" not in call.out
    assert "excess spread, any age, 8 bps" in call.out
    assert call(*one, "--model", "executable", "--max-age-min", "3", "--fill", "close") == 0
    assert "fill=close, touch=intrabar, one position, excess spread, dYdX age <= 3m" in call.out


def test_fees_are_of_the_plain_model_or_of_the_one_asked_for(call: Call) -> None:
    one = ["lead", "--frame", "f.parquet", "--fees-bps", "3"]
    assert call(*one) == 0
    assert "round trip 3 bps + 0 bps a fill, funding off" in call.out
    assert "round trip 10 bps + 1 bps a fill, funding on" in call.out
    assert call(*one, "--model", "executable") == 0
    assert "round trip 3 bps + 1 bps a fill, funding on" in call.out


def test_events_are_written_with_full_precision(call: Call) -> None:
    one = ["lead", "--frame", "f.parquet", "--mode", "both", "--spread-entry", "0.02"]
    assert call(*one, "--binance-drop-pct", "0.05", "--events-out", "out/e.csv") == 0
    lines = Path("out/e.csv").read_text().splitlines()
    assert lines[0].startswith("entry_time,exit_time,mode,entry_price,exit_price,gross_pct")
    entry, exit_, gross = (float(lines[1].split(",")[i]) for i in (3, 4, 5))
    side = 1 if lines[1].split(",")[2] == "long" else -1
    assert gross == side * (exit_ - entry) / entry * 100
    assert [line.split(",")[0] for line in lines[1:]] == sorted(
        line.split(",")[0] for line in lines[1:]
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["lead", "--frame", "none.parquet"], "FrameError: none.parquet: cannot be read"),
        (["lead", "--market", "BTC"], "FrameError: BTC binance: no minutes; import or fetch"),
        (["lead", "--frame", "f.parquet", "--tp", "0"], "ParamError: tp must be in (0, 50]"),
        (
            ["reversion", "--frame", "f.parquet", "--entry", "0.01"],
            "ParamError: exit must be below entry=0.01 percent, was 0.03",
        ),
        (["lead", "--frame", "f.parquet", "--hours", "0"], "SettingsError: --hours must be above"),
        (["week", "--frame", "f.parquet", "--config", "no.toml"], "SettingsError: no.toml: cannot"),
        (["lead", "--frame", "f.parquet", "--max-age-min", "-1"], "max_age_min must be >= 0"),
        (["study", "best", "--out", "nowhere"], "SearchError: nowhere: no such folder of studies"),
        (["export", "--frame", "f.parquet"], "no study with a feasible set over this data"),
        (["run", "--synthetic", "--market", "BTC"], "--synthetic makes its own minutes"),
        (["run", "--synthetic", "--edge", "-1"], "SettingsError: command line: synthetic.edge"),
        (["run", "--synthetic", "--memory", "lots"], "SettingsError: --memory lots: must be an"),
        (["week", "--frame", "f.parquet", "--out", "f.parquet/x.json"], "StoreError"),
    ],
)
def test_bad_input_is_a_message_and_exit_code_2(
    call: Call, arguments: list[str], message: str
) -> None:
    assert call(*arguments) == 2
    assert message in call.err
    assert "Traceback" not in call.err


def test_an_unknown_option_is_answered_by_the_parser(call: Call) -> None:
    assert call("lead", "--spread", "1") == 2
    assert "No such option" in call.err


def test_study_and_export_go_the_whole_way(call: Call) -> None:
    search = ["study", "run", "--frame", "f.parquet", "--segment", "all", "--workers", "1"]
    assert call(*search, "--trials", "6", "--min-events", "5", "--out", "s") == 0
    assert f"{len(bases())} studies in s" in call.out
    assert call("study", "ls", "--out", "s") == 0
    assert "lead-long.all" in call.out
    assert call("study", "best", "--out", "s", "--segment", "all") == 0
    assert "sets, in sample" in call.out
    export = ["export", "--frame", "f.parquet", "--studies", "s", "--min-events", "5"]
    assert call(*export, "--out", "bot.json") == 0
    assert f"of {len(bases())} sets enabled" in call.out
    assert json.loads(Path("bot.json").read_text())["synthetic"] is True
    assert call(*export[:-1], "6", "--out", "other.json") == 2
    assert "begun with something else (min_events: 5 -> 6)" in call.err
    assert not Path("other.json").exists()


def test_the_schema_of_the_export_is_json(call: Call) -> None:
    assert call("export", "--schema") == 0
    assert json.loads(call.out)["title"] == "BotConfig"


def test_settings_are_shown_with_their_origin(call: Call) -> None:
    Path("leadfollow.toml").write_text("[study]\ntrials = 12\n")
    assert call("config", "show") == 0
    row = next(line for line in call.out.splitlines() if "study.trials" in line)
    assert "12" in row
    assert "leadfollow.toml" in row


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("mine.toml").write_text('[store]\nfolder = "of-the-file"\n')
    monkeypatch.setenv("LEADFOLLOW_CONFIG", "mine.toml")
    assert call("data", "synth", "--days", "0.1") == 0
    assert Path("of-the-file").is_dir()
    monkeypatch.setenv("LEADFOLLOW_STORE", "of-the-environment")
    assert call("data", "synth", "--days", "0.1") == 0
    assert Path("of-the-environment").is_dir()
    assert call("data", "synth", "--days", "0.1", "--store", "of-the-option") == 0
    assert Path("of-the-option").is_dir()
    assert call("config", "show") == 0
    row = next(line for line in call.out.splitlines() if "store.folder" in line)
    assert "of-the-environment" in row
    assert "LEADFOLLOW_STORE" in row


def test_help_imports_nothing_heavy() -> None:
    heavy = ("numpy", "pandas", "numba", "vectorbt", "optuna", "matplotlib", "pydantic", "pyarrow")
    code = (
        "import sys; sys.argv = ['leadfollow', '--help']\n"
        "from sweeps.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_every_command_has_a_help_with_an_example(call: Call) -> None:
    for command in (
        *(["run"], ["frame"], ["reversion"], ["lead"], ["week"], ["grid"], ["export"]),
        *(["data", "import"], ["data", "ls"], ["data", "quality"], ["data", "synth"]),
        *(["data", "fetch"], ["data", "record"], ["halts"], ["journal", "table"]),
        *(["journal", "validate"], ["journal", "schema"], ["journal", "synth"]),
        *(["study", "run"], ["study", "ls"], ["study", "best"], ["config", "show"]),
    ):
        assert call(*command, "--help") == 0
        assert f"Example: leadfollow {' '.join(command)}" in " ".join(call.out.split()), command

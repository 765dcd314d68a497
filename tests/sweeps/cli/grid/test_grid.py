"""``leadfollow grid``: what a user sees, and what is in the folder afterwards."""

import json
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from research.errors import LeadfollowError, LockError, SearchError, SettingsError, StoreError
from research.features.panel import features
from research.frame.frame import read_frame, write_frame
from research.plots import heatmap
from research.plots.figure import new_figure
from strategies.backtest.backtest import backtest
from strategies.lead_follow import LeadFollowParams
from sweeps.cli import app
from sweeps.grid.quantiles import QUANTILES
from sweeps.grid.stored import piece_file
from sweeps.grid.stored.file import read as read_grid
from sweeps.grid.time_blocks import read_time_blocks
from sweeps.ledger import Ledger
from tests.samples.markets import small_frame

runner = CliRunner()
AXES = ("--axis", "spread_entry=0:0.06:0.03", "--axis", "move_pct=0.05,0.1", "--axis", "window=5")
FEW = (*AXES, "--axis", "sl=0.4", "--axis", "horizon=15")
BACK = ("--axis", "entry=0.02,0.04", "--axis", "exit=0.01,0.03", "--axis", "max_hold=15")


@pytest.fixture
def frame(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A frame of four synthetic days, in the folder where the user stands."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "frame.parquet"
    write_frame(small_frame(), path)
    return path


@pytest.fixture
def no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draws nothing, where the picture is not the point: sixteen panels take a second."""
    monkeypatch.setattr(heatmap, "draw_heatmap", lambda _: new_figure(1, 1))


def run(*arguments: object) -> Result:
    result = runner.invoke(app, ["grid", *(str(each) for each in arguments)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_grid_writes_a_table_and_a_heatmap_for_each_mode(frame: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = run("lead", "--frame", frame, *FEW, "--min-events", 5, "--out", out)
    assert result.exit_code == 0
    assert names_in(out) == [
        "lead-long.best.parquet",
        "lead-long.lcb_pnl.move_pct-spread_entry.png",
        "lead-long.parquet",
        "lead-short.best.parquet",
        "lead-short.lcb_pnl.move_pct-spread_entry.png",
        "lead-short.parquet",
    ]
    grid = read_grid(out / "lead-long.parquet")
    assert grid.spec.shape == (1, 2, 3, 1, 3, 1, 1)
    params = grid.spec.params_at(2)
    wanted = backtest(features(read_frame(frame)), params).report()
    assert grid.table()["events"][2] == wanted.events > 0
    best = pd.read_parquet(out / "lead-long.best.parquet")
    at = best[(best["segment"] == "all") & (best["set"] == 2)].iloc[0]
    for name in ("events", "median_pnl", "pnl_q05", "max_drawdown", "max_losing_streak"):
        assert at[name] == getattr(wanted, name)
    with Image.open(out / "lead-long.lcb_pnl.move_pct-spread_entry.png") as image:
        about = json.loads(image.info["Description"])
    assert about["data"]["content_sha256"] == read_frame(frame).origin.content_sha256
    assert about["synthetic"] is True


@pytest.mark.usefixtures("no_pictures")
def test_the_tables_show_every_segment_and_warn_of_the_best(frame: Path, tmp_path: Path) -> None:
    options = ("--axis", "tp=0.1,0.2,0.4", "--min-events", 5, "--out", tmp_path / "o")
    output = run("lead", "--mode", "long", "--frame", frame, *FEW, *options).output
    for segment in ("all", "asia", "wild", "us/calm"):
        assert f"\n {segment} " in output
    assert "lead-long [SYNTHETIC]: best lcb_pnl of each segment" in output
    assert "The best of 18 sets (" in output
    assert "in each of 16 segments is picked on the very minutes" in output
    assert "regimes: edges in-sample" in output
    assert "round trip before funding: 12 bps" in output
    assert "tp 0.1 %: within the costs, such a take profit is a loss" in output
    assert "fill=next_open, touch=intrabar, one position, excess spread" in output


@pytest.mark.usefixtures("no_pictures")
def test_models_and_overrides_reach_the_grid(frame: Path, tmp_path: Path) -> None:
    options = ("--mode", "short", "--frame", frame, *FEW, "--out", tmp_path)
    plain = run("lead", "--model", "plain", *options)
    assert "fill=close, touch=close, overlapping, raw spread, any age, 8 bps" in plain.output
    grid = read_grid(tmp_path / "lead-short.parquet")
    assert (grid.costs.fees_bps, grid.costs.slippage_bps, grid.costs.funding) == (8.0, 0.0, False)
    run(
        *("lead", *options, "--fees-bps", 3, "--fill", "close", "--touch", "close", "--overlap"),
        *("--max-age-min", 2, "--reference", "raw", "--threads", 1, "--hours", 48),
    )
    grid = read_grid(tmp_path / "lead-short.parquet")
    assert (grid.execution.fill, grid.execution.touch, grid.execution.overlap) == (
        *("close", "close"),
        True,
    )
    assert (grid.spec.base.reference, grid.spec.base.filters.max_age_min) == ("raw", 2.0)
    assert (grid.costs.fees_bps, grid.costs.slippage_bps) == (3.0, 1.0)
    assert grid.rows == slice(2 * 1440, 4 * 1440)


def test_reversion_has_its_own_axes_and_picture(frame: Path, tmp_path: Path) -> None:
    options = ("--value", "breakeven_bps", "--x", "exit", "--y", "entry", "--others", "median")
    result = run("reversion", "--frame", frame, *BACK, *options, "--out", tmp_path / "out")
    assert names_in(tmp_path / "out") == [
        "reversion.best.parquet",
        "reversion.breakeven_bps.entry-exit.png",
        "reversion.parquet",
    ]
    assert "The best of 3 sets" in result.output


@pytest.mark.usefixtures("no_pictures")
def test_the_same_grid_goes_to_the_same_folder(frame: Path, tmp_path: Path) -> None:
    for _ in range(2):
        run("reversion", "--frame", frame, *BACK)
    run("reversion", "--frame", frame, *BACK, "--fees-bps", 1)
    looks, *folders = names_in(tmp_path / "runs")[::-1]
    assert looks == "looks.jsonl"
    assert len(folders) == 2
    counted = Ledger(tmp_path / "runs/looks.jsonl").looks()
    assert [look.sets for look in counted] == [4, 4, 4]
    assert len({look.identity for look in counted}) == 2  # the same grid twice is one look
    assert all(name.startswith("grid-reversion-SYNTH-") for name in folders)


@pytest.mark.usefixtures("no_pictures")
def test_when_nothing_triggers_the_distance_is_told(frame: Path, tmp_path: Path) -> None:
    options = ("--axis", "spread_entry=9,10", "--mode", "short", "--out", tmp_path)
    output = run("lead", "--frame", frame, *options).output
    assert "nothing triggered." in output
    assert "short needs >= +9 %: met on 0 minutes" in output


@pytest.mark.usefixtures("no_pictures")
def test_axes_come_from_the_settings_unless_given(frame: Path, tmp_path: Path) -> None:
    settings = tmp_path / "my.toml"
    settings.write_text('[axes]\nlead = { tp = [0.2, 0.3], horizon = "5:15:10" }\n')
    options = ("--config", settings, "--mode", "long", "--axis", "tp=0.5", "--out", tmp_path)
    run("lead", "--frame", frame, *options)
    spec = read_grid(tmp_path / "lead-long.parquet").spec
    assert spec.axes[spec.position("tp")].levels == (0.5,)
    assert spec.axes[spec.position("horizon")].levels == (5.0, 15.0)
    assert spec.axes[spec.position("window")].levels == (float(LeadFollowParams().window),)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--axis", "tp"), "axis 'tp': must read name=low:high:step or name=a,b,c"),
        (("--axis", "entry=1"), "axis entry: lead has no such parameter; it has window, move_pct"),
        (("--axis", "tp=0:1:0.5"), r"axis tp: level 0 must be in \(0, 50\] percent"),
        (("--x", "tp", "--y", "tp"), "a heatmap needs two different axes, was tp twice"),
        (("--value", "foo"), "column foo: not known for a lead grid; it has events, win_rate"),
    ],
)
def test_bad_options_are_refused_before_anything_is_written(
    frame: Path, tmp_path: Path, options: tuple[str, ...], message: str
) -> None:
    with pytest.raises(SearchError, match=message):
        run("lead", "--frame", frame, *options, "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_missing_frame_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(LeadfollowError, match=r"none\.parquet"):
        run("lead", "--frame", tmp_path / "none.parquet", "--out", tmp_path / "out")
    assert names_in(tmp_path) == []


def test_a_folder_in_the_way_of_a_file_is_refused_before_the_work(frame: Path) -> None:
    with pytest.raises(StoreError) as refusal:
        run("lead", "--frame", frame, "--out", frame / "out")
    assert str(refusal.value) == (
        f"{frame / 'out'}: {frame} is no folder that can be written; give another with --out"
    )


def test_a_grid_beyond_any_disk_is_refused_at_once(frame: Path, tmp_path: Path) -> None:
    many = "0.01:10.24:0.01"
    axes = [f"--axis={name}={many}" for name in ("tp", "sl", "move_pct", "spread_entry")]
    refusal = r"lead-long\.parquet: 1,099,511,627,776 sets need about"
    axes += ["--axis=window=5", "--axis=horizon=15", "--axis=cooldown=5"]
    with pytest.raises(StoreError, match=refusal):
        run("lead", "--mode", "long", "--frame", frame, *axes, "--out", "out")
    assert names_in(tmp_path) == ["frame.parquet"]


def test_the_folder_is_kept_from_others_until_all_is_drawn(
    frame: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sweeps.grid.stored.disk._PATIENCE_S", 0.0)
    arguments = ("reversion", "--frame", frame, *BACK, "--out", tmp_path / "out")
    refused: list[str] = []

    def draw(_: object) -> object:
        monkeypatch.setattr(heatmap, "draw_heatmap", lambda _: new_figure(1, 1))
        with pytest.raises(LockError) as refusal:
            run(*arguments)
        refused.append(str(refusal.value))
        return new_figure(1, 1)

    monkeypatch.setattr(heatmap, "draw_heatmap", draw)
    run(*arguments)
    assert "another grid is being made there" in refused[0]
    run(*arguments)
    assert not [name for name in names_in(tmp_path / "out") if name.startswith(".")]


def test_unknown_choices_end_with_exit_code_2(frame: Path) -> None:
    for options in (("martingale",), ("lead", "--others", "mean"), ("lead", "--threads", "0")):
        assert run(*options, "--frame", frame).exit_code == 2


@pytest.mark.usefixtures("no_pictures")
def test_sums_by_day_and_quantiles_are_written_when_asked(frame: Path, tmp_path: Path) -> None:
    options = ("--mode", "long", "--time-blocks", 1440, "--quantiles", "--memory", "64MiB")
    options += ("--top", 0)
    result = run("lead", "--frame", frame, *FEW, *options, "--out", tmp_path / "out")
    assert names_in(tmp_path / "out") == [
        "lead-long.blocks-1440min",
        "lead-long.lcb_pnl.move_pct-spread_entry.png",
        "lead-long.parquet",
        "lead-long.quantiles.parquet",
    ]
    assert "4 blocks x 18 sets" in result.output
    grid = read_grid(tmp_path / "out" / "lead-long.parquet")
    blocks = read_time_blocks(tmp_path / "out" / "lead-long.blocks-1440min")
    days = blocks.matrix("events", 0, 18)
    assert days.sum(axis=0).tolist() == grid.table()["events"].tolist()
    table = pd.read_parquet(tmp_path / "out" / "lead-long.quantiles.parquet")
    trades = backtest(features(read_frame(frame)), grid.spec.params_at(2)).net_pct
    assert len(trades) > 5
    for name, q in QUANTILES.items():
        assert table[name][2] == pytest.approx(np.quantile(trades, q), abs=0.01)


@pytest.mark.usefixtures("no_pictures")
def test_ctrl_c_says_what_is_kept_and_resume_goes_on(
    frame: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sweeps.engine.sweep._MOST_SETS", 3)
    arguments = ("lead", "--mode", "long", "--frame", frame, *FEW, "--out", tmp_path / "out")
    real, calls = piece_file.atomic_path, iter(range(2))

    def stop_at_third(path: Path) -> AbstractContextManager[Path]:
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return real(path)

    with monkeypatch.context() as patched:
        patched.setattr(piece_file, "atomic_path", stop_at_third)
        stopped = run(*arguments)
    assert stopped.exit_code == 130
    assert "stopped; 2 pieces are kept in" in stopped.output.replace("\n", "")
    assert "--resume" in stopped.output
    with pytest.raises(StoreError, match="an unfinished grid, 2 of 6 pieces are there"):
        run(*arguments)
    assert run(*arguments, "--resume").exit_code == 0
    assert len(read_grid(tmp_path / "out" / "lead-long.parquet").table()) == 18
    with pytest.raises(SettingsError, match="--memory lots: must be an amount such as 1GiB"):
        run(*arguments, "--memory", "lots")

"""``leadfollow heatmap``: what it draws, and what it refuses in a sentence."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from research.errors import LeadfollowError
from research.frame.frame import write_frame
from sweeps.cli import app
from tests.samples.markets import small_frame

BACK = ("--axis", "entry=0.02,0.04", "--axis", "exit=0.0,0.01", "--axis", "max_hold=15,30")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small grid of reversion and the frame under it."""
    root = tmp_path_factory.mktemp("grids")
    write_frame(small_frame(), root / "frame.parquet")
    run("grid", "reversion", *BACK, "--frame", root / "frame.parquet", "--out", root / "grid")
    return root


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(app, [str(each) for each in arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result


def test_every_pair_is_drawn_as_png_and_svg_that_say_where_they_came_from(folder: Path) -> None:
    out = folder / "pairs"
    run("heatmap", folder / "grid", "--pairs", "all", "--segments", "all,us", "--out", out)
    names = {path.stem.rsplit(".", 1)[-1] for path in out.glob("*.png")}
    assert names == {"exit-entry", "max_hold-entry", "max_hold-exit"}
    for path in out.glob("*.png"):
        with Image.open(path) as image:
            assert json.loads(image.info["Description"])["market"]
        assert ET.parse(path.with_suffix(".svg")).getroot().tag.endswith("svg")


def test_other_axes_stay_at_given_levels(folder: Path) -> None:
    out = folder / "fixed"
    asked = ("--fix", "max_hold=15", "--value", "plateau_lcb", "--segments", "all")
    run("heatmap", folder / "grid", *asked, "--out", out)
    text = (out / "reversion.plateau_lcb.fixed.exit-entry.svg").read_text()
    assert "max_hold" in text


def test_a_strategy_is_scored_now_and_columns_that_do_not_add_up_are_exact(folder: Path) -> None:
    out = folder / "now"
    asked = ("--value", "median_pnl", "--segments", "all", "--out", out)
    run("heatmap", "--strategy", "reversion", *BACK, "--frame", folder / "frame.parquet", *asked)
    assert (out / "reversion.median_pnl.best.exit-entry.png").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--x", "entri"], "did you mean entry?"),
        (["--x", "entry", "--y", "entry"], "two different axes"),
        (["--value", "after_avg_pnl"], "no numbers from after its minutes"),
        (["--value", "lcb"], "did you mean"),
        (["--fix", "max_hold"], "NAME=LEVEL"),
        (["--pairs", "some"], "--pairs must be all"),
        (["--strategy", "lead"], "not both"),
        (["--segments", "mars"], "no such segment"),
    ],
)
def test_what_cannot_be_drawn_is_refused(folder: Path, options: list[str], message: str) -> None:
    with pytest.raises(LeadfollowError, match=message.replace("?", r"\?")):
        run("heatmap", folder / "grid", *options)


def test_an_empty_folder_and_a_torn_table_are_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(LeadfollowError, match="holds no grid"):
        run("heatmap", tmp_path)
    with pytest.raises(LeadfollowError, match="not there"):
        run("heatmap", tmp_path / "nowhere")
    torn = tmp_path / "torn.parquet"
    torn.write_bytes((folder / "grid" / "reversion.parquet").read_bytes()[:-50])
    with pytest.raises(LeadfollowError, match=r"torn\.parquet"):
        run("heatmap", torn)

"""The pictures of the README, from a run on the synthetic market: ``make pictures``.

    python tests/readme/pictures.py [--run RUN]

Without ``--run`` it makes one, which takes some minutes.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from research.plots.figure import save_figure
from research.plots.heatmap import draw_heatmap
from sweeps.grid.heatmaps import heatmap_info
from sweeps.grid.looks.find import grids_at
from sweeps.grid.stored.identity import grid_provenance
from sweeps.report.page.page import write_page

REPO = Path(__file__).resolve().parents[2]
OUT = REPO / "notebooks"
_VIEWS = (("page-verdict", "verdict", 620), ("page-heatmaps", "grids", 1000))


def made_run(root: Path) -> Path:
    """The folder of a run of the embedded market."""
    command = [sys.executable, "-c", "from sweeps.cli import main; main()", "run", "--synthetic"]
    subprocess.run([*command, "--out", str(root)], check=True, cwd=root)
    (found,) = root.glob("*/report.json")
    return found.parent


def draw_sheet(run: Path) -> None:
    """The heatmap at the top of the README."""
    grid = next(each.result for each in grids_at(run) if each.result.name == "lead-long")
    info = heatmap_info(grid, *grid.spec.strategy.heatmap_axes)
    about = grid_provenance(grid, ["make pictures"])
    save_figure(draw_heatmap(info), OUT / "lead-long.png", about)


def shoot(run: Path) -> None:
    """The page as a browser shows it, at two places."""
    page_file = write_page(run)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1240, "height": 900})
        page.goto(page_file.absolute().as_uri())
        page.wait_for_selector("html[data-ready=yes]")
        for name, section, height in _VIEWS:
            _shoot(page, name, section, height)
        browser.close()


def _shoot(page: Page, name: str, section: str, height: int) -> None:
    page.set_viewport_size({"width": 1240, "height": height})
    page.evaluate("name => document.getElementById(name).scrollIntoView()", section)
    file = OUT / f"{name}.png"
    page.screenshot(path=file)
    with Image.open(file) as image:  # few colours: a quarter of the bytes
        image.convert("RGB").quantize(128).save(file, optimize=True)


def main() -> None:
    """Writes the pictures into ``notebooks/``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, help="folder of a run to picture")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        run = given.run or made_run(Path(root))
        draw_sheet(run)
        shoot(run)


if __name__ == "__main__":
    main()

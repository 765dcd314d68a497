"""The page as a reader has it: in a real browser, from disk, without a network."""

import json
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from sweeps.grid.looks.find import grids_at
from sweeps.grid.looks.views import views_of
from sweeps.report.page.page import write_page

HOSTILE = "<script>document.title='owned'</script>\"'><img src=x onerror=alert(1)>[red]\x1b[31m"


def faults(page: Page) -> list[dict[str, Any]]:
    told = Axe().run(page).response
    assert len(told["passes"]) > 10
    found = told["violations"]
    return [each for each in found if each["impact"] in ("serious", "critical")]


def cells(page: Page) -> list[str]:
    return page.locator(".map button[data-at]").all_inner_texts()


def choose(page: Page, name: str, value: str) -> None:
    page.select_option(f"select[name={name}]", value)


def test_axes_column_and_segment_change_what_is_shown(opened: Any, run_folder: Path) -> None:
    page = opened(run_folder / "report.html")
    choose(page, "grid", "0")
    first = cells(page)
    choose(page, "x", "tp")
    assert page.locator(".map caption").inner_text().count("tp") == 1
    assert cells(page) != first
    second = cells(page)
    choose(page, "column", "win_rate")
    assert cells(page) != second
    choose(page, "fold", "positive")  # shares are known of bounds and means only
    assert page.input_value("select[name=column]") == "lcb_pnl"
    choose(page, "segment", "1")
    assert "asia" in page.locator(".map caption").inner_text()
    choose(page, "fold", "given")
    level = page.locator("select[name^=level-]").first
    name, before = level.get_attribute("name"), level.input_value()
    level.select_option(index=(int(before) + 1) % level.locator("option").count())
    assert page.input_value(f"select[name={name}]") != before


def test_cells_say_what_the_grid_says(opened: Any, run_folder: Path) -> None:
    page = opened(run_folder / "report.html")
    for at, (grid, _) in enumerate(grids_at(run_folder, min_events=5)):
        choose(page, "grid", str(at))
        views = views_of(grid, min_events=5)
        pair = views.pairs[0]
        ny, nx = pair.best[0].shape
        events = grid.column("events")
        for node in page.locator(".map button[data-at]").all():
            iy, ix = divmod(int(node.get_attribute("data-at") or -1), nx)
            assert iy < ny
            assert f"n {int(events[pair.best[0][iy, ix]])}" in node.inner_text()


def test_hovering_tells_every_column_and_a_click_shows_the_trades(
    opened: Any, run_folder: Path
) -> None:
    page = opened(run_folder / "report.html")
    choose(page, "grid", "2")
    grid = grids_at(run_folder, min_events=5)[2].result
    nodes = page.locator(".map button[data-at]")
    nodes.nth(0).hover()
    told = page.locator(".told").inner_text()
    for words in ("lower bound", "break-even", "win rate", "out of sample", "mean hold"):
        assert words in told
    seen = set()
    for at in range(nodes.count()):
        nodes.nth(at).click()
        number = int(nodes.nth(at).inner_text().split("n ")[1])
        page.wait_for_function(
            f"document.querySelector('.count')?.textContent.startsWith('{number} trades')"
        )
        seen.add(page.locator("h3", has_text="Trades of set").inner_text())
    assert len(seen) == nodes.count()
    assert f"of {grid.name}" in seen.pop()
    assert page.locator(".chart-equity svg, .chart-price svg").count() == 2
    alt = page.locator(".chart-price svg").get_attribute("aria-label")
    page.locator("button.act").last.click()
    page.wait_for_function(
        "old => document.querySelector('.chart-price svg').getAttribute('aria-label') !== old",
        arg=alt,
    )


def test_the_keyboard_walks_over_the_cells_and_opens_one(opened: Any, run_folder: Path) -> None:
    page = opened(run_folder / "report.html")
    page.locator(".map button[tabindex='0']").focus()
    places = set()
    for key in ("ArrowLeft", "ArrowDown", "ArrowRight", "ArrowUp"):
        page.keyboard.press(key)
        places.add(page.evaluate("document.activeElement.dataset.at"))
    assert len(places) > 1
    page.keyboard.press("Enter")
    picked = page.locator(".map button.picked").get_attribute("data-at")
    assert picked == page.evaluate("document.activeElement.dataset.at")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_no_serious_fault_for_anybody_in_light_and_dark_on_phone_and_desk(
    opened: Any, run_folder: Path, scheme: str, width: int
) -> None:
    size = {"width": width, "height": 844}
    page = opened(run_folder / "report.html", color_scheme=scheme, viewport=size)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert [(each["id"], each["nodes"][0]["html"]) for each in faults(page)] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_foreign_words_are_words(opened: Any, own_run: Path) -> None:
    week = json.loads((own_run / "week.json").read_text())
    week["market"] = HOSTILE
    (own_run / "week.json").write_text(json.dumps(week))
    for name in ("report.json", "verdict.json"):
        told = json.loads((own_run / name).read_text())
        told["provenance"]["command"] = HOSTILE
        if name == "report.json":
            told["findings"] = [HOSTILE]
            told["provenance"]["parameters"]["settings"]["market"] = HOSTILE
        else:
            for claim in told["claims"].values():
                claim["reason"] = HOSTILE
        (own_run / name).write_text(json.dumps(told))
    text = write_page(own_run).read_text()
    assert "\x1b" not in text
    page = opened(own_run / "report.html")
    assert "owned" not in page.title().replace(HOSTILE[8:30], "")
    assert page.locator("img:not(.sheet)").count() == 0
    assert "<script>document.title='owned'</script>" in page.locator("#verdict").inner_text()
    assert "[red]\\x1b[31m" in page.locator("#fallen").inner_text()


def test_without_minutes_and_trades_the_page_says_so(opened: Any, own_run: Path) -> None:
    for file in (own_run / "page").iterdir():
        file.unlink()
    write_page(own_run)
    page = opened(own_run / "report.html")
    assert "Not in this page" in page.locator("#heatmaps").inner_text()

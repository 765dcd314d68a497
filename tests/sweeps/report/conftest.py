"""One run and one browser for all tests of the page."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from research.clock import Clock
from research.lock import file_lock
from tests.samples.runs import make_run

READY = "html[data-ready=yes]"


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run, made once for all workers; not to be changed."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = shared / "page-run"
    with file_lock(shared / ".page-run.lock", busy="", clock=Clock(), patience_s=600):
        if not folder.exists():
            make_run(shared / "page-run.half").rename(folder)
        return folder


@pytest.fixture
def own_run(run_folder: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may spoil."""
    return Path(shutil.copytree(run_folder, tmp_path / "run"))


@pytest.fixture(scope="module")  # its event loop runs meanwhile: no longer than a file's tests
def browser() -> Iterator[Browser]:
    """Debian's chromium; CI installs it."""
    found = shutil.which("chromium")
    if found is None:
        pytest.skip("no chromium here; `apt-get install chromium`, as .ci/run does")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()


class Opened:
    """Opens pages and keeps what their consoles say."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.said: list[str] = []

    def __call__(self, where: Path | str, **options: Any) -> Page:
        page = self._browser.new_context(**options).new_page()
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("requestfailed", lambda request: self.said.append(f"failed: {request.url}"))
        page.goto(where if isinstance(where, str) else where.as_uri())
        page.wait_for_selector(READY, timeout=20_000)
        return page


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opened]:
    """Nothing may be left in a console at the end."""
    found = Opened(browser)
    yield found
    assert found.said == []
    for context in browser.contexts:
        context.close()

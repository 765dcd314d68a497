"""The server: this machine alone, nothing but runs, two of them side by side."""

import json
import shutil
import socket
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

from research.errors import StoreError
from sweeps.report.page.run_folder import RunFolder
from sweeps.report.serve.compare import difference, settings_diff
from sweeps.report.serve.index import runs_in
from sweeps.report.serve.server import serving


@pytest.fixture(scope="module")
def runs(run_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs that differ in one setting, one that was stopped, and what is none."""
    root = tmp_path_factory.mktemp("served") / "runs"
    for name in ("20260101T000000Z-aaaaaaaa", "20260102T000000Z-bbbbbbbb"):
        shutil.copytree(run_folder, root / name)
    later = root / "20260102T000000Z-bbbbbbbb" / "report.json"
    told = json.loads(later.read_text())
    told["provenance"]["parameters"]["settings"]["study"]["trials"] = 99
    later.write_text(json.dumps(told))
    (root / "20260103T000000Z-cccccccc.partial").mkdir()
    (root / "notes").mkdir()
    (root.parent / "secret").mkdir()
    (root.parent / "secret" / "report.json").write_text(json.dumps(told))
    (root / "link").symlink_to(root.parent / "secret")
    return root


@pytest.fixture(scope="module")
def address(runs: Path) -> Iterator[str]:
    with serving(runs, 0) as found:
        yield found


def asked(
    address: str, path: str, method: str = "GET", host: str | None = None
) -> tuple[int, str, dict[str, str]]:
    place = urlsplit(address)
    line = HTTPConnection(str(place.hostname), place.port, timeout=60)
    line.putrequest(method, path, skip_host=True)
    if host != "":
        line.putheader("Host", place.netloc if host is None else host)
    line.endheaders()
    answer = line.getresponse()
    text = answer.read().decode()
    line.close()
    return answer.status, text, dict(answer.getheaders())


def test_the_index_lists_runs_and_says_of_a_stopped_one_how_it_goes_on(address: str) -> None:
    status, text, headers = asked(address, "/")
    assert status == 200
    assert text.index("bbbbbbbb") < text.index("aaaaaaaa")
    assert "and it goes on" in text
    assert "notes" not in text
    assert "secret" not in text
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("host", ["evil.example", "", "127.0.0.1", "localhost:1", "[::1]:80"])
def test_another_host_is_refused(address: str, host: str) -> None:
    assert asked(address, "/", host=host)[0] == 403


def test_localhost_is_this_machine(address: str) -> None:
    assert asked(address, "/", host=f"LOCALHOST:{urlsplit(address).port}")[0] == 200


@pytest.mark.parametrize(
    "path",
    [
        "/run/../secret",
        "/run/%2e%2e%2fsecret",
        "/run/..%5csecret",
        "/run/link",
        "/run/notes",
        "/run/%00",
        "/run//etc/passwd",
        "/run/",
        "/etc/passwd",
        "/compare?a=../secret&b=link",
        "/compare",
        "//evil.example/run/x",
        "/run/<script>alert(1)</script>",
    ],
)
def test_no_path_leads_out_of_the_runs(address: str, path: str) -> None:
    status, text, _ = asked(address, path)
    assert status == 404
    assert "<script" not in text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
def test_it_takes_nothing(address: str, method: str) -> None:
    assert asked(address, "/", method=method)[0] == 501


def test_it_listens_on_this_machine_only(address: str) -> None:
    place = urlsplit(address)
    assert place.hostname == "127.0.0.1"
    with socket.socket() as line, pytest.raises(ConnectionRefusedError):
        line.connect(("127.0.0.2", place.port))


def test_a_taken_port_and_a_missing_folder_are_refused(address: str, runs: Path) -> None:
    port = urlsplit(address).port
    assert port is not None
    with pytest.raises(StoreError, match="give another with --port"), serving(runs, port):
        pass
    with pytest.raises(StoreError, match="no folder of runs"), serving(runs / "nowhere", 0):
        pass


def test_a_head_has_no_body(address: str) -> None:
    status, text, headers = asked(address, "/", method="HEAD")
    assert (status, text) == (200, "")
    assert int(headers["Content-Length"]) > 1000


def test_settings_that_differ_are_told_and_no_others(runs: Path) -> None:
    found = [run for run in runs_in(runs).values() if isinstance(run, RunFolder)]
    assert list(settings_diff(*found)) == [("study.trials", "99", "4")]


def test_a_grid_minus_itself_is_nothing_everywhere(run_folder: Path) -> None:
    from sweeps.grid.looks.find import grids_at

    for grid, _ in grids_at(run_folder):
        info = difference(grid, grid)
        assert info is not None
        for panel in info.panels:
            known = panel.values[panel.values == panel.values]
            assert (known == 0).all()


def test_a_reader_goes_from_the_index_to_a_run_and_to_two(browser: Any, address: str) -> None:
    said: list[str] = []
    page = browser.new_context().new_page()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(address)
    page.click("text=20260101T000000Z-aaaaaaaa")
    page.wait_for_selector("html[data-ready=yes]")
    assert page.locator(".map button").count() > 3
    page.goto(address)
    page.click("text=Compare")
    assert "study.trials" in page.locator("main").inner_text()
    sheets = page.locator("img.sheet")
    assert sheets.count() == 3
    assert sheets.first.evaluate("each => each.complete && each.naturalWidth > 100")
    faults = [
        each["id"]
        for each in Axe().run(page).response["violations"]
        if each["impact"] in ("serious", "critical")
    ]
    assert faults == []
    assert said == []
    page.context.close()

"""Without the extra [live] everything else works, and what needs it says how to get it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from research.errors import ExtraError
from research.extras import require_extra
from tests.conftest import REPO

# stands for a machine on which the packages were never installed
BLOCKER = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {blocked!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
"""
LIVE = ("httpx", "httpcore", "stamina", "tenacity", "websockets")


def run(
    folder: Path, *arguments: str, blocked: tuple[str, ...] = LIVE
) -> "subprocess.CompletedProcess[str]":
    (folder / "sitecustomize.py").write_text(BLOCKER.format(blocked=blocked))
    environment = os.environ | {"PYTHONPATH": f"{folder}{os.pathsep}{REPO}"}
    command = [sys.executable, "-c", "from sweeps.cli import main; main()", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize(("command", "package"), [("fetch", "httpx"), ("record", "websockets")])
def test_a_missing_extra_is_one_line_with_the_cure(
    tmp_path: Path, command: str, package: str
) -> None:
    result = run(tmp_path, "data", command, "--market", "BTC")
    assert result.returncode == 2
    assert result.stderr == (
        f"ExtraError: data {command}: needs the package {package}, which is not installed; it "
        "comes with the extra [live]: pip install 'leadfollow[live]'\n"
    )
    assert not (tmp_path / "data").exists()


def test_each_command_asks_for_what_it_needs_alone(tmp_path: Path) -> None:
    result = run(tmp_path, "data", "fetch", "--days", "0", blocked=("websockets",))
    assert "--days must be above 0" in result.stderr
    result = run(tmp_path, "data", "record", "--market", "NONE", blocked=("httpx", "stamina"))
    assert "market 'NONE' has no names" in result.stderr


@pytest.mark.parametrize(
    "arguments", [("data", "ls"), ("data", "fetch", "--help"), ("config", "show")]
)
def test_everything_else_works_without_it(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    result = run(tmp_path, *arguments)
    assert (result.returncode, result.stderr) == (0, "")


def test_a_dependency_of_a_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "httpx", None)
    with pytest.raises(ExtraError, match=r"x: needs the package httpx, which is not installed"):
        require_extra("live", ("httpx",), what="x")

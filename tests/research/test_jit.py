import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from research import jit
from research.kernel_sources import kernel_files, kernel_sources, sources_digest

REPO = Path(__file__).resolve().parents[2]
PACKAGES = ("research", "strategies", "sweeps")

LAST_REASON = """
from research.jit import cache_folder, kernel
from research.outcomes import END


@kernel
def last_reason() -> int:
    return END


def show() -> None:
    print(cache_folder().name, int(last_reason()), int(END))
"""


def names(files: list[Path], root: Path = REPO) -> set[str]:
    return {file.relative_to(root).as_posix() for file in files}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """All sources of the project in a folder of its own."""
    ignored = shutil.ignore_patterns("__pycache__")
    for package in PACKAGES:
        shutil.copytree(REPO / package, tmp_path / "copy" / package, ignore=ignored)
    return tmp_path / "copy"


def project(root: Path, files: dict[str, str]) -> Path:
    """A project of ``files`` and the decorator."""
    for name, text in {"research/jit.py": "def kernel(f): ...", **files}.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root


def shown(root: Path, cache: Path) -> tuple[str, int, int]:
    """Name of the cache folder, the constant as a kernel knows it, and as Python does."""
    env = {key: value for key, value in os.environ.items() if key != "NUMBA_CACHE_DIR"}
    env |= {"XDG_CACHE_HOME": str(cache), "PYTHONPATH": str(root)}
    command = [sys.executable, "-c", "from research.features.last import show; show()"]
    run = subprocess.run(command, env=env, cwd=root, capture_output=True, text=True, check=True)
    folder, compiled, known = run.stdout.split()
    return folder, int(compiled), int(known)


def test_every_law_and_feature_defines_kernels() -> None:
    assert {
        "strategies/law/position.py",
        "strategies/lead_follow/kernel.py",
        "strategies/reversion/kernel.py",
        "research/features/spread.py",
        "research/journal/scan/kernels.py",
        "sweeps/engine/kernels/rank.py",
    } <= names(kernel_files())


def test_constants_that_kernels_bake_in_are_among_the_sources() -> None:
    found = names(kernel_sources())
    assert {"research/outcomes.py", "sweeps/tally.py", "research/jit.py"} <= found
    assert names(kernel_files()) <= found


def test_nothing_of_the_command_line_is_among_the_sources() -> None:
    found = names(kernel_sources())
    assert not [name for name in found if name.startswith(("sweeps/cli", "research/plots"))]


def test_a_changed_constant_gives_another_folder_and_another_result(
    copy: Path, tmp_path: Path
) -> None:
    (copy / "research/features/last.py").write_text(LAST_REASON)
    folder, compiled, known = shown(copy, tmp_path / "cache")
    assert compiled == known
    assert shown(copy, tmp_path / "cache") == (folder, compiled, known)
    with (copy / "research/outcomes.py").open("a") as outcomes:
        outcomes.write("END, HORIZON = HORIZON, END\n")
    other_folder, recompiled, now_known = shown(copy, tmp_path / "cache")
    assert other_folder != folder
    assert recompiled == now_known != compiled


def test_a_changed_callee_in_another_file_changes_the_digest(copy: Path) -> None:
    before = sources_digest(copy)
    callee = copy / "research/features/kernels.py"
    callee.write_text(callee.read_text() + "\n")
    assert sources_digest(copy) != before


def test_a_changed_message_of_the_command_line_changes_no_digest(copy: Path) -> None:
    before = sources_digest(copy)
    for name in ("sweeps/cli/study/searches.py", "sweeps/cli/journal/logs.py"):
        file = copy / name
        file.write_text(file.read_text().replace("compiling kernels", "compiling"))
    assert sources_digest(copy) == before


def test_the_digest_of_the_same_sources_is_the_same_elsewhere(copy: Path) -> None:
    assert sources_digest(copy) == sources_digest()


def test_a_file_defines_a_kernel_where_it_decorates_or_calls(tmp_path: Path) -> None:
    root = project(
        tmp_path,
        {
            "research/plain.py": "from research.jit import kernel\n@kernel\ndef f(): ...",
            "research/renamed.py": "from research.jit import kernel as fast\n@fast\ndef f(): ...",
            "research/of_module.py": "from research import jit\n@jit.kernel\ndef f(): ...",
            "research/called.py": "from research.jit import kernel\ng = kernel(abs)",
            "research/asks.py": "from research.jit import is_cold\n# a kernel, @kernel",
            "research/hands_on.py": "from research.jit import kernel\n__all__ = ['kernel']",
        },
    )
    defining = {f"research/{name}.py" for name in ("plain", "renamed", "of_module", "called")}
    assert names(kernel_files(root), root) == defining


def test_sources_follow_every_way_to_import(tmp_path: Path) -> None:
    kernel = """
from typing import TYPE_CHECKING
import numpy
import sweeps.dotted
from research.jit import kernel
from research import as_module
from research.room import name
from . import beside
from .room.deep import value
from ..sweeps import above
if TYPE_CHECKING:
    from research.types_only import T
else:
    from research.otherwise import T
def lazily():
    from research.lazy import x
@kernel
def f(): ...
"""
    used = ["as_module", "beside", "otherwise", "lazy", "room/deep", "room/__init__"]
    found = ["research/k", "research/jit", "sweeps/dotted", "sweeps/above", "research/through"]
    found += [f"research/{name}" for name in used]
    root = project(
        tmp_path,
        {
            **{f"{name}.py": "" for name in found},
            "research/k.py": kernel,
            "research/jit.py": "def kernel(f): ...",
            "research/room/deep.py": "from research.through import constant",
            "research/types_only.py": "T = int",
            "research/unrelated.py": "",
        },
    )
    assert names(kernel_sources(root), root) == {f"{name}.py" for name in found}


def test_a_package_that_is_only_passed_through_does_not_count(tmp_path: Path) -> None:
    kernel = (
        "from research.jit import kernel\nfrom sweeps.room.deep import x\n@kernel\ndef f(): ..."
    )
    root = project(
        tmp_path,
        {"research/k.py": kernel, "sweeps/room/__init__.py": "", "sweeps/room/deep.py": ""},
    )
    assert names(kernel_sources(root), root) == {
        "research/k.py",
        "research/jit.py",
        "sweeps/room/deep.py",
    }


def test_the_digest_is_noted_once_for_every_state_of_the_tree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = jit.cache_folder()
    monkeypatch.setattr(jit, "sources_digest", lambda: pytest.fail("parsed anew"))
    assert jit.cache_folder() == folder
    (note,) = (tmp_path / "leadfollow/numba/sources").iterdir()
    assert folder.name.startswith(note.read_text())


def test_a_home_that_cannot_be_written_to_has_a_digest_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = jit.cache_folder().name
    (tmp_path / "leadfollow").write_text("a file where a folder is wanted")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert jit.cache_folder().name == folder


def test_help_needs_no_compiler() -> None:
    code = (
        "import sys\nfrom sweeps.cli import app\n"
        "try: app(['--help'])\nexcept SystemExit: pass\nassert 'numba' not in sys.modules"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr

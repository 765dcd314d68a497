"""A strategy's folder, whatever its name: what it may know, and who may know it.

import-linter wants names, and a strategy has one line only: these laws read the list.
"""

import ast
import tomllib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from strategies.listed import LISTED
from tests.samples.listed import WITH_THIRD

REPO = Path(__file__).resolve().parents[2]
BELOW = ("research", "strategies.law")
LOOPS_OF_THEIR_OWN = {  # for speed: any other law goes by the road for all
    "sweeps/engine/plan.py",
    "sweeps/law_tally/kernels.py",
    "sweeps/law_tally/tally.py",
}
LEAD_AND_FOLLOW_ITSELF = {"sweeps/cli/leadlag/events.py", "sweeps/cli/leadlag/show.py"}
A_FACE = {"sweeps/notebook.py"}  # parameters under one address, for notebooks


def imported(path: Path) -> Iterator[str]:
    """Modules, and names asked of them, wherever in the file that is written."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_inside(name: str, *packages: str) -> bool:
    return any(name == each or name.startswith(f"{each}.") for each in packages)


@pytest.mark.parametrize("package", WITH_THIRD.values())
def test_a_strategy_knows_the_law_and_the_facts_and_no_other_room(package: str) -> None:
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    for path in Path(spec.origin).parent.glob("*.py"):
        ours = [
            name
            for name in imported(path)
            if is_inside(name, "research", "strategies", "sweeps", "tests")
        ]
        assert [name for name in ours if not is_inside(name, package, *BELOW)] == [], path


def test_nobody_knows_a_strategy_by_name_but_its_folder_and_the_list() -> None:
    knowing = set()
    for path in (each for room in ("strategies", "sweeps") for each in (REPO / room).rglob("*.py")):
        own = ".".join(path.relative_to(REPO).parts[:2])
        others = [package for package in LISTED.values() if package != own]
        if any(is_inside(name, *others) for name in imported(path)):
            knowing.add(path.relative_to(REPO).as_posix())
    assert knowing == LOOPS_OF_THEIR_OWN | LEAD_AND_FOLLOW_ITSELF | A_FACE


def test_every_room_of_strategies_is_a_layer_or_a_listed_strategy() -> None:
    contracts = tomllib.loads((REPO / "pyproject.toml").read_text())["tool"]["importlinter"]
    (rooms,) = (c for c in contracts["contracts"] if c["name"] == "Rooms of strategies")
    layers = {name.strip(" ()") for layer in rooms["layers"] for name in layer.split("|")}
    there = {path.stem for path in (REPO / "strategies").iterdir() if path.suffix == ".py"}
    there |= {path.parent.name for path in (REPO / "strategies").glob("*/__init__.py")}
    listed = {package.removeprefix("strategies.") for package in LISTED.values()}
    assert there - {"__init__"} <= layers | listed
    assert not layers & listed

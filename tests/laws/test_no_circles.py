"""No file needs, by whatever road, a file that needs it: imports are a drawing without circles."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
PACKAGES = ("research", "strategies", "sweeps")

KNOWN: set[frozenset[str]] = set()
"""Circles that still stand. The set only shrinks: one that is gone must leave it, too."""

Graph = Mapping[str, set[str]]


def import_graph(root: Path) -> Graph:
    """What each file imports of the project: at its top, within functions, for type checkers.

    That a package's own file is run on the way to one of its modules is no edge: a face
    re-exports what stands behind it.
    """
    files = [path for name in PACKAGES for path in (root / name).rglob("*.py")]
    names = {path.relative_to(root).as_posix() for path in files}
    return {path.relative_to(root).as_posix(): set(imported(path, root, names)) for path in files}


def imported(path: Path, root: Path, names: set[str]) -> Iterator[str]:
    package = path.relative_to(root).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from file_of(alias.name, names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*above, *filter(None, [node.module])])
            for alias in node.names:
                yield from file_of(f"{module}.{alias.name}", names) or file_of(module, names)


def file_of(module: str, names: set[str]) -> list[str]:
    path = module.replace(".", "/")
    return [name for name in (f"{path}.py", f"{path}/__init__.py") if name in names]


def circles(graph: Graph) -> set[frozenset[str]]:
    """Files that can reach each other, in groups of more than one, or a file that names itself."""
    reach = {name: reachable(name, graph) for name in graph}
    return {
        frozenset(other for other in found if name in reach[other])
        for name, found in reach.items()
        if name in found
    }


def reachable(start: str, graph: Graph) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        new = graph[waiting.pop()] - found
        found |= new
        waiting.extend(new)
    return found


def project(root: Path, **files: str) -> Path:
    for name, text in files.items():
        file = root / "research" / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root


def test_imports_form_no_circle() -> None:
    graph = import_graph(REPO)
    assert len(graph) > 250
    assert sum(map(len, graph.values())) > 1000
    found = circles(graph)
    assert found - KNOWN == set(), "a new circle: let one of them take what it needs as an argument"
    assert KNOWN - found == set(), "this circle is gone: take it out of KNOWN"


@pytest.mark.parametrize(
    "back",
    [
        "from research.one import x",
        "from research import one",
        "import research.one",
        "from . import one",
        "from .one import x",
        "def f():\n    from research.one import x",
        "if TYPE_CHECKING:\n    from research.one import x",
    ],
)
def test_a_circle_is_seen_however_the_import_is_written(tmp_path: Path, back: str) -> None:
    root = project(tmp_path, one="import research.two", two="from research.three import x")
    assert circles(import_graph(project(root, three="import numpy"))) == set()
    three = frozenset(f"research/{name}.py" for name in ("one", "two", "three"))
    assert circles(import_graph(project(root, three=back))) == {three}


def test_a_face_before_its_room_is_no_circle_but_asking_it_from_within_is(tmp_path: Path) -> None:
    root = project(tmp_path, __init__="from research.one import x", one="import research.two")
    assert circles(import_graph(project(root, two=""))) == set()
    assert circles(import_graph(project(root, two="from research import x"))) == {
        frozenset(f"research/{name}.py" for name in ("__init__", "one", "two"))
    }

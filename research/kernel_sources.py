"""Which files shape what a compiled kernel does: those that define one, and what they import.

A kernel bakes in the functions and the constants it reads, from whatever file they come. So the
sources of the kernels are the files that decorate a function as one, and on from there every
file of the project that is imported, wherever in the file that is written; imports for type
checkers alone do not count. A package's own file counts where a name is asked of the package,
not for being passed through.
"""

import ast
import hashlib
from collections.abc import Iterator
from pathlib import Path

__all__ = ["kernel_files", "kernel_sources", "sources_digest", "tree_digest"]

_PACKAGES = ("research", "strategies", "sweeps")
_DECORATORS = ("kernel", "inlined_kernel")
_ROOT = Path(__file__).resolve().parent.parent


def kernel_files(root: Path = _ROOT) -> list[Path]:
    """Files under ``root`` that make a kernel of some function, sorted."""
    # whoever names the decorator spells it: the others need no parsing
    spelled = (path for path in _files(root) if b"kernel" in path.read_bytes())
    return [path for path in spelled if _defines_kernel(_tree(path))]


def kernel_sources(root: Path = _ROOT) -> list[Path]:
    """Files under ``root`` that define kernels, and what they import of the project, sorted."""
    waiting = kernel_files(root)
    found = set(waiting)
    while waiting:
        new = set(_imported(waiting.pop(), root)) - found
        found |= new
        waiting.extend(new)
    return sorted(found)


def sources_digest(root: Path = _ROOT) -> str:
    """Hash over names and bytes of :func:`kernel_sources`, 16 hex digits."""
    return _digest(kernel_sources(root), root)


def tree_digest(root: Path = _ROOT) -> str:
    """The same over every source file: cheap, as nothing is parsed."""
    return _digest(_files(root), root)


def _files(root: Path) -> list[Path]:
    return sorted(path for package in _PACKAGES for path in (root / package).rglob("*.py"))


def _digest(files: list[Path], root: Path) -> str:
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.relative_to(root).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes(), path)


def _defines_kernel(tree: ast.Module) -> bool:
    named = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name in _DECORATORS
    }
    return any(_is_decorator(used, named) for used in _applied(tree))


def _applied(tree: ast.Module) -> Iterator[ast.expr]:
    """What decorates functions, or is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield from node.decorator_list
        elif isinstance(node, ast.Call):
            yield node.func


def _is_decorator(used: ast.expr, named: set[str]) -> bool:
    if isinstance(used, ast.Attribute):
        return used.attr in _DECORATORS
    return isinstance(used, ast.Name) and used.id in named


def _imported(path: Path, root: Path) -> Iterator[Path]:
    """Files of the project that ``path`` imports."""
    for node in _running(_tree(path)):
        if isinstance(node, ast.Import):
            asked = [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = _module(node, path.parent, root)
            asked = [(module, ""), *((module, f".{alias.name}") for alias in node.names)]
        else:
            continue
        for module, name in asked:
            yield from _module_files(module + name, root)


def _running(node: ast.AST) -> Iterator[ast.AST]:
    """``node`` and all below it, but for what type checkers alone see."""
    yield node
    is_unseen = isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
    for child in node.orelse if isinstance(node, ast.If) and is_unseen else _children(node):
        yield from _running(child)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    # imports are statements: expressions, most of a tree, hold none
    return (child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.expr))


def _module(node: ast.ImportFrom, folder: Path, root: Path) -> str:
    """The absolute name of the module that names are imported from."""
    if not node.level:
        return node.module or ""
    package = folder if node.level == 1 else folder.parents[node.level - 2]
    return ".".join([*package.relative_to(root).parts, *filter(None, [node.module])])


def _module_files(module: str, root: Path) -> Iterator[Path]:
    if module.split(".", 1)[0] not in _PACKAGES:
        return
    path = root.joinpath(*module.split("."))
    for file in (path.with_name(path.name + ".py"), path / "__init__.py"):
        if file.is_file():
            yield file

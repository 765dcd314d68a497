"""The laws that hold for every registered kernel."""

import ast
import importlib
import inspect
import os
import pickle
import subprocess
import sys
import tomllib
from fnmatch import filter as fnfilter
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from research.kernel_sources import kernel_files
from tests.laws.kernels import CASES, LAWS, Columns, KernelCase, market

REPO = Path(__file__).resolve().parents[2]
ROWS = 400
CUTS = (0, 1, 17, 60, 211, 399)
POISONS = ("unknown", "huge", "other")

every_kernel = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def poisoned(columns: Columns, cut: int, poison: str) -> Columns:
    """The same columns with another future from row ``cut`` on."""
    other = market(len(columns["binance_close"]), seed=8)
    changed = {name: values.copy() for name, values in columns.items()}
    for name, values in changed.items():
        futures = {"unknown": np.full_like(values, np.nan), "huge": np.full_like(values, 1e12)}
        values[cut:] = futures.get(poison, other[name])[cut:]
    return changed


def assert_same(ours: tuple[Any, ...], theirs: tuple[Any, ...]) -> None:
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(one, other, strict=True)


@every_kernel
@pytest.mark.parametrize("rows", [0, 1, 2, ROWS])
def test_compiled_equals_plain_python(case: KernelCase, rows: int) -> None:
    columns = market(rows)
    assert_same(case.known(case(columns), rows), case.known(case.plain(columns), rows))


@every_kernel
@pytest.mark.parametrize("poison", POISONS)
def test_no_kernel_looks_ahead(case: KernelCase, poison: str) -> None:
    columns = market(ROWS)
    result = case(columns)
    for cut in CUTS:
        future = case(poisoned(columns, cut, poison))
        assert_same(case.known(future, cut), case.known(result, cut))


@every_kernel
def test_a_prefix_gives_the_prefix_of_the_whole(case: KernelCase) -> None:
    columns = market(ROWS)
    result = case(columns)
    for cut in CUTS:
        prefix = {name: values[:cut].copy() for name, values in columns.items()}
        assert_same(case.known(case(prefix), cut), case.known(result, cut))


@every_kernel
def test_from_unknown_comes_unknown(case: KernelCase) -> None:
    columns = {name: np.full(ROWS, np.nan) for name in market(1)}
    for part in case.known(case(columns), ROWS):
        assert np.isnan(part).all()


@every_kernel
def test_a_kernel_answers_something_on_the_sample(case: KernelCase) -> None:
    """Otherwise the laws above would hold for a kernel that always says NaN."""
    rows = ROWS if "mtf" not in case.name else 8 * 1440
    parts = case.known(case(market(rows)), rows)
    assert all(np.isfinite(part).any() for part in parts)


@every_kernel
def test_inputs_stay_as_they_were(case: KernelCase) -> None:
    columns, before = market(ROWS), market(ROWS)
    case(columns)
    for name, values in columns.items():
        np.testing.assert_array_equal(values, before[name])


def test_every_feature_kernel_is_registered() -> None:
    registered = {getattr(case.kernel, "py_func", None) for case in CASES}
    for path in kernel_files():
        if path.parent.name != "features" or path.stem == "steps":  # looped by those with a case
            continue
        module = importlib.import_module(f"research.features.{path.stem}")
        for name, value in inspect.getmembers(module, lambda member: hasattr(member, "py_func")):
            if value.__module__ == module.__name__ and not name.startswith("_"):
                assert value.py_func in registered, f"{module.__name__}.{name} has no case"


def test_every_law_is_registered() -> None:
    registered = {case.kernel for case in CASES}
    for path in REPO.glob("strategies/*/kernel.py"):
        module = importlib.import_module(f"strategies.{path.parent.name}.kernel")
        assert module.run in registered, f"{module.__name__}.run has no case"


def test_compiled_laws_equal_plain_python_down_to_every_callee() -> None:
    """``py_func`` is plain at the top only; here nothing is compiled at all."""
    code = "from tests.laws.test_kernels import trades_of_laws; trades_of_laws()"
    env = os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(REPO)}
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=REPO, env=env, capture_output=True, check=True
    )
    plain = pickle.loads(ran.stdout)
    for case in LAWS:
        compiled = case(market(ROWS))
        assert len(compiled) > 5
        np.testing.assert_equal(plain[case.name], compiled.tolist())


def trades_of_laws() -> None:
    """Writes the trades of every registered law as this process makes them."""
    found = {case.name: case(market(ROWS)).tolist() for case in LAWS}
    sys.stdout.buffer.write(pickle.dumps(found))


def decorates_a_kernel(path: Path) -> bool:
    functions = [n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.FunctionDef)]
    names = {ast.unparse(each) for function in functions for each in function.decorator_list}
    return bool(names & {"kernel", "inlined_kernel"})


def test_no_file_with_a_kernel_may_see_pandas() -> None:
    """The contract is lint-imports'; that it names every such file is checked here."""
    contracts = tomllib.loads((REPO / "pyproject.toml").read_text())["tool"]["importlinter"]
    (contract,) = (c for c in contracts["contracts"] if c["name"] == "Kernels never see pandas")
    sources = (path for name in contracts["root_packages"] for path in (REPO / name).rglob("*.py"))
    files = [path.relative_to(REPO) for path in sources if decorates_a_kernel(path)]
    modules = sorted(".".join(path.with_suffix("").parts) for path in files)
    named = contract["source_modules"]
    assert [each for each in modules if not any(fnmatch(each, name) for name in named)] == []
    assert [name for name in named if not fnfilter(modules, name)] == []
    assert contract["forbidden_modules"] == ["pandas"]
    assert not contract.get("allow_indirect_imports", False)

"""The list of strategies: one line each, and nothing imported before it is needed.

A new strategy is its folder and its line here; see :mod:`strategies.law.strategy` for what the
folder holds.
"""

import ast
from importlib.util import find_spec
from pathlib import Path

__all__ = ["LISTED", "summary_of"]

LISTED: dict[str, str] = {
    "lead": "strategies.lead_follow",
    "reversion": "strategies.reversion",
}
"""Name of a strategy, as on the command line -> the package that holds it."""


def summary_of(name: str) -> str:
    """The first line of the package's docstring: read, not imported, for the list of commands."""
    spec = find_spec(LISTED[name])
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"strategy {name}: no package {LISTED[name]}")
    text = ast.get_docstring(ast.parse(Path(spec.origin).read_text(encoding="utf-8"))) or name
    return text.splitlines()[0]

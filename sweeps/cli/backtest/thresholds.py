"""Options of the commands of strategies, read from their parameters: names, bounds, defaults."""

from collections.abc import Sequence
from dataclasses import make_dataclass
from enum import StrEnum
from typing import Annotated, Any

import typer

from strategies.law.bounds import Bound, bounds
from strategies.registry import Strategy

__all__ = ["BOTH", "flag_of", "given_to", "modes_asked", "thresholds"]

BOTH = "both"


def flag_of(strategy: Strategy, name: str) -> str:
    """The flag of a parameter: as the strategy spells it, else its name, with ``-min`` if it is."""
    is_minutes = bounds(strategy.params_type)[name].unit == "min"
    usual = "--" + name.replace("_", "-") + ("-min" if is_minutes else "")
    return strategy.flags.get(name, usual)


def thresholds(strategies: Sequence[Strategy], *, mode: str | None = None) -> type:
    """A group of options: one for each flag of ``strategies``, None where it is left out.

    A flag that two of them spell alike is one option and goes to both. ``--mode`` is there if one
    has modes; ``mode`` is its default, else the first of them.
    """
    modes = list(dict.fromkeys(mode for strategy in strategies for mode in strategy.modes))
    options: dict[str, tuple[str, Any, Any]] = {}
    if modes:
        enum: Any = StrEnum  # mypy knows enums that are typed out only
        names = enum("Mode", {name.upper(): name for name in [*modes, BOTH]})
        shown = typer.Option("--mode", help="Side of the trades")
        options["--mode"] = ("mode", Annotated[names, shown], mode or modes[0])
    for strategy in strategies:
        defaults = strategy.params_type()
        for name in strategy.axes:
            flag = flag_of(strategy, name)
            bound = bounds(defaults)[name]
            shown = typer.Option(flag, help=_help(bound, getattr(defaults, name)))
            kind = int if bound.is_integer else float
            options.setdefault(flag, (_field(flag), Annotated[kind | None, shown], None))
    return make_dataclass("Thresholds", list(options.values()), frozen=True, kw_only=True)


def given_to(strategy: Strategy, group: Any) -> dict[str, Any]:
    """The parameters of ``strategy`` that the options of :func:`thresholds` name."""
    values = {name: getattr(group, _field(flag_of(strategy, name))) for name in strategy.axes}
    return {name: value for name, value in values.items() if value is not None}


def modes_asked(strategy: Strategy, group: Any) -> list[str]:
    """The modes of ``strategy`` that the options mean; empty where it has none."""
    return [mode for mode in strategy.modes if group.mode in (mode, BOTH)]


def _field(flag: str) -> str:
    return flag.removeprefix("--").replace("-", "_")


def _help(bound: Bound, default: float) -> str:
    unit = "minutes" if bound.unit == "min" else bound.unit
    meaning = f"{bound.meaning}, {unit}" if bound.meaning else unit.capitalize()
    return f"{meaning} [default: {default:g}]"

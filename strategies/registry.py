"""The strategies by name: what the storey above may ask of each."""

from functools import cache
from importlib import import_module

from research.errors import ParamError
from strategies.law.strategy import BOTH, Levels, LevelsRule, Params, Strategy
from strategies.listed import LISTED

__all__ = [
    "BOTH",
    "Levels",
    "LevelsRule",
    "Params",
    "Strategy",
    "bases",
    "strategies",
    "strategy_named",
    "strategy_of",
    "title_of",
]


def strategies() -> tuple[Strategy, ...]:
    """Every listed strategy, in the order of the list."""
    return tuple(_loaded(package) for package in LISTED.values())


@cache
def _loaded(package: str) -> Strategy:
    found: Strategy = import_module(f"{package}.strategy").STRATEGY
    return found


def strategy_named(name: str) -> Strategy:
    """The strategy called ``name``. Raises :class:`ParamError` where there is none."""
    if name not in LISTED:
        raise ParamError(f"no strategy {name!r}; take one of {', '.join(LISTED)}")
    return _loaded(LISTED[name])


def strategy_of(params: Params) -> Strategy:
    """The strategy that ``params`` belong to. Raises :class:`ParamError` where there is none."""
    for strategy in strategies():
        if isinstance(params, strategy.params_type):
            return strategy
    raise ParamError(f"{type(params).__name__} are no strategy's parameters")


def title_of(params: Params) -> str:
    """``lead-short``, ``lead-long`` or ``reversion``: the strategy and its mode."""
    return strategy_of(params).title(params)


def bases() -> dict[str, Params]:
    """Default parameters of every strategy and mode, by title."""
    found: dict[str, Params] = {}
    for strategy in strategies():
        found |= strategy.bases()
    return found

"""The armed sets of one strategy: its law's terms, the filters as data, the positions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np

from research.arrays import Ints, Records
from research.features.bars import TIMEFRAMES
from research.features.labels import REGIMES, SESSIONS
from strategies.law.minute import empty_desk
from strategies.law.position import POSITION
from strategies.listed import LISTED
from strategies.live.stream.armed import ArmedSet, StreamRules
from strategies.live.stream.step import KNOWN, bits, minute_stepper, set_record
from strategies.registry import strategy_of

__all__ = ["Group", "groups_of", "windows_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Sets of one strategy, and all that their step needs."""

    package: str
    sets: tuple[ArmedSet, ...]
    records: Records  # SETS, (sets,): filters and state
    positions: Records  # POSITION, (sets, room): the first ``alive`` of each
    closed: Records  # POSITION, (sets, room): the first ``ended`` of each
    terms: Any  # numba's typed list of the law's terms
    rules: tuple[Any, ...]  # the law's Rules by set
    scored: tuple[int, ...]  # the sets that ask for a score
    told: tuple[dict[int, bool], ...]  # by set: rows of the entries told of, and whether exits were
    step_all: Callable[..., int]


def windows_of(sets: Sequence[ArmedSet]) -> Ints:
    """The windows of lead returns that ``sets`` look at, rising, minutes; shape (w,)."""
    found = {_window(each) for each in sets}
    return np.array(sorted(found - {0}), dtype=np.int64)


def _window(armed: ArmedSet) -> int:
    """0: it looks at none."""
    if not strategy_of(armed.params).uses_lead:
        return 0
    return int(getattr(armed.params, "window", 0))


def groups_of(sets: Sequence[ArmedSet], rules: StreamRules) -> tuple[Group, ...]:
    """``sets`` by strategy, in the order of the list."""
    windows = windows_of(sets).tolist()
    by_package: dict[str, list[ArmedSet]] = {}
    for each in sets:
        by_package.setdefault(LISTED[strategy_of(each.params).name], []).append(each)
    return tuple(
        _group(package, tuple(found), windows, rules) for package, found in by_package.items()
    )


def _group(
    package: str, sets: tuple[ArmedSet, ...], windows: list[int], rules: StreamRules
) -> Group:
    from numba.typed import List  # takes half a second

    adapter = import_module(f"{package}.adapter")
    knows = rules.knows_funding(adapter.LEGS)
    made = [adapter.terms(each.params, each.execution, each.costs, knows) for each in sets]
    room = max(len(empty_desk(each.rules).positions) for each in made)
    return Group(
        package=package,
        sets=sets,
        records=np.concatenate([_record(each, adapter.LEGS, windows) for each in sets]),
        terms=List(made),
        rules=tuple(each.rules for each in made),
        positions=np.zeros((len(sets), room), POSITION),
        closed=np.zeros((len(sets), room), POSITION),
        scored=tuple(
            i for i, each in enumerate(sets) if each.params.filters.score_column is not None
        ),
        told=tuple({} for _ in sets),
        step_all=_stepper(package),
    )


@cache
def _stepper(package: str) -> Callable[..., int]:
    return minute_stepper(import_module(f"{package}.kernel").step)


def _record(armed: ArmedSet, legs: int, windows: list[int]) -> Records:
    filters, strategy = armed.params.filters, strategy_of(armed.params)
    window = _window(armed)
    return set_record(
        {
            "side": strategy.side_of(armed.params),
            "legs": legs,
            "lead": KNOWN + windows.index(window) if window else -1,
            "is_excess": armed.params.reference == "excess",
            "trusts_prints": armed.execution.trusts_prints,
            "max_age_min": filters.max_age_min,
            "sessions": bits(filters.sessions, SESSIONS),
            "regimes": bits(filters.regimes, REGIMES),
            "needs_alignment": filters.needs_alignment,
            "rsi": list(TIMEFRAMES).index(filters.rsi_timeframe) if filters.asks_rsi else -1,
            "rsi_min": filters.rsi_min,
            "rsi_max": filters.rsi_max,
            "max_funding_pct": filters.max_funding_pct if filters.asks_funding else np.inf,
            "asks_score": filters.score_column is not None,
            "score_min": filters.score_min,
        }
    )

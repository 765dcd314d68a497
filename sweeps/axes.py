"""Axes of a threshold grid: named levels within the bounds of parameters and entry filters.

Filters come before parameters: each combination of their levels lets other minutes pass, and the
grid is one grid of parameters after the other.
"""

import difflib
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from research.arrays import Bools, Floats, Ints
from research.errors import ParamError, SearchError
from strategies.law.bounds import Bound, bounds
from strategies.law.filters import EntryFilters
from strategies.registry import Params, Strategy, strategy_of

__all__ = [
    "FILTER_AXES",
    "Axis",
    "GridSpec",
    "axes_of",
    "axis_bounds",
    "grid_spec",
    "nearest",
    "parse_axis",
    "value_of",
    "with_values",
]

FILTER_AXES = tuple(bounds(EntryFilters))
"""Entry filters that an axis may vary."""
_LEAST = ("rsi_min", "score_min")  # filters that let more pass the lower they are
_MAX_LEVELS = 10_000
_MAX_SETS = 2**40  # a number of sets is an int64 wherever it is multiplied by bytes


@dataclass(frozen=True, slots=True)
class Axis:
    """Ascending, distinct levels of one parameter."""

    name: str
    levels: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.levels:
            raise SearchError(f"axis {self.name}: no level; give at least one")
        if any(not math.isfinite(level) for level in self.levels):
            raise SearchError(f"axis {self.name}: levels must be finite, were {self._text()}")
        pairs = itertools.pairwise(self.levels)
        if any(not low < high for low, high in pairs):
            raise SearchError(
                f"axis {self.name}: levels must rise without repeating, were {self._text()}; "
                "sort them and drop repeats"
            )

    def __len__(self) -> int:
        return len(self.levels)

    def _text(self) -> str:
        return ", ".join(f"{level:g}" for level in self.levels[:8])


@dataclass(frozen=True, slots=True, kw_only=True)
class GridSpec:
    """An exhaustive grid: one parameter set for every combination of levels.

    Attributes
    ----------
    base
        Parameters that no axis varies (mode, reference, filters, ...).
    axes
        Axes of filters, if any, in the order of :data:`FILTER_AXES`; then one axis for each of
        ``strategy.axes``, in that order; fixed parameters have one level.
    """

    base: Params
    axes: tuple[Axis, ...]

    def __post_init__(self) -> None:
        names, wanted = tuple(axis.name for axis in self.axes), tuple(self.strategy.axes)
        filters = tuple(axis.name for axis in self.filter_axes)
        in_order = tuple(name for name in FILTER_AXES if name in filters)
        if names != in_order + wanted:
            raise SearchError(
                f"axes of a {self.strategy.name} grid must be {', '.join(wanted)}, in this order, "
                f"were {', '.join(names) or 'none'}; build the grid with grid_spec()"
            )
        if "score_min" in filters and self.base.filters.score_column is None:
            raise SearchError("axis score_min: no score column; name it with --score-column")
        for axis in self.axes:
            _check_bounds(axis, self.base)
        if self.size > _MAX_SETS:
            raise SearchError(
                f"grid of {self.size:,} {self.strategy.name} sets: at most {_MAX_SETS:,} can be "
                "counted; take fewer levels"
            )

    @property
    def strategy(self) -> Strategy:
        """The strategy of the parameters."""
        return strategy_of(self.base)

    @property
    def filter_axes(self) -> tuple[Axis, ...]:
        """The axes of filters: those before the strategy's own."""
        return self.axes[: max(len(self.axes) - len(self.strategy.axes), 0)]

    @property
    def inner_size(self) -> int:
        """Sets of one combination of filter levels."""
        return math.prod(self.shape[len(self.filter_axes) :])

    def variants(self) -> "Iterator[GridSpec | None]":
        """The grid of parameters under each combination of filter levels, in the grid's order.

        None where the filters contradict each other. Without filter axes: the grid itself.
        """
        own = self.axes[len(self.filter_axes) :]
        names = [axis.name for axis in self.filter_axes]
        for levels in itertools.product(*(axis.levels for axis in self.filter_axes)):
            try:
                base = with_values(self.base, dict(zip(names, levels, strict=True)))
            except ParamError:
                yield None
            else:
                yield GridSpec(base=base, axes=own)

    def loosest(self) -> "GridSpec":
        """The variant that lets every minute pass which any other lets pass; itself without one."""
        if not self.filter_axes:
            return self
        values = {
            axis.name: axis.levels[0 if axis.name in _LEAST else -1] for axis in self.filter_axes
        }
        own = self.axes[len(self.filter_axes) :]
        return GridSpec(base=with_values(self.base, values), axes=own)

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of levels along each axis."""
        return tuple(len(axis) for axis in self.axes)

    @property
    def size(self) -> int:
        """Number of parameter sets, valid or not."""
        return math.prod(self.shape)

    @property
    def mode(self) -> str:
        """``short`` or ``long``; ``both`` for a strategy that takes either side."""
        return self.strategy.mode_of(self.base)

    @property
    def name(self) -> str:
        """``lead-short``, ``lead-long`` or ``reversion``."""
        return self.strategy.title(self.base)

    @property
    def is_valid(self) -> Bools:
        """Which cells are parameter sets that the strategy accepts, shape (sets,)."""
        allowed = np.repeat(self._is_variant(), self.inner_size)
        if (rule := self.strategy.rule) is not None:
            allowed &= rule.holds(self.values(rule.low), self.values(rule.high))
        return allowed

    def is_valid_at(self, cells: Ints) -> Bools:
        """:attr:`is_valid` of some cells, shape (cells,)."""
        allowed = self._is_variant()[cells // self.inner_size]
        if (rule := self.strategy.rule) is not None:
            allowed &= rule.holds(self.values_at(rule.low, cells), self.values_at(rule.high, cells))
        return allowed

    def _is_variant(self) -> Bools:
        return np.array([variant is not None for variant in self.variants()], dtype=np.bool_)

    def values_at(self, name: str, cells: Ints) -> Floats:
        """Level of one axis in some cells, shape (cells,). Raises SearchError."""
        at = self.position(name)
        inner = math.prod(self.shape[at + 1 :])
        levels: Floats = np.array(self.axes[at].levels)[cells // inner % self.shape[at]]
        return levels

    def position(self, name: str) -> int:
        """Where in ``axes`` the axis of one parameter stands. Raises SearchError."""
        for at, axis in enumerate(self.axes):
            if axis.name == name:
                return at
        raise _no_such_axis(name, self.strategy, [axis.name for axis in self.axes])

    def values(self, name: str) -> Floats:
        """Level of one axis in every cell, shape (sets,). Raises SearchError."""
        at = self.position(name)
        inner, outer = math.prod(self.shape[at + 1 :]), math.prod(self.shape[:at])
        return np.tile(np.repeat(np.array(self.axes[at].levels), inner), outer)

    def params_at(self, cell: int) -> Params:
        """The parameter set of a cell, counted in C order over the axes. Raises ParamError."""
        values: dict[str, Any] = {}
        for axis in reversed(self.axes):
            cell, level = divmod(cell, len(axis))
            values[axis.name] = axis.levels[level]
        return with_values(self.base, values)

    def cells(self) -> Iterator[int]:
        """All cells in C order."""
        return iter(range(self.size))


def axis_bounds(params: Params) -> dict[str, Bound]:
    """Bounds of everything that an axis may vary: parameters and entry filters."""
    return bounds(EntryFilters) | bounds(params)


def value_of(params: Params, name: str) -> float:
    """The value of a parameter or an entry filter."""
    found: float = getattr(params if name in bounds(params) else params.filters, name)
    return found


def with_values(params: Params, values: Mapping[str, float]) -> Params:
    """``params`` with parameters and filters set, minutes as whole numbers. Raises ParamError."""
    own: dict[str, Any] = {}
    filters: dict[str, Any] = {}
    known = axis_bounds(params)
    for name, value in values.items():
        into = own if name in bounds(params) else filters
        into[name] = int(value) if known[name].is_integer else float(value)
    if filters:
        own["filters"] = replace(params.filters, **filters)
    return replace(params, **own)


def parse_axis(text: str) -> tuple[str, str]:
    """Name and levels text of ``name=levels``. Raises :class:`SearchError`."""
    name, separator, levels = (part.strip() for part in text.partition("="))
    if not separator or not name or not levels:
        raise SearchError(
            f"axis {text!r}: must read name=low:high:step or name=a,b,c, "
            "such as spread_entry=0.02:0.12:0.02"
        )
    return name, levels


def axes_of(strategy: Strategy, levels: Mapping[str, Sequence[float] | str]) -> tuple[Axis, ...]:
    """One axis for each parameter of ``strategy``, those not named at their default; and one for
    each filter that is named.

    Raises
    ------
    SearchError
        An unknown name, a text that is no range, a level out of the parameter's bounds, levels
        that do not rise.
    """
    filters = [name for name in FILTER_AXES if name in levels and name not in strategy.axes]
    for name in levels:
        if name not in strategy.axes and name not in filters:
            raise _no_such_axis(name, strategy, [*strategy.axes, *FILTER_AXES])
    defaults = strategy.params_type()
    axes = []
    for name in (*filters, *strategy.axes):
        given = levels[name] if name in levels else [getattr(defaults, name)]
        axes.append(_axis(strategy.params_type, name, _levels(name, given)))  # type: ignore[arg-type]
    return tuple(axes)


@lru_cache(maxsize=1024)
def _axis(params_type: type, name: str, levels: tuple[float, ...]) -> Axis:
    """Trial after trial asks for the same exits. Raises SearchError as :func:`axes_of`."""
    axis = Axis(name, levels)
    _check_bounds(axis, params_type())
    return axis


def grid_spec(base: Params, levels: Mapping[str, Sequence[float] | str]) -> GridSpec:
    """The grid of ``levels`` around ``base``; parameters without levels keep base's value."""
    strategy = strategy_of(base)
    given = {name: [getattr(base, name)] for name in strategy.axes} | dict(levels)
    return GridSpec(base=base, axes=axes_of(strategy, given))


def nearest(name: str, known: Sequence[str]) -> str:
    """``did you mean tp? `` where one of ``known`` is spelled nearly like it, else nothing."""
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {close[0]}? " if close else ""


def _no_such_axis(name: str, strategy: Strategy, known: Sequence[str]) -> SearchError:
    return SearchError(
        f"axis {name}: {strategy.name} has no such parameter; {nearest(name, known)}it has "
        f"{', '.join(known)}"
    )


def _check_bounds(axis: Axis, params: Params) -> None:
    bound = axis_bounds(params)[axis.name]
    for level in axis.levels:
        if not bound.holds(level):
            raise SearchError(f"axis {axis.name}: level {level:g} must be {bound}")


def _levels(name: str, given: Sequence[float] | str) -> tuple[float, ...]:
    if not isinstance(given, str):
        return tuple(float(level) for level in given)
    try:
        if ":" in given:
            return _range(name, *(float(part) for part in given.split(":")))
        return tuple(float(part) for part in given.split(","))
    except (ValueError, TypeError):
        raise SearchError(
            f"axis {name}: {given!r} is neither low:high:step nor a list a,b,c of numbers"
        ) from None


def _range(name: str, low: float, high: float, step: float) -> tuple[float, ...]:
    """Both ends included; every level is the decimal that a person would write."""
    if not all(math.isfinite(part) for part in (low, high, step)) or step <= 0 or high < low:
        raise SearchError(f"axis {name}: {low:g}:{high:g}:{step:g} needs low <= high and step > 0")
    count = math.floor((high - low) / step + 1e-9) + 1
    if count > _MAX_LEVELS:
        raise SearchError(f"axis {name}: {count:,} levels, at most {_MAX_LEVELS:,}; widen the step")
    # 0.02 + 2 * 0.02 is 0.06 only after rounding: thresholds are compared exactly
    return tuple(float(f"{low + i * step:.12g}") for i in range(count))

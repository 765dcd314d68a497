"""Bounds that live with the field: params refuse nonsense, searches and bot configs read them."""

import math
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import Any

from research.errors import ParamError

__all__ = ["Bound", "bound_of", "bounded", "bounds", "check_bounds"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """The values that a parameter may take."""

    low: float
    high: float
    unit: str
    is_low_open: bool = False
    is_integer: bool = False
    meaning: str = ""  # of the parameter, for people

    def holds(self, value: float) -> bool:
        """Whether ``value`` is finite, of the right kind and inside."""
        if not math.isfinite(value) or (self.is_integer and value != int(value)):
            return False
        above = value > self.low if self.is_low_open else value >= self.low
        return above and value <= self.high

    def __str__(self) -> str:
        kind = "a whole number in " if self.is_integer else "in "
        return f"{kind}{'(' if self.is_low_open else '['}{self.low:g}, {self.high:g}] {self.unit}"


def bounded(
    default: float,
    low: float,
    high: float,
    unit: str,
    meaning: str = "",
    *,
    is_low_open: bool = False,
) -> Any:
    """A dataclass field with bounds; an int default makes a parameter of whole numbers."""
    bound = Bound(
        low=low,
        high=high,
        unit=unit,
        is_low_open=is_low_open,
        is_integer=isinstance(default, int),
        meaning=meaning,
    )
    return field(default=default, metadata={"bound": bound})


def bounds(params: Any) -> dict[str, Bound]:
    """Bounds of every bounded field of a params class or object, in the order of its fields.

    The same dict at each call: to be read, not written.
    """
    return _bounds_of(params if isinstance(params, type) else type(params))


@lru_cache(maxsize=64)
def _bounds_of(params_type: type) -> dict[str, Bound]:
    known = fields(params_type)
    return {f.name: f.metadata["bound"] for f in known if "bound" in f.metadata}


def bound_of(params: Any, name: str) -> Bound:
    """The bound of one field.

    Raises
    ------
    ParamError
        There is no bounded field of that name.
    """
    found = bounds(params)
    if name not in found:
        raise ParamError(f"no parameter {name}; the bounded ones are {', '.join(found)}")
    return found[name]


def check_bounds(params: Any) -> None:
    """Raises :class:`ParamError` naming the first field whose value is out of its bounds."""
    for name, bound in bounds(params).items():
        value = getattr(params, name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not bound.holds(value):
            raise ParamError(f"{name} must be {bound}, was {value!r}")

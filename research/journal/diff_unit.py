"""The unit of a recorded diff whose key does not say it: told by the prices beside it."""

import math
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any, Final

from research.journal.mapping import MappedField, look_up

__all__ = ["with_unit_of_prices"]

_UNITS: Final = {0.0: "", 2.0: "percent", 4.0: "bps"}  # powers of ten of diff / fraction
_NEAR: Final = 0.8  # of a power: fills lie off the mids, so a diff of the mids is a rough one
_LEAST: Final = 1e-7  # fraction; smaller ones are rounding


def with_unit_of_prices(
    item: MappedField, found: Mapping[str, MappedField], lines: Sequence[Mapping[str, Any]]
) -> MappedField:
    """``item`` with ``percent`` or ``bps`` where the prices of ``lines`` say so."""
    side = "buy" if item.ours.endswith("buy") else "sell"
    theirs = found.get(f"expected_fill_{side}") or found.get("dydx_mid")
    ours = found.get("binance_mid")
    if theirs is None or ours is None:
        return item
    powers = []
    for line in lines:
        diff, follow, lead = (_value(line, each) for each in (item, theirs, ours))
        if None in (diff, follow, lead) or not lead:
            continue
        fraction = (follow - lead) / lead  # type: ignore[operator]
        if abs(fraction) > _LEAST and diff and math.isfinite(fraction):
            powers.append(math.log10(abs(diff / fraction)))
    if not powers:
        return item
    power = median(powers)
    nearest = min(_UNITS, key=lambda each: abs(each - power))
    if not _UNITS[nearest] or abs(power - nearest) > _NEAR:
        return item
    return MappedField(item.theirs, item.ours, (*item.units, _UNITS[nearest]))


def _value(line: Mapping[str, Any], item: MappedField) -> float | None:
    value = look_up(line, item.theirs)
    try:
        number = item.convert(value)
    except (TypeError, ValueError, AttributeError, OverflowError):
        return None
    return float(number) if isinstance(number, int | float) and math.isfinite(number) else None

"""Numbers that JSON has no word for."""

import math
from typing import Any

__all__ = ["finite_or_none", "spelled"]


def finite_or_none(value: float) -> float | None:
    """``value``, or None (JSON ``null``) where it is infinite or unknown."""
    return float(value) if math.isfinite(value) else None


def spelled(value: Any) -> Any:
    """``value`` with text (``inf``, ``nan``) for what is not finite in it, at any depth."""
    if isinstance(value, dict):
        return {key: spelled(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [spelled(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value

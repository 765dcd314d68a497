"""Numbers that JSON has no word for."""

import math

__all__ = ["finite_or_none"]


def finite_or_none(value: float) -> float | None:
    """``value``, or None (JSON ``null``) where it is infinite or unknown."""
    return float(value) if math.isfinite(value) else None

"""How long the evidence speaks: until a date, and while the market looks as it did.

The market is compared by distributions: of the newest ``window_min`` minutes at most
``max_outside`` of all known ones may lie outside the fitted quantiles ``low`` and ``high``. That
share is fitted, too: the worst window of the evidence itself had it.
"""

from datetime import UTC, datetime
from typing import Annotated, Literal

import numpy as np
from pydantic import AfterValidator, Field, model_validator

from research.arrays import Bools, Floats
from strategies.bot.parts import Part

__all__ = [
    "LEAST_OUTSIDE",
    "QUANTILES",
    "RANGED",
    "FittedRange",
    "Moment",
    "Validity",
    "fit_range",
    "is_expired",
    "moment_of",
    "outside_share",
]

QUANTILES = (0.01, 0.05, 0.25, 0.50, 0.75, 0.95, 0.99)
RANGED = ("atr_pct", "spread_pct", "spread_excess_pct", "realized_vol_pct")
"""The features whose live distribution must stay within the fitted range."""
LEAST_OUTSIDE = 0.10
"""Never asked to be calmer than this: five times what lies outside by definition."""
RangedName = Literal["atr_pct", "spread_pct", "spread_excess_pct", "realized_vol_pct"]


def moment_of(text: str) -> datetime:
    """``2026-01-08T00:00Z`` as a moment. Raises ValueError where it is none, or has no zone."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone; write 2026-01-08T00:00Z")
    try:
        return found.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{text!r} is no year that a bot will see") from None


def _moment(text: str) -> str:
    moment_of(text)
    return text


Moment = Annotated[str, AfterValidator(_moment)]


class FittedRange(Part):
    """Distribution of one feature over the evidence, percent."""

    quantiles: dict[str, float] = Field(description="linear quantiles by share: 0.01 .. 0.99")
    low: float = Field(description="the quantile 0.01: below it is outside")
    high: float = Field(description="the quantile 0.99: above it is outside")
    max_outside: float = Field(gt=0, le=1, description="largest share of a window outside")

    @model_validator(mode="after")
    def _quantiles_rise(self) -> "FittedRange":
        names = [f"{each:g}" for each in QUANTILES]
        if list(self.quantiles) != names:
            raise ValueError(f"quantiles must be {', '.join(names)}, in this order")
        values = list(self.quantiles.values())
        if not all(np.isfinite(values)) or values != sorted(values):
            raise ValueError("quantiles must be finite and rise")
        if (self.low, self.high) != (values[0], values[-1]):
            raise ValueError("low and high must be the quantiles 0.01 and 0.99")
        return self


class Validity(Part):
    """Until when, and within which ranges."""

    expires_at: Moment = Field(description="UTC; from then on nothing of it may trade")
    days: float = Field(gt=0, description="after the last minute of the evidence")
    window_min: int = Field(ge=60, description="newest minutes that are compared")
    ranges: dict[RangedName, FittedRange] = Field(description="by feature")

    @model_validator(mode="after")
    def _atr_and_spread_decide(self) -> "Validity":
        for name in ("atr_pct", "spread_pct"):
            if name not in self.ranges:
                raise ValueError(f"ranges must hold {name}")
        return self


def is_expired(validity: Validity, now: datetime) -> bool:
    """Whether ``now`` is at or after the date."""
    return now >= moment_of(validity.expires_at)


def outside_share(values: Floats, fitted: FittedRange) -> float:
    """Share of the known ``values``, shape (n,), outside the range; NaN where none is known."""
    known = values[~np.isnan(values)]
    if not known.size:
        return float("nan")
    return float(np.mean((known < fitted.low) | (known > fitted.high)))


def fit_range(values: Floats, window_min: int) -> FittedRange | None:
    """The range of one feature over the evidence, shape (n,), NaN passed over.

    None where less than two values are known.
    """
    known = values[~np.isnan(values)]
    if known.size < 2:
        return None
    found = [float(each) for each in np.quantile(known, QUANTILES)]
    worst = _worst_window((values < found[0]) | (values > found[-1]), ~np.isnan(values), window_min)
    return FittedRange(
        quantiles=dict(zip((f"{each:g}" for each in QUANTILES), found, strict=True)),
        low=found[0],
        high=found[-1],
        max_outside=max(LEAST_OUTSIDE, worst),
    )


def _worst_window(is_outside: Bools, is_known: Bools, window: int) -> float:
    """Largest share outside in any ``window`` rows of which half are known."""
    size = min(window, is_known.size)
    sums = (np.concatenate([[0], np.cumsum(each)]) for each in (is_outside, is_known))
    outside, known = (each[size:] - each[:-size] for each in sums)
    enough = known >= max(size // 2, 1)
    return float((outside[enough] / known[enough]).max()) if enough.any() else 0.0

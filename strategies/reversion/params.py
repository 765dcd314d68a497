"""Parameters of spread reversion, with their bounds."""

from dataclasses import dataclass, field
from typing import Literal

from research.errors import ParamError
from strategies.law.bounds import bounded, check_bounds
from strategies.law.filters import EntryFilters

__all__ = ["ReversionParams"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReversionParams:
    """When the spread is out of line: both venues against each other until it is back."""

    reference: Literal["raw", "excess"] = "excess"
    entry: float = bounded(0.08, 0.0, 20.0, "percent", "|spread| that opens", is_low_open=True)
    exit: float = bounded(0.03, 0.0, 20.0, "percent", "|spread| that closes")
    max_hold: int = bounded(60, 1, 10_080, "min", "Longest hold")
    min_gap: int = bounded(5, 0, 10_080, "min", "Between entries")
    filters: EntryFilters = field(default_factory=EntryFilters)

    def __post_init__(self) -> None:
        if self.reference not in ("raw", "excess"):
            raise ParamError(f"reference must be raw or excess, was {self.reference!r}")
        check_bounds(self)
        if not self.exit < self.entry:
            raise ParamError(f"exit must be below entry={self.entry} percent, was {self.exit}")

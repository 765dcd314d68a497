"""Parameters of the first-minute strategy, with their bounds."""

from dataclasses import dataclass, field
from typing import Literal

from strategies.law.bounds import bounded, check_bounds
from strategies.law.filters import EntryFilters

__all__ = ["FirstMinuteParams"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstMinuteParams:
    """Enters on the minute in which the spread crosses ``spread_entry``, never on a later one."""

    mode: Literal["short", "long"] = "short"
    reference: Literal["raw", "excess"] = "excess"
    spread_entry: float = bounded(0.08, 0.0, 20.0, "percent", "Spread that opens", is_low_open=True)
    spread_exit: float = bounded(0.02, 0.0, 20.0, "percent", "Spread that closes")
    cooldown: int = bounded(10, 0, 10_080, "min", "Between entries of one mode")
    hold: int = bounded(15, 1, 10_080, "min", "Longest hold")
    filters: EntryFilters = field(default_factory=EntryFilters)

    def __post_init__(self) -> None:
        check_bounds(self)

    @property
    def side(self) -> int:
        """+1 long dYdX, -1 short dYdX."""
        return 1 if self.mode == "long" else -1

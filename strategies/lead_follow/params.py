"""Parameters of lead/follow, with their bounds."""

from dataclasses import dataclass, field
from typing import Literal

from research.errors import ParamError
from strategies.law.bounds import bounded, check_bounds
from strategies.law.filters import EntryFilters

__all__ = ["LeadFollowParams"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadFollowParams:
    """When Binance has moved and dYdX has not.

    Short: ``spread >= +spread_entry`` and ``lead <= -move_pct``. Long: the mirror image.
    """

    mode: Literal["short", "long"] = "short"
    reference: Literal["raw", "excess"] = "excess"
    window: int = bounded(5, 1, 240, "min", "Binance's move is taken over this")
    move_pct: float = bounded(
        0.15, 0.0, 20.0, "percent", "Binance's drop (short) or rise (long)", is_low_open=True
    )
    spread_entry: float = bounded(
        0.08, 0.0, 20.0, "percent", "Premium (short) or discount (long) of dYdX"
    )
    tp: float = bounded(0.40, 0.0, 50.0, "percent", "Take profit", is_low_open=True)
    sl: float = bounded(0.60, 0.0, 50.0, "percent", "Stop loss", is_low_open=True)
    horizon: int = bounded(15, 1, 10_080, "min", "Longest hold")
    cooldown: int = bounded(10, 0, 10_080, "min", "Between entries of one mode")
    filters: EntryFilters = field(default_factory=EntryFilters)

    def __post_init__(self) -> None:
        if self.mode not in ("short", "long"):
            raise ParamError(f"mode must be short or long, was {self.mode!r}")
        if self.reference not in ("raw", "excess"):
            raise ParamError(f"reference must be raw or excess, was {self.reference!r}")
        check_bounds(self)

    @property
    def side(self) -> int:
        """+1 long dYdX, -1 short dYdX."""
        return 1 if self.mode == "long" else -1

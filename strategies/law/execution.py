"""Execution models: at which prices a signal becomes a trade.

Source: SEMANTICS.md, section 5.
"""

from dataclasses import dataclass
from typing import Literal

from research.errors import ParamError
from research.features.panel import Panel

__all__ = ["EXECUTABLE", "PLAIN", "Execution"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """How signals are filled, when TP and SL fire, how many positions may be open.

    Attributes
    ----------
    fill
        ``close``: at the close that made the decision (a price known only when it is gone);
        ``next_open``: at the open of the next minute.
    touch
        ``close``: TP and SL are seen on closes; ``intrabar``: on highs and lows, SL first.
        Spread reversion looks at closes either way.
    overlap
        Whether a new position may open while one of the same mode is open.
    flat_is_price
        Whether a candle without a trade is read as a price, as the first analyses did. Nobody
        can trade at it: for the plain model, to compare with.
    trusts_prints
        Whether the high and low of a minute that quality names as a bad print fire an intrabar TP
        or SL: nobody could have filled there.
    """

    fill: Literal["close", "next_open"] = "next_open"
    touch: Literal["close", "intrabar"] = "intrabar"
    overlap: bool = False
    flat_is_price: bool = False
    trusts_prints: bool = False

    def __post_init__(self) -> None:
        if self.fill not in ("close", "next_open"):
            raise ParamError(f"fill must be close or next_open, was {self.fill!r}")
        if self.touch not in ("close", "intrabar"):
            raise ParamError(f"touch must be close or intrabar, was {self.touch!r}")

    def minutes_of(self, panel: Panel) -> Panel:
        """``panel`` as this model reads its minutes."""
        read = panel.trusting if self.trusts_prints else panel
        return read.as_recorded if self.flat_is_price else read


PLAIN = Execution(fill="close", touch="close", overlap=True, flat_is_price=True)
EXECUTABLE = Execution()

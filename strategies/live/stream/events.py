"""What a minute made of the positions: signals, exits that are due, trades that are over."""

from dataclasses import dataclass
from typing import NamedTuple

from research.arrays import Records
from research.outcomes import REASONS
from strategies.law.position import TRADE_FIELDS

__all__ = ["Closed", "Event", "Leave", "Signal", "Voided"]


class Signal(NamedTuple):
    """The law opened a position at the close of ``minute``; by ``next_open`` it is pending."""

    set_id: str
    minute: int  # epoch minute
    side: int  # +1 long dYdX, -1 short dYdX
    is_acting: bool  # this set decides minutes of these labels: no other one claims them


class Leave(NamedTuple):
    """An exit was decided at the close of ``minute`` and is not filled yet."""

    set_id: str
    minute: int
    entry_minute: int
    side: int
    reason: str


class Voided(NamedTuple):
    """A position that never was: no price to fill at, or none in its whole horizon."""

    set_id: str
    minute: int
    entry_minute: int


@dataclass(frozen=True, slots=True, eq=False)
class Closed:
    """A trade that is over, as the backtest has it.

    ``trade`` is one POSITION record; its rows count from the stream's first minute.
    """

    set_id: str
    minute: int  # at whose end it was known
    entry_minute: int
    exit_minute: int
    trade: Records

    @property
    def side(self) -> int:
        """+1 long dYdX, -1 short dYdX."""
        return int(self.trade["side"])

    @property
    def net_pct(self) -> float:
        """Net of fees, slippage and funding, percent of the entry notional."""
        return float(self.trade["net_pct"])

    @property
    def reason(self) -> str:
        """``TP``, ``SL``, ``HORIZON``, ..."""
        return str(REASONS[int(self.trade["reason"])])

    def facts(self) -> dict[str, float]:
        """Every field of the trade by name; rows are epoch minutes of nothing: see above."""
        return {name: self.trade[name].item() for name in TRADE_FIELDS}


Event = Signal | Leave | Voided | Closed

"""What a market's minutes were at the end of any minute: the past as it was known then.

Two kinds: recorded candles, from which the frame of every cut is built anew, rules and all; and a
frame in hand, which can only be cut off, so that its own making is not judged.
"""

from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, TypeVar

import numpy as np
import pandas as pd

from research.arrays import Ints
from research.data.tables.schema import MINUTE_MS, minutes_ms
from research.data.tables.traded import has_traded
from research.errors import FrameError
from research.frame.frame import Frame, build_frame
from research.settings.frame import FrameSettings

__all__ = ["CandleHistory", "FrameHistory", "History", "part"]

Table = TypeVar("Table", pd.DataFrame, pd.Series)


class History(Protocol):
    """A frame, and the frames that it grew out of."""

    @property
    def whole(self) -> Frame:
        """All minutes."""

    @property
    def judges_frame(self) -> bool:
        """Whether the making of the frame is judged as well."""

    def until(self, row: int) -> Frame:
        """The frame as it was at the end of minute ``row`` of the whole one, the same rows.

        It may hold fewer minutes, never more.
        """

    def settled(self, row: int) -> int:
        """The last row about which everything is decided at the end of minute ``row``."""


@dataclass(frozen=True, slots=True)
class FrameHistory:
    """A frame that is cut off: what was done when it was made is taken for granted."""

    whole: Frame
    judges_frame: bool = False

    def until(self, row: int) -> Frame:
        """Its first ``row + 1`` minutes."""
        return part(self.whole, slice(0, row + 1))

    def settled(self, row: int) -> int:
        """``row``."""
        return row


@dataclass(frozen=True, kw_only=True)
class CandleHistory:
    """Candle tables and payments, cut off before the frame is built.

    Parameters
    ----------
    binance, dydx
        Candle tables: sorted unique UTC minutes.
    funding, binance_funding
        Payments by minute, or None.
    rule
        By which long silences are left out.

    Raises
    ------
    FrameError
        The venues make no frame.
    """

    binance: pd.DataFrame
    dydx: pd.DataFrame
    funding: pd.Series | None = None
    binance_funding: pd.Series | None = None
    market: str = "BTC"
    sources: tuple[str, ...] = ()
    is_synthetic: bool = False
    rule: FrameSettings = field(default_factory=FrameSettings)
    judges_frame: bool = True
    whole: Frame = field(init=False)
    _silent: tuple["_Silence", ...] = field(init=False, repr=False)  # of Binance, of dYdX

    def __post_init__(self) -> None:
        whole = self._built(None)
        first = int(whole.minute[0])
        silent = (_silence(each, first, len(whole)) for each in (self.binance, self.dydx))
        object.__setattr__(self, "whole", whole)
        object.__setattr__(self, "_silent", tuple(silent))

    def until(self, row: int) -> Frame:
        """The frame of the candles up to minute ``row``; it ends where a venue's candles do."""
        return self._built(int(self.whole.minute[row]) * MINUTE_MS)

    def settled(self, row: int) -> int:
        """``row``, or the first minute of a silence that may yet turn out to be a halt.

        That a silence is a halt is known when it has lasted for more than ``rule.halt_min``
        minutes. Up to then its minutes stand as they came, and all but the first are taken back
        afterwards: by definition of the rule they are undecided here. Which they are is counted
        from the trades, not read from what the frame says of itself.
        """
        starts = [
            row - int(each.so_far[row]) + 1 for each in self._silent if self._hangs(each, row)
        ]
        return min(starts, default=row)

    @property
    def taken_back(self) -> int:
        """Minutes with a dYdX price that a silence of Binance took back once it was a halt."""
        binance, dydx = self._silent
        is_undecided = (binance.so_far > 1) & (binance.so_far <= self.rule.halt_min)
        is_halt = binance.in_all > self.rule.halt_min
        return int((is_undecided & is_halt & (dydx.so_far == 0)).sum())

    def _hangs(self, silence: "_Silence", row: int) -> bool:
        so_far, in_all = int(silence.so_far[row]), int(silence.in_all[row])
        return 1 < so_far <= self.rule.halt_min < in_all

    def _built(self, last_ms: int | None) -> Frame:
        return build_frame(
            _until(self.binance, last_ms),
            _until(self.dydx, last_ms),
            None if self.funding is None else _until(self.funding, last_ms),
            binance_funding=(
                None if self.binance_funding is None else _until(self.binance_funding, last_ms)
            ),
            market=self.market,
            sources=self.sources,
            is_synthetic=self.is_synthetic,
            rule=self.rule,
        )


def part(frame: Frame, rows: slice) -> Frame:
    """Some minutes of ``frame``, its origin as it was: for looking at, not for writing.

    Raises
    ------
    FrameError
        No minute is left.
    """
    table = frame.table.iloc[rows]
    if table.empty:
        raise FrameError(f"{frame.label}: no minute in rows {rows.start}..{rows.stop}")
    return Frame(table, frame.market, frame.origin, frame.exclusions)


def _until(table: Table, last_ms: int | None) -> Table:
    if last_ms is None:
        return table
    stop = np.searchsorted(minutes_ms(pd.DatetimeIndex(table.index)), last_ms, side="right")
    return table.iloc[: int(stop)]


class _Silence(NamedTuple):
    """Minutes without a trade of one venue by row: up to it, and of the whole stretch; or 0."""

    so_far: Ints
    in_all: Ints


def _silence(candles: pd.DataFrame, first: int, rows: int) -> _Silence:
    minute = minutes_ms(candles.index) // MINUTE_MS
    before, after = int(minute[0]) - 1, int(minute[-1]) + 1
    traded = np.concatenate(([before], minute[has_traded(candles)], [after]))
    at = np.arange(first, first + rows)
    place = np.searchsorted(traded, at, side="right") - 1
    so_far = at - traded[place]
    in_all = traded[np.minimum(place + 1, len(traded) - 1)] - traded[place] - 1
    return _Silence(so_far, np.where(so_far > 0, in_all, 0))

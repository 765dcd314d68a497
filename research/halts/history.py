"""Where was Binance at ``dydx_ts``? Price histories that never look later than they are asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from research.arrays import Floats, Ints
from research.errors import FormatError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MinuteHistory", "PointHistory", "PriceAt", "PriceHistory", "ask"]

_MINUTE_MS = 60_000


class PriceAt(NamedTuple):
    """The last price known at or before a moment, and how well that is known.

    ``low`` and ``high`` bound the true price at the moment itself; both are ``price`` for quotes.
    """

    price: float
    age_ms: int  # of the price at the moment that was asked for
    resolution_ms: int  # 0 for single quotes, 60,000 for minute bars
    low: float
    high: float
    source: str


class PriceHistory(Protocol):
    """Anything that knows Binance prices over time."""

    def at(self, ts_ms: int) -> PriceAt | None:
        """The last price known at or before ``ts_ms``, None where there is none."""


@dataclass(frozen=True, slots=True, eq=False)
class PointHistory:
    """Single quotes: from the journal itself or from a recording.

    ``ts_ms`` (n,) int64 rising, ``prices`` (n,) float64 above 0.
    """

    ts_ms: Ints
    prices: Floats
    source: str

    @classmethod
    def of(cls, ts_ms: Ints, prices: Floats, source: str) -> "PointHistory":
        """Sorts the quotes; of several at one moment the last counts, prices not above 0 do not."""
        known = prices > 0
        order = np.argsort(ts_ms[known], kind="stable")
        return cls(ts_ms[known][order], prices[known][order], source)

    def at(self, ts_ms: int) -> PriceAt | None:
        """The last quote at or before ``ts_ms``."""
        place = int(np.searchsorted(self.ts_ms, ts_ms, side="right")) - 1
        if place < 0:
            return None
        price = float(self.prices[place])
        return PriceAt(price, int(ts_ms - self.ts_ms[place]), 0, price, price, self.source)


@dataclass(frozen=True, slots=True, eq=False)
class MinuteHistory:
    """One-minute bars: coarse. The price is the close of the last bar that was complete.

    The bar of the moment itself only bounds the price (its high and low); without it nothing is
    claimed. ``opens_ms`` (n,) int64 rising; ``closes``, ``lows``, ``highs`` (n,) float64.
    """

    opens_ms: Ints
    closes: Floats
    lows: Floats
    highs: Floats
    source: str = "minutes"

    @classmethod
    def from_candles(cls, candles: "pd.DataFrame") -> "MinuteHistory":
        """From a candle table of Binance (index ``minute``, columns close, low, high).

        Raises
        ------
        FormatError
            A column is missing.
        """
        missing = [name for name in ("close", "low", "high") if name not in candles.columns]
        if missing:
            raise FormatError(
                f"minutes: no column {', '.join(missing)} among {', '.join(candles.columns)}; "
                "give a candle table of Binance"
            )
        table = candles.dropna(subset=["close", "low", "high"]).sort_index()
        minutes: Any = table.index
        opens = np.asarray(minutes.as_unit("ms").asi8, dtype=np.int64)
        close, low, high = (table[name].to_numpy(np.float64) for name in ("close", "low", "high"))
        return cls(opens, close, low, high)

    def at(self, ts_ms: int) -> PriceAt | None:
        """The close of the last bar complete at ``ts_ms``, bounded by the bar of that minute."""
        minute = ts_ms // _MINUTE_MS * _MINUTE_MS
        now = int(np.searchsorted(self.opens_ms, minute))
        is_there = now < len(self.opens_ms) and self.opens_ms[now] == minute
        if not is_there or now == 0 or self.opens_ms[now - 1] != minute - _MINUTE_MS:
            return None
        price = float(self.closes[now - 1])
        low, high = min(price, float(self.lows[now])), max(price, float(self.highs[now]))
        return PriceAt(price, int(ts_ms - minute), _MINUTE_MS, low, high, self.source)


def ask(
    histories: Sequence[PriceHistory], ts_ms: int, tolerance_ms: float
) -> tuple[PriceAt | None, PriceAt | None]:
    """(what settles the question, the nearest that does not), the first history first.

    Single quotes settle it if they are at most ``tolerance_ms`` older than ``ts_ms``; minute bars
    are asked with their own resolution.
    """
    nearest: PriceAt | None = None
    for history in histories:
        found = history.at(ts_ms)
        if found is None:
            continue
        if found.resolution_ms or found.age_ms <= tolerance_ms:
            return found, nearest
        if nearest is None or found.age_ms < nearest.age_ms:
            nearest = found
    return None, nearest

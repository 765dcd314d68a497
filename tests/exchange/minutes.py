"""What one venue holds: a seeded walk on a tick grid, with gaps and minutes without a trade."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from research.data.tables.schema import MINUTE_MS, candle_table

Ints = NDArray[np.int64]
HOUR_MS = 60 * MINUTE_MS


@dataclass(frozen=True, kw_only=True)
class VenueMinutes:
    """Prices and volumes are whole ticks: tenths and ten-thousandths. All arrays are (n,)."""

    opens_ms: Ints  # rising; minutes that the venue does not have are absent
    open: Ints
    high: Ints
    low: Ints
    close: Ints
    mid: Ints
    volume: Ints
    trades: Ints
    funding_ms: Ints  # (h,) the moments of payment, a few hundred ms after the hour
    funding: Ints  # (h,) in 1e-9 per hour

    def between(self, first_ms: int, end_ms: int) -> slice:
        """Rows with first_ms <= open time < end_ms."""
        low, high = np.searchsorted(self.opens_ms, [first_ms, end_ms])
        return slice(int(low), int(high))

    def binance_table(self) -> pd.DataFrame:
        """What a store must hold after a whole fetch of Binance."""
        return candle_table(
            self.opens_ms, self._columns() | {"quote_volume": self.volume * self.close / 1e5}
        )

    def dydx_table(self) -> pd.DataFrame:
        """What a store must hold after a whole fetch of dYdX."""
        mids = {"mid_open": self.mid / 100, "mid_close": (self.mid + 25) / 100}
        interest = {"open_interest": self.volume / 1e4 + 100}
        return candle_table(self.opens_ms, self._columns() | mids | interest)

    def funding_series(self) -> pd.Series:
        """Rates by the minute of payment."""
        minutes = self.funding_ms // MINUTE_MS * MINUTE_MS
        index = pd.DatetimeIndex(minutes.astype("datetime64[ms]"), name="minute")
        return pd.Series(self.funding / 1e9, index=index.tz_localize("UTC"), name="rate")

    def _columns(self) -> dict[str, NDArray[np.float64]]:
        prices = {name: getattr(self, name) / 10 for name in ("open", "high", "low", "close")}
        return prices | {"volume": self.volume / 1e4, "trades": self.trades.astype(np.float64)}


def make_minutes(
    *,
    first_ms: int,
    minutes: int,
    seed: int,
    gaps: Sequence[tuple[int, int]] = (),
    quiet_share: float = 0.01,
) -> VenueMinutes:
    """A walk of ``minutes`` from ``first_ms``.

    ``gaps`` are (first row, rows) that the venue lacks; a share of the others has no trade and
    repeats the last close, as dYdX does it.
    """
    random = np.random.default_rng(seed)
    close = np.maximum(900_000 + np.cumsum(random.integers(-300, 301, minutes)), 10_000)
    quiet = random.random(minutes) < quiet_share
    quiet[0] = False
    last_traded = np.maximum.accumulate(np.where(quiet, 0, np.arange(minutes)))
    close = close[last_traded]
    opens = np.where(quiet, close, np.append(close[:1], close[:-1]))
    reach = np.where(quiet, 0, random.integers(0, 200, minutes))
    kept = np.ones(minutes, dtype=bool)
    for first, rows in gaps:
        kept[first : first + rows] = False
    hours = np.arange(-(-first_ms // HOUR_MS), (first_ms + minutes * MINUTE_MS - 1) // HOUR_MS + 1)
    return VenueMinutes(
        opens_ms=(first_ms + MINUTE_MS * np.arange(minutes, dtype=np.int64))[kept],
        open=opens[kept],
        high=(np.maximum(opens, close) + reach)[kept],
        low=(np.minimum(opens, close) - reach)[kept],
        close=close[kept],
        mid=(close * 10 + 5)[kept],
        volume=np.where(quiet, 0, random.integers(1, 90_000, minutes))[kept],
        trades=np.where(quiet, 0, random.integers(1, 80, minutes))[kept],
        funding_ms=hours * HOUR_MS + random.integers(0, 900, len(hours)),
        funding=random.integers(-9_000, 9_000, len(hours)) * 25,
    )

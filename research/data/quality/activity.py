"""A feed that stands a minute off: wrong stamps, or a venue that truly follows a minute later?

Returns cannot tell the two apart. What else a minute holds can: people trade more in the same
minute on both venues. Where volumes and trade counts line up at the same stamp while returns
follow, the stamps are right. Ranges are made of prices: they follow with the returns, so they
only speak where they do NOT.
"""

from typing import Literal

import numpy as np
import pandas as pd

from research.data.tables.schema import minutes_ms

__all__ = ["LONGEST_LAG_MIN", "Cause", "cause_of_shift", "looks_close_stamped"]

Cause = Literal["lag", "stamps", "unknown"]

LONGEST_LAG_MIN = 3  # a venue that follows later than that follows nothing
_FEWEST = 120
_SPEAKS = 0.1  # a rank correlation that says something, and by which it beats the other
_DAY_MIN = 1440


def cause_of_shift(binance: pd.DataFrame, dydx: pd.DataFrame, shift_min: int) -> Cause:
    """Why dYdX returns agree with Binance's best ``shift_min`` minutes apart.

    Parameters
    ----------
    binance, dydx : DataFrame
        Candle tables, rising and unique.
    shift_min : int
        As :attr:`research.data.quality.alignment.Alignment.shift_min`, not 0.
    """
    if abs(shift_min) > LONGEST_LAG_MIN:
        return "stamps"
    votes = {
        name: _vote(_activity(binance, name), _activity(dydx, name), shift_min)
        for name in ("volume", "trades", "range")
    }
    by_trading = {votes["volume"], votes["trades"]} - {"unknown"}
    if len(by_trading) == 1:
        return "lag" if "lag" in by_trading else "stamps"
    if not by_trading and votes["range"] == "lag":
        return "lag"
    late, early = (dydx, binance) if shift_min > 0 else (binance, dydx)
    is_told = looks_close_stamped(late) and not looks_close_stamped(early)
    return "stamps" if abs(shift_min) == 1 and is_told else "unknown"


def looks_close_stamped(candles: pd.DataFrame) -> bool:
    """Whether whole days of ``candles`` run from 00:01 to 00:00, as close times do."""
    minutes = minutes_ms(candles.index) // 60_000 % _DAY_MIN
    return len(minutes) > 1 and int(minutes[0]) == 1 and int(minutes[-1]) == 0


def _activity(candles: pd.DataFrame, name: str) -> pd.Series:
    if name == "range":
        return (candles["high"] - candles["low"]) / candles["close"]
    return candles[name]


def _vote(ours: pd.Series, theirs: pd.Series, shift_min: int) -> Cause:
    same = _rank_correlation(ours, theirs, 0)
    apart = _rank_correlation(ours, theirs, shift_min)
    if same >= _SPEAKS and same >= apart + _SPEAKS:
        return "lag"
    if apart >= _SPEAKS and apart >= same + _SPEAKS:
        return "stamps"
    return "unknown"


def _rank_correlation(ours: pd.Series, theirs: pd.Series, shift_min: int) -> float:
    """Of ranks; 0 where nothing is known or one side never changes."""
    moved = theirs.set_axis(pd.DatetimeIndex(theirs.index) - pd.Timedelta(minutes=shift_min))
    both = pd.concat([ours, moved], axis=1, join="inner").dropna()
    if len(both) < _FEWEST or (both.nunique() < 2).any():
        return 0.0
    left, right = (both.iloc[:, side].rank().to_numpy() for side in (0, 1))
    return float(np.corrcoef(left, right)[0, 1])

"""Whether a venue traded in a minute: a candle alone is no proof of it.

Source: SEMANTICS.md, sections 1 and 7. A minute without a trade may be written as a flat
candle at the last price, or not at all; both say the same.
"""

import numpy as np
import pandas as pd

from research.arrays import Bools

__all__ = ["has_traded"]


def has_traded(candles: pd.DataFrame, prefix: str = "") -> Bools:
    """Which rows hold a trade, shape (n,).

    Trades decide where they are given, else volume. Where neither is known a candle counts as
    traded: nothing says that it was not. A row without a close is no candle.

    Parameters
    ----------
    candles : DataFrame
        Columns ``close``, ``volume``, ``trades``, each behind ``prefix`` (``dydx_``).
    """
    close, volume, trades = (
        candles[f"{prefix}{name}"].to_numpy(np.float64) for name in ("close", "volume", "trades")
    )
    traded: Bools = np.where(np.isnan(trades), volume != 0, trades > 0) & ~np.isnan(close)
    return traded

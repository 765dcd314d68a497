"""The features of one closed minute, by name."""

from typing import NamedTuple

from research.features.labels import REGIMES, SESSIONS

__all__ = ["MinuteFeatures"]


class MinuteFeatures(NamedTuple):
    """What is known at the close of a minute; percent where the name says so, NaN unknown."""

    minute: int  # epoch minute of its open, UTC
    spread_pct: float
    basis_pct: float
    spread_excess_pct: float
    atr_pct: float
    realized_vol_pct: float
    rsi_1m: float
    rsi_5m: float
    rsi_15m: float
    rsi_1h: float
    rsi_4h: float
    mtf_aligned: float
    session: int  # index into SESSIONS
    regime: int  # index into REGIMES, -1 unknown
    dydx_age_min: float
    binance_close: float
    dydx_close: float
    funding_rate: float  # of dYdX, last paid at or before the minute

    @property
    def session_name(self) -> str:
        """``asia``, ``europe`` or ``us``."""
        return SESSIONS[self.session]

    @property
    def regime_name(self) -> str | None:
        """``calm``, ``normal`` or ``wild``; None: unknown."""
        return REGIMES[self.regime] if self.regime >= 0 else None

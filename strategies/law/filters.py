"""Filters that let a signal pass or not: freshness, sessions, regimes, trend, RSI, funding, score.

A value that is unknown (NaN) never passes a filter that asks for it.
"""

from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np

from research.arrays import Bools, Floats
from research.errors import ParamError
from research.features.labels import REGIMES, SESSIONS
from research.features.panel import Panel, Reference
from research.remembered import remembered
from strategies.law.bounds import bounded

__all__ = ["EntryFilters", "is_allowed", "is_comparable", "last_funding_rate"]

Timeframe = Literal["1m", "5m", "15m", "1h", "4h"]
NO_AGE_LIMIT = float("inf")
_KEPT = 24  # of each kind: the segments of both sides


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFilters:
    """What must hold beside the thresholds. The defaults let everything fresh pass.

    Fields with bounds may be axes of grids and dimensions of studies, as parameters are.

    Attributes
    ----------
    max_age_min
        dYdX traded within so many minutes; 0 asks for this very minute, inf for nothing.
    sessions, regimes
        Labels that may trade.
    needs_alignment
        ``mtf_aligned`` must point in the direction of the trade, on dYdX.
    rsi_timeframe, rsi_min, rsi_max
        Bounds on one RSI, 0..100, both ends included.
    max_funding_pct
        Skips an entry that would pay more than this on dYdX at the rate last paid there, percent
        an hour.
    score_column, score_min
        A feature or a column of the frame, such as a model's score that was joined to it, and the
        least value that passes. Row t must hold what was known at the close of minute t.
        Signals of one minute compete only where several sets share one position, which no
        backtest, grid or study does: each runs one set, and its short and long signals exclude
        each other. So a score admits or refuses here, and ranks nothing.
    """

    max_age_min: float = bounded(0.0, 0.0, 1e6, "min")
    sessions: tuple[str, ...] = SESSIONS
    regimes: tuple[str, ...] = REGIMES
    needs_alignment: bool = False
    rsi_timeframe: Timeframe = "5m"
    rsi_min: float = bounded(0.0, 0.0, 100.0, "RSI")
    rsi_max: float = bounded(100.0, 0.0, 100.0, "RSI")
    max_funding_pct: float = bounded(float("inf"), -100.0, 100.0, "percent an hour")
    score_column: str | None = None
    score_min: float = bounded(float("-inf"), -1e300, 1e300, "score")

    def __post_init__(self) -> None:
        if not self.max_age_min >= 0:
            raise ParamError(f"max_age_min must be >= 0 minutes, was {self.max_age_min}")
        _check_labels("sessions", self.sessions, SESSIONS)
        _check_labels("regimes", self.regimes, REGIMES)
        if self.rsi_timeframe not in ("1m", "5m", "15m", "1h", "4h"):
            raise ParamError(
                f"rsi_timeframe must be 1m, 5m, 15m, 1h or 4h, was {self.rsi_timeframe}"
            )
        if not 0 <= self.rsi_min <= self.rsi_max <= 100:
            raise ParamError(
                f"RSI bounds must satisfy 0 <= rsi_min <= rsi_max <= 100, "
                f"were {self.rsi_min} and {self.rsi_max}"
            )
        if np.isnan(self.max_funding_pct):
            raise ParamError("max_funding_pct must be a number of percent an hour, was nan")
        if np.isnan(self.score_min) or (self.score_column is None and self.score_min > -np.inf):
            raise ParamError(
                f"score_min must be a number, beside the score_column that it bounds, was "
                f"{self.score_min} for {self.score_column or 'no column'}"
            )

    @property
    def asks_rsi(self) -> bool:
        """Whether the RSI bounds exclude anything."""
        return self.rsi_min > 0 or self.rsi_max < 100

    @property
    def asks_funding(self) -> bool:
        """Whether the funding bound excludes anything."""
        return bool(np.isfinite(self.max_funding_pct))

    def changes(self) -> dict[str, Any]:
        """The fields that ask for more or less than the defaults do."""
        usual = EntryFilters()
        mine = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in mine.items() if value != getattr(usual, name)}

    def describe(self) -> str:
        """What entries are confined to, in one line; empty where to nothing. The age aside."""
        parts = []
        if set(self.sessions) != set(SESSIONS):
            parts.append(f"sessions {'+'.join(self.sessions)}")
        if set(self.regimes) != set(REGIMES):
            parts.append(f"regimes {'+'.join(self.regimes)}")
        if self.needs_alignment:
            parts.append("all trends in the direction of the trade")
        if self.asks_rsi:
            parts.append(f"{self.rsi_timeframe} RSI in [{self.rsi_min:g}, {self.rsi_max:g}]")
        if self.asks_funding:
            parts.append(f"funding to pay <= {self.max_funding_pct:g} % an hour")
        if self.score_column is not None:
            parts.append(f"{self.score_column} >= {self.score_min:g}")
        return ", ".join(parts)


def is_comparable(panel: Panel, max_age_min: float) -> Bools:
    """Minutes with both closes on which dYdX is fresh enough, shape (n,)."""
    key = ("is_comparable", max_age_min)
    made = remembered(panel, key, lambda: _comparable(panel, max_age_min), most=_KEPT)
    return made.copy()


def _comparable(panel: Panel, max_age_min: float) -> Bools:
    is_fresh: Bools = ~np.isnan(panel.spread_pct)
    if max_age_min != NO_AGE_LIMIT:
        is_fresh &= panel.column("dydx_age_min") <= max_age_min
    return is_fresh


def is_allowed(
    panel: Panel, filters: EntryFilters, side: int, reference: Reference | None = None
) -> Bools:
    """Minutes on which ``filters`` let an entry on ``side`` pass, shape (n,).

    ``side`` is +1 long, -1 short, 0 where the strategy takes either. Trend and funding then mean
    the dYdX leg that an entry against the spread of ``reference`` would take; without a reference
    they are refused. The age filter is not part of it: :func:`is_comparable`.
    """
    if side == 0 and reference is None and (filters.needs_alignment or filters.asks_funding):
        raise ParamError("needs_alignment and max_funding_pct need the side of a trade; name it")
    key = ("is_allowed", filters, side, reference)
    made = remembered(panel, key, lambda: _allowed(panel, filters, side, reference), most=_KEPT)
    return made.copy()


def _allowed(panel: Panel, filters: EntryFilters, side: int, reference: Reference | None) -> Bools:
    sides = side if reference is None or side != 0 else -np.sign(panel.reference(reference))
    allowed = np.ones(len(panel), dtype=np.bool_)
    if set(filters.sessions) != set(SESSIONS):
        allowed &= np.isin(panel.session, [SESSIONS.index(name) for name in filters.sessions])
    if set(filters.regimes) != set(REGIMES):
        allowed &= np.isin(panel.regime, [REGIMES.index(name) for name in filters.regimes])
    if filters.needs_alignment:
        allowed &= panel.mtf_aligned == sides
    if filters.asks_rsi:
        rsi = panel.rsi[filters.rsi_timeframe]
        allowed &= (rsi >= filters.rsi_min) & (rsi <= filters.rsi_max)
    if filters.asks_funding:
        rate = last_funding_rate(panel)
        allowed &= sides * rate * 100.0 <= filters.max_funding_pct
    if filters.score_column is not None:
        allowed &= panel.column(filters.score_column) >= filters.score_min
    return allowed


def last_funding_rate(panel: Panel) -> Floats:
    """The dYdX rate last paid at or before each minute, NaN before the first, shape (n,)."""
    rate = panel.column("funding_rate")
    is_known = (panel.minute % 60 == 0) & ~np.isnan(rate)
    row = np.maximum.accumulate(np.where(is_known, np.arange(len(rate)), -1))
    return np.where(row >= 0, rate[row], np.nan)


def _check_labels(name: str, values: tuple[str, ...], known: tuple[str, ...]) -> None:
    if not values or not set(values) <= set(known):
        raise ParamError(f"{name} must be some of {', '.join(known)}, was {', '.join(values)!r}")

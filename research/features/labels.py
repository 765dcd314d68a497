"""Sessions of the day and regimes of volatility: the two labels that make a segment."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from research.arrays import Bools, Floats, Ints
from research.errors import ParamError

__all__ = [
    "REGIMES",
    "SEGMENTS",
    "SESSIONS",
    "RegimeEdges",
    "Segment",
    "segment_name",
    "segment_of",
    "session_codes",
]

SESSIONS = ("asia", "europe", "us")
REGIMES = ("calm", "normal", "wild")


def session_codes(minute: Ints, cuts: tuple[int, int, int]) -> Ints:
    """Index into :data:`SESSIONS` for every minute.

    Parameters
    ----------
    minute : int64 array, shape (rows,)
        Epoch minutes, UTC.
    cuts : tuple of int
        First hour of asia, europe and us, rising. Hours before the first cut belong to the last
        session, so the blocks always cover the day.

    Returns
    -------
    int64 array, shape (rows,)
        0 asia, 1 europe, 2 us.
    """
    hour = minute // 60 % 24
    block = np.searchsorted(np.asarray(cuts), hour, side="right") - 1
    return (block % len(SESSIONS)).astype(np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegimeEdges:
    """Two values of ``atr_pct`` that part calm from normal from wild."""

    low: float  # percent; NaN where nothing was there to fit
    high: float  # percent
    fitted_on: str  # the span, for people: "2025-12-26T18:49Z .. 2026-01-02T18:49Z"
    is_in_sample: bool  # fitted on all the minutes that it labels

    @classmethod
    def fit(
        cls,
        atr_pct: Floats,
        quantiles: tuple[float, float] = (1 / 3, 2 / 3),
        *,
        fitted_on: str,
        is_in_sample: bool,
    ) -> "RegimeEdges":
        """Edges at two quantiles (NumPy's linear ones) of the minutes whose ATR is known.

        Without any such minute the edges are NaN, and every regime is unknown.
        """
        known = atr_pct[~np.isnan(atr_pct)]
        low, high = np.quantile(known, quantiles) if known.size else (np.nan, np.nan)
        return cls(low=float(low), high=float(high), fitted_on=fitted_on, is_in_sample=is_in_sample)

    def codes(self, atr_pct: Floats) -> Ints:
        """Index into :data:`REGIMES` for every row, -1 where ``atr_pct`` is NaN.

        A value equal to an edge belongs to the wilder side: below ``low`` is calm, from ``low``
        on normal, from ``high`` on wild.
        """
        codes = np.where(atr_pct < self.low, 0, np.where(atr_pct < self.high, 1, 2))
        is_unknown = np.isnan(atr_pct) | np.isnan(self.low)
        return np.where(is_unknown, -1, codes).astype(np.int64)


class Segment(NamedTuple):
    """A session, a regime, a pair of them, or (both None) every minute."""

    session: int | None = None  # index into SESSIONS
    regime: int | None = None  # index into REGIMES

    @property
    def name(self) -> str:
        """``all``, ``asia``, ``wild`` or ``asia/wild``."""
        return segment_name(self.session, self.regime)

    def mask(self, session: Ints, regime: Ints) -> Bools:
        """Which rows belong to it, given both codes of each; an unknown regime is in no regime."""
        inside = np.ones(session.size, dtype=np.bool_)
        if self.session is not None:
            inside &= session == self.session
        if self.regime is not None:
            inside &= regime == self.regime
        return inside


def segment_name(session: int | None, regime: int | None) -> str:
    """Name of a segment: ``all``, ``asia``, ``wild``, ``asia/wild``; None means any."""
    parts = [] if session is None else [SESSIONS[session]]
    parts += [] if regime is None else [REGIMES[regime]]
    return "/".join(parts) or "all"


SEGMENTS = tuple(
    Segment(session, regime)
    for session, regime in [
        (None, None),
        *((session, None) for session in range(3)),
        *((None, regime) for regime in range(3)),
        *((session, regime) for session in range(3) for regime in range(3)),
    ]
)
"""All sixteen: every minute, each session, each regime, each pair, in the order of reports."""


def segment_of(name: str) -> Segment:
    """The segment called ``name``.

    Raises
    ------
    ParamError
        There is none of that name.
    """
    for segment in SEGMENTS:
        if segment.name == name:
            return segment
    names = ", ".join(segment.name for segment in SEGMENTS)
    raise ParamError(f"segment = {name!r}: no such segment; take one of {names}")

"""What dYdX does next: its return over the next minutes on the gap and on Binance's last move.

Two returns are explained side by side. ``from the close`` starts at the very close whose distance
to Binance is the regressor: a stray print reverts all by itself and looks like skill.
``from the next open`` starts where an order could have been filled. Only the second can pay.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from research.arrays import Bools, Floats, Ints
from research.leadlag.hac import hac_fit, newey_west_lags
from research.leadlag.minutes import PairMinutes, moved

__all__ = ["START", "Prediction", "predictions"]

Start = Literal["next_open", "close"]
START: tuple[Start, ...] = ("next_open", "close")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """One regression; slopes are percent of dYdX's return per percent of the regressor."""

    horizon: int  # minutes from t to the end of the return
    start: Start  # the price at which the return begins
    minutes: int
    gap_slope: float  # -1: all of the gap is closed by dYdX within the horizon
    gap_error: float  # Newey-West
    gap_p: float
    lead_slope: float  # on Binance's return over the window, the gap held
    lead_error: float
    lead_p: float
    r2: float
    gap_bps: float  # what one standard deviation of the gap foretells, basis points
    lead_bps: float


def predictions(
    pair: PairMinutes, inside: Bools, *, horizons: Sequence[int], window: int
) -> tuple[Prediction, ...]:
    """Every horizon from both starts; minutes ``inside``, shape (n,), in which both traded.

    ``window``: minutes of Binance's last move. Errors hang together over at least the horizon,
    since the returns of neighbouring minutes overlap.

    Raises
    ------
    EvidenceError
        Too few minutes, or a regressor that never changes.
    """
    lead = (pair.lead - moved(pair.lead, -window)) * 100
    x = np.column_stack((np.ones(len(pair)), pair.gap_pct, lead))
    rows = np.flatnonzero(inside & ~np.isnan(x).any(axis=1))
    begins = {"close": pair.follow, "next_open": moved(pair.follow_open, 1)}
    return tuple(
        _prediction((moved(pair.follow, horizon) - begins[start]) * 100, x, rows, horizon, start)
        for horizon in horizons
        for start in START
    )


def _prediction(y: Floats, x: Floats, rows: Ints, horizon: int, start: Start) -> Prediction:
    rows = rows[~np.isnan(y[rows])]
    known = x[rows]
    fit = hac_fit(y[rows], known, newey_west_lags(rows.size, overlap=horizon), minute=rows)
    deviation = known.std(axis=0)
    p_value = fit.p_value
    return Prediction(
        horizon=horizon,
        start=start,
        minutes=fit.rows,
        gap_slope=float(fit.coef[1]),
        gap_error=float(fit.std_error[1]),
        gap_p=float(p_value[1]),
        lead_slope=float(fit.coef[2]),
        lead_error=float(fit.std_error[2]),
        lead_p=float(p_value[2]),
        r2=fit.r2,
        gap_bps=float(fit.coef[1] * deviation[1] * 100),
        lead_bps=float(fit.coef[2] * deviation[2] * 100),
    )

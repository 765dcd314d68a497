"""Which venue moves to close a gap: error correction, and where the price is made.

The two prices of one asset hang together with the known vector (1, -1) (Hasbrouck 1995), so the
model is least squares, equation by equation::

    d lead[t]   = c + a_lead   * gap[t-1] + sum over lags of both returns + e_lead
    d follow[t] = c + a_follow * gap[t-1] + sum over lags of both returns + e_follow

with ``gap`` dYdX over Binance in excess of its slow basis. If dYdX corrects, ``a_follow`` is
negative; if Binance does, ``a_lead`` is positive.

*Component share* of Binance (Gonzalo and Granger 1995): ``a_follow / (a_follow - a_lead)``.
*Information share* (Hasbrouck 1995, "One security, many markets"): Binance's part of the variance
of the common price, between two bounds, since one minute's shocks cannot be told apart in time:
the bounds order the venues either way. They are far apart where the two move in the same minute.
"""

from dataclasses import dataclass

import numpy as np

from research.arrays import Bools, Floats, Ints
from research.errors import EvidenceError
from research.leadlag.hac import Fit, hac_fit, newey_west_lags
from research.leadlag.minutes import PairMinutes, moved
from research.leadlag.resample import CELL_MIN, band, in_all_cells, resampled
from research.remembered import remembered

__all__ = ["Correction", "error_correction", "shares"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Correction:
    """Who corrects, with 95 % bands by block bootstrap; shares are Binance's, 0..1."""

    minutes: int
    lags: int
    lead_speed: float  # a_lead: part of the gap that Binance closes in a minute
    lead_speed_t: float  # in Newey-West errors
    follow_speed: float  # a_follow: negative where dYdX closes it
    follow_speed_t: float
    total_speed: float  # a_lead - a_follow: part of the gap that is closed in a minute
    total_low: float
    total_high: float
    shock_correlation: float  # of one minute's shocks: near 1 the bounds tell little
    component_share: float  # outside 0..1 where a venue runs away from the gap
    component_low: float
    component_high: float
    info_low: float  # lower bound of the information share
    info_high: float  # upper bound
    info_low_band: float  # 2.5 % of the lower bound
    info_high_band: float  # 97.5 % of the upper bound

    @property
    def is_identified(self) -> bool:
        """Whether the gap is closed at all; shares of a correction that is not there are noise."""
        return self.total_low > 0


def error_correction(pair: PairMinutes, inside: Bools, lags: int, counts: Floats) -> Correction:
    """The error-correction model over the minutes ``inside``, shape (n,).

    Returns are in percent. A minute counts if both venues traded in it and in ``lags + 1``
    minutes before. ``counts``: resamples, see :func:`research.leadlag.resample.block_counts`.

    Raises
    ------
    EvidenceError
        Too few complete minutes for the regressors, or returns without variance.
    """
    columns = remembered(pair, ("columns", lags), lambda: _columns(pair, lags), most=1)
    known = inside & ~np.isnan(columns).any(axis=1)
    at = np.flatnonzero(known)
    columns = columns[at]
    width = newey_west_lags(at.size)
    lead, follow = (hac_fit(columns[:, k], columns[:, :-2], width, at) for k in (-2, -1))
    sums = in_all_cells(*_products(columns, at), len(pair))
    found = _moments(sums.sum(axis=0), columns.shape[1])
    low, high = band(_moments(resampled(sums, counts), columns.shape[1]))
    return Correction(
        minutes=at.size,
        lags=lags,
        **_speeds(lead, follow),
        total_speed=float(found[0]),
        total_low=float(low[0]),
        total_high=float(high[0]),
        shock_correlation=float(found[1]),
        component_share=float(found[2]),
        component_low=float(low[2]),
        component_high=float(high[2]),
        info_low=float(found[3]),
        info_high=float(found[4]),
        info_low_band=float(low[3]),
        info_high_band=float(high[4]),
    )


def shares(speeds: Floats, shocks: Floats) -> Floats:
    """Shares of the first series in the common price.

    Parameters
    ----------
    speeds : array, shape (..., 2)
        Reaction of the first and of the second series to ``gap = second - first``.
    shocks : array, shape (..., 2, 2)
        Covariance of their shocks.

    Returns
    -------
    array, shape (..., 4)
        Correlation of the shocks, component share, lower and upper bound of the information
        share. NaN where neither series reacts.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        weight = speeds[..., 1] / (speeds[..., 1] - speeds[..., 0])
        other = 1 - weight
        first, second = np.sqrt(shocks[..., 0, 0]), np.sqrt(shocks[..., 1, 1])
        rho = shocks[..., 0, 1] / (first * second)
        common = weight * weight * first**2 + other * other * second**2
        common = common + 2 * weight * other * rho * first * second
        # Cholesky either way: the venue put first is given all that both do in one minute
        put_first = (weight * first + other * rho * second) ** 2 / common
        put_last = weight * weight * first**2 * (1 - rho * rho) / common
    both = np.stack((put_first, put_last))
    return np.stack((rho, weight, both.min(axis=0), both.max(axis=0)), axis=-1)


def _columns(pair: PairMinutes, lags: int) -> Floats:
    """Regressors, then both returns, shape (n, regressors + 2), percent; NaN where unknown."""
    dx = np.diff(pair.lead, prepend=np.nan) * 100
    dy = np.diff(pair.follow, prepend=np.nan) * 100
    past = [moved(each, -lag) for lag in range(1, lags + 1) for each in (dx, dy)]
    return np.column_stack((np.ones(len(pair)), moved(pair.gap_pct, -1), *past, dx, dy))


def _products(known: Floats, at: Ints) -> tuple[Floats, Ints]:
    """Sums of all products of two columns in every cell that holds a minute ``at``; those cells."""
    cells, cell = np.unique(at // CELL_MIN, return_inverse=True)
    blocks = np.zeros((cells.size, CELL_MIN, known.shape[1]))
    blocks[cell, at % CELL_MIN] = known
    upper = np.triu_indices(known.shape[1])
    # einsum and not BLAS: the same bytes whatever the number of threads
    return np.einsum("cmi,cmj->cij", blocks, blocks)[:, *upper], cells


def _moments(sums: Floats, size: int) -> Floats:
    """Total speed, then :func:`shares`, from products of (regressors, lead, follow)."""
    upper = np.triu_indices(size)
    gram = np.zeros((*sums.shape[:-1], size, size))
    gram[..., upper[0], upper[1]] = sums
    gram[..., upper[1], upper[0]] = sums
    xx, xy, yy = gram[..., :-2, :-2], gram[..., :-2, -2:], gram[..., -2:, -2:]
    try:
        coef = np.linalg.solve(xx, xy)
    except np.linalg.LinAlgError:
        raise EvidenceError(
            "a resample left the error-correction model without minutes; take more days"
        ) from None
    shocks = (yy - np.swapaxes(coef, -1, -2) @ xy) / xx[..., :1, :1]
    speeds = coef[..., 1, :]
    total = speeds[..., :1] - speeds[..., 1:]
    return np.concatenate((total, shares(speeds, shocks)), axis=-1)


def _speeds(lead: Fit, follow: Fit) -> dict[str, float]:
    return {
        "lead_speed": float(lead.coef[1]),
        "lead_speed_t": float(lead.t[1]),
        "follow_speed": float(follow.coef[1]),
        "follow_speed_t": float(follow.t[1]),
    }

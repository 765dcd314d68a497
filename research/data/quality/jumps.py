"""One-minute returns far outside of the usual ones: moves to know of, or bad prints."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from research.data.tables.schema import MINUTE_MS, iso_minute

__all__ = ["Jump", "find_jumps", "largest", "robust_sigma_pct"]

_SIGMAS = 20.0  # crypto minutes reach 15 of them without a fault
_MAD_TO_SIGMA = 1.4826
_TAKEN_BACK = 0.8  # share that the next minute undoes

_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Jump:
    """A return beyond 20 robust sigmas of its venue."""

    minute: str
    return_pct: float
    sigmas: float
    is_spike: bool  # most of it is gone a minute later: more likely a bad print than a move


def robust_sigma_pct(returns_pct: _Floats) -> float:
    """1.4826 x median absolute deviation of the returns that move at all, percent.

    Returns of exactly zero (stale minutes) say nothing about size and are left out, NaN too.
    NaN where nothing moves.
    """
    moving = returns_pct[np.isfinite(returns_pct) & (returns_pct != 0)]
    if not len(moving):
        return float("nan")
    return _MAD_TO_SIGMA * float(np.median(np.abs(moving - np.median(moving))))


def find_jumps(minutes: NDArray[np.int64], closes: _Floats) -> tuple[float, list[Jump]]:
    """Robust sigma of one-minute log returns in percent, and the jumps beyond 20 of it.

    Parameters
    ----------
    minutes : (n,) int64 milliseconds, rising and unique
    closes : (n,) float64 above zero; a return over a gap is unknown and never a jump
    """
    known = np.diff(minutes) == MINUTE_MS
    returns = np.where(known, np.diff(np.log(closes)) * 100, np.nan)
    sigma = robust_sigma_pct(returns)
    if not sigma > 0:
        return sigma, []
    following = np.append(returns[1:], np.nan)
    return sigma, [
        Jump(
            minute=iso_minute(int(minutes[row + 1])),
            return_pct=float(returns[row]),
            sigmas=float(abs(returns[row]) / sigma),
            is_spike=bool(-following[row] / returns[row] >= _TAKEN_BACK),
        )
        for row in np.flatnonzero(np.abs(returns) > _SIGMAS * sigma)
    ]


def largest(jumps: Sequence[Jump], count: int) -> tuple[Jump, ...]:
    """The ``count`` largest jumps."""
    return tuple(sorted(jumps, key=lambda jump: -jump.sigmas)[:count])

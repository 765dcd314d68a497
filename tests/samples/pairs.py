"""Two venues' minutes with a lead that is known."""

import numpy as np

from research.arrays import Floats
from research.leadlag.minutes import PairMinutes

FIRST = 29_000_160  # a Monday's midnight, in epoch minutes


def pair_of(
    lead: Floats, follow: Floats, *, follow_open: Floats | None = None, holes: Floats | None = None
) -> PairMinutes:
    """Log prices as a pair; ``holes`` (n, 2) is True where Binance or dYdX did not trade."""
    n = lead.size
    if holes is not None:
        lead = np.where(holes[:, 0], np.nan, lead)
        follow = np.where(holes[:, 1], np.nan, follow)
    minute = FIRST + np.arange(n)
    return PairMinutes(
        minute=minute,
        lead=lead,
        follow=follow,
        # a minute opens where the one before closed
        follow_open=np.concatenate((follow[:1], follow[:-1]))
        if follow_open is None
        else follow_open,
        gap_pct=(follow - lead) * 100,
        basis_pct=np.zeros(n),
        session=minute // 60 % 24 // 8,
        regime=minute // 7 % 3,
    )


def delayed(
    lag: int, n: int = 3000, *, seed: int = 1, noise: float = 0.3, holes: float = 0.0
) -> PairMinutes:
    """dYdX repeats Binance ``lag`` minutes later, with noise of its own; some minutes silent."""
    generator = np.random.default_rng(seed)
    steps = generator.standard_normal(n + abs(lag)) * 4e-4
    lead = np.cumsum(steps)[abs(lag) :] if lag >= 0 else np.cumsum(steps)[: -abs(lag)]
    behind = np.cumsum(steps)[:n] if lag >= 0 else np.cumsum(steps)[abs(lag) :]
    follow = behind + generator.standard_normal(n) * 4e-4 * noise
    silent = generator.random((n, 2)) < holes
    return pair_of(lead[:n], follow[:n], holes=silent)


def corrected(
    *, lead_speed: float, follow_speed: float, n: int = 20_000, rho: float = 0.0, seed: int = 3
) -> PairMinutes:
    """Each venue closes its part of the gap in a minute; shocks of equal size, correlated."""
    generator = np.random.default_rng(seed)
    own = generator.standard_normal((n, 2)) * 4e-4
    own[:, 1] = rho * own[:, 0] + np.sqrt(1 - rho * rho) * own[:, 1]
    price = np.zeros((n, 2))
    for t in range(1, n):
        gap = price[t - 1, 1] - price[t - 1, 0]
        price[t] = price[t - 1] + own[t] + gap * np.array([lead_speed, follow_speed])
    return pair_of(price[:, 0], price[:, 1])

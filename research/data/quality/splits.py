"""Minutes from which one venue's prices are counted otherwise: redenominations, splits, a joined
file of another contract."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from research.arrays import Floats
from research.data.tables.schema import iso_minute, minutes_ms

__all__ = ["PriceScale", "Split", "find_splits", "price_scale"]

_JUMP = 0.18  # log ratio: a fifth between two common minutes; no basis moves so
_AROUND = 60  # common minutes on either side that must agree with the jump
_FEWEST = 5
_NEAR = 0.03  # of log10: how near to a power of ten a ratio of two units lies


@dataclass(frozen=True, slots=True)
class Split:
    """The first minute after which the ratio of the two venues is another one, for good."""

    ms: int
    factor: float  # dYdX / Binance after, over the same before

    def sentence(self) -> str:
        """What happened when, with the cure."""
        size = self.factor if self.factor > 1 else 1 / self.factor
        way = "rises" if self.factor > 1 else "falls"
        return (
            f"from {iso_minute(self.ms)} on dYdX / Binance {way} by a factor of {size:.4g}: one "
            "contract was redenominated or split, or files of two contracts were joined; cut the "
            "files there, no trade may cross it"
        )


@dataclass(frozen=True, slots=True)
class PriceScale:
    """Prices that differ by a power of ten: contracts of 1000 coins and the like."""

    power: int  # dYdX / Binance is near 10 ** power

    def sentence(self) -> str:
        """What the two prices are, with the cure."""
        more, less = ("dYdX", "Binance") if self.power > 0 else ("Binance", "dYdX")
        return (
            f"{more}'s prices are {10 ** abs(self.power):,} times {less}'s: one contract is of "
            f"{10 ** abs(self.power):,} coins (1000PEPE against PEPE); prices are not comparable: "
            "import contracts of one size, or give a price scale"
        )


def find_splits(binance: pd.Series, dydx: pd.Series) -> tuple[Split, ...]:
    """Lasting jumps of dYdX / Binance, oldest first.

    A jump counts where the medians of an hour before and after it differ by it: a bad print or a
    flash crash comes back and is none.

    Parameters
    ----------
    binance, dydx : Series of float64 closes
        Index ``minute``, rising and unique.
    """
    both = pd.concat([binance, dydx], axis=1, join="inner").dropna()
    ratio = np.log(both.iloc[:, 1].to_numpy() / both.iloc[:, 0].to_numpy())
    minutes = minutes_ms(both.index)
    found: list[Split] = []
    last = 0
    for row in np.flatnonzero(np.abs(np.diff(ratio)) > _JUMP) + 1:
        step = _lasting(ratio, last, int(row))
        if abs(step) > _JUMP:
            found.append(Split(int(minutes[row]), float(np.exp(step))))
            last = int(row)
    return tuple(found)


def _lasting(ratio: Floats, last: int, row: int) -> float:
    before = ratio[max(last, row - _AROUND) : row]
    after = ratio[row : row + _AROUND]
    if len(before) < _FEWEST or len(after) < _FEWEST:
        return 0.0
    step = float(np.median(after) - np.median(before))
    # the jump itself must make the step, not one beside it
    jump = float(ratio[row] - ratio[row - 1])
    return step if abs(jump - step) < abs(step) / 2 else 0.0


def price_scale(binance: pd.Series, dydx: pd.Series) -> PriceScale | None:
    """The power of ten between the two venues' prices, None where they are of one size."""
    both = pd.concat([binance, dydx], axis=1, join="inner").dropna()
    if both.empty:
        return None
    tens = float(np.median(np.log10(both.iloc[:, 1] / both.iloc[:, 0])))
    power = round(tens)
    return PriceScale(power) if power != 0 and abs(tens - power) <= _NEAR else None

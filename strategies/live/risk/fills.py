"""What an order would meet in the book: its price, the levels it takes, what stands in reach."""

from typing import NamedTuple

from strategies.live.risk.market import Level

__all__ = ["Fill", "depth_usdt", "fill_of"]


class Fill(NamedTuple):
    """An order walked through one side of a book."""

    price: float  # average, weighted by size
    levels: int  # that it takes from


def fill_of(levels: tuple[Level, ...], size_base: float) -> Fill | None:
    """The average price of ``size_base`` taken from ``levels``, best first; None: too few stand."""
    missing, paid = size_base, 0.0
    for count, (price, size) in enumerate(levels, start=1):
        taken = min(missing, size)
        paid += taken * price
        missing -= taken
        if missing <= 0:
            return Fill(paid / size_base, count)
    return None


def depth_usdt(levels: tuple[Level, ...], reach: float) -> float:
    """Notional of the levels within ``reach`` (a fraction) of the best."""
    if not levels:
        return 0.0
    best = levels[0][0]
    return sum(price * size for price, size in levels if abs(price - best) <= reach * best)

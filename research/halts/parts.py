"""The diff of a HALT as the exact sum of three parts."""

from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["PARTS", "PartName", "Parts", "take_apart"]

PartName = Literal["mid", "fill", "latency"]
PARTS: Final[tuple[PartName, ...]] = ("mid", "fill", "latency")


@dataclass(frozen=True, slots=True)
class Parts:
    """Fractions of ``binance_mid``, signed; NaN where unknown.

    Source: SEMANTICS.md, section 9.
    """

    fill: float  # slippage: the book was thin
    latency: float  # Binance moved between the two timestamps
    mid: float  # what is left when both prices are of the same instant

    @property
    def total(self) -> float:
        """Sum of the parts: the diff. NaN where a part is unknown."""
        return self.fill + self.latency + self.mid

    def shares(self) -> dict[PartName, float]:
        """Each part over the diff: the shares sum to 1, one against the diff is negative.

        NaN where a part is unknown or the diff is 0.
        """
        total = self.total
        if total == 0:
            return dict.fromkeys(PARTS, float("nan"))
        return {"mid": self.mid / total, "fill": self.fill / total, "latency": self.latency / total}


def take_apart(
    *, binance_mid: float, dydx_mid: float, expected_fill: float, binance_then: float
) -> Parts:
    """``(expected_fill - binance_mid) / binance_mid`` in its three parts.

    Parameters
    ----------
    binance_mid
        Above 0, at ``binance_ts``.
    dydx_mid
        At ``dydx_ts``.
    expected_fill
        VWAP of the side that is looked at.
    binance_then
        The Binance mid at ``dydx_ts``; NaN where no history knows it: latency and mid are then
        unknown, fill is not.
    """
    return Parts(
        fill=(expected_fill - dydx_mid) / binance_mid,
        latency=(binance_then - binance_mid) / binance_mid,
        mid=(dydx_mid - binance_then) / binance_mid,
    )

"""What a round trip costs: fees, slippage, funding.

Source: SEMANTICS.md, section 6. ``net = gross - fees - slippage - funding``, in percent of
the entry notional of one leg.
"""

from dataclasses import dataclass

from research.errors import ParamError
from research.settings.costs import CostSettings

__all__ = ["Costs", "plain_costs", "taker_costs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """Costs of one trade.

    Parameters
    ----------
    fees_bps
        Round trip over all legs, basis points of entry notional; negative for a rebate.
    slippage_bps
        Per fill: a one-legged trade has 2 fills, a two-legged one 4.
    funding
        Whether funding is paid and received on every leg, where the frame knows that venue's.
    """

    fees_bps: float = 8.0
    slippage_bps: float = 0.0
    funding: bool = False

    def __post_init__(self) -> None:
        for name in ("fees_bps", "slippage_bps"):
            value = getattr(self, name)
            if not -1000.0 < value < 1000.0:
                raise ParamError(f"{name} must be within (-1000, 1000) basis points, was {value}")

    @property
    def fees_pct(self) -> float:
        """Fees of the round trip, percent."""
        return self.fees_bps / 100.0

    def slippage_pct(self, legs: int) -> float:
        """Slippage of the round trip over ``legs`` legs, percent."""
        return self.slippage_bps / 100.0 * (2 * legs)


def plain_costs(fees_bps: float) -> Costs:
    """The costs of the plain model: the fees given, nothing else."""
    return Costs(fees_bps=fees_bps)


def taker_costs(settings: CostSettings, legs: int) -> Costs:
    """The costs of the executable model: taker on both sides of each leg, slippage, funding."""
    per_side = settings.dydx_taker_fee_bps
    if legs == 2:
        per_side += settings.binance_taker_fee_bps
    return Costs(
        fees_bps=2 * per_side, slippage_bps=settings.slippage_bps, funding=settings.funding
    )

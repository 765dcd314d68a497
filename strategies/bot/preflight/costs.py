"""Costs that the evidence assumed, against the fees of today."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from strategies.bot.contract import BotConfig
from strategies.bot.preflight.line import Line
from strategies.registry import strategy_named

__all__ = ["OLDEST_FEES_DAYS", "VenueFees", "cost_lines"]

OLDEST_FEES_DAYS = 365
_EXACT = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueFees:
    """Taker fees of one side, basis points, and where they come from.

    Attributes
    ----------
    checked
        The day that they were looked up; a venue that was asked says today.
    """

    dydx_taker_bps: float
    binance_taker_bps: float
    checked: date
    source: str

    def round_trip_bps(self, legs: int) -> float:
        """In and out, on every leg."""
        side = self.dydx_taker_bps + (self.binance_taker_bps if legs == 2 else 0.0)
        return 2 * side


def cost_lines(config: BotConfig, fees: VenueFees, now: datetime) -> Iterator[Line]:
    """One line for each strategy that may trade, one for the age of what is known of fees."""
    seen = set()
    for each in config.enabled:
        if (each.strategy, each.costs) in seen:
            continue
        seen.add((each.strategy, each.costs))
        legs = strategy_named(each.strategy).legs
        needed, paid = fees.round_trip_bps(legs), each.costs.fees_bps
        yield Line(
            check=f"fees {each.strategy}",
            passed=paid >= needed - _EXACT and paid > 0,
            number=paid,
            unit="bps",
            needs=f">= {needed:g}",
            sentence=f"the evidence paid {paid:g} bps a round trip over {legs} "
            f"leg{'s' * (legs > 1)}; today it costs {needed:g} ({fees.source})",
        )
        yield Line(
            check=f"slippage {each.strategy}",
            passed=each.costs.slippage_bps > 0,
            number=each.costs.slippage_bps,
            unit="bps",
            needs="> 0",
            sentence=f"{each.costs.slippage_bps:g} bps a fill, funding "
            f"{'charged' if each.costs.funding else 'not charged (off, or not in the minutes)'}",
        )
    days = (now.date() - fees.checked).days
    yield Line(
        check="fees known",
        passed=days <= OLDEST_FEES_DAYS,
        number=days,
        unit="days",
        needs=f"<= {OLDEST_FEES_DAYS}",
        sentence=f"taker {fees.dydx_taker_bps:g} bps at dYdX, {fees.binance_taker_bps:g} at "
        f"Binance: {fees.source}, looked up on {fees.checked}",
    )

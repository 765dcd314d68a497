"""What both commands start with: a panel, perhaps without its lead, and the rows asked for."""

from pathlib import Path

from research.features.panel import Panel, features
from research.leadlag.placebo import placebo as placebo_of
from research.settings.costs import CostSettings
from sweeps.cli.groups import Source
from sweeps.cli.session import Session

__all__ = ["open_panel", "round_trip_bps"]


def open_panel(
    config: Path | None,
    market: str | None,
    frame: Path | None,
    store: Path | None,
    days: float | None,
    placebo: str | None,
    seed: int,
    anyway: bool = False,
) -> tuple[Panel, slice, CostSettings]:
    """The panel, the last ``days`` of it, the costs; of a placebo where one is named."""
    session = Session.open(
        Source(market=market, frame=frame, store=store, config=config, anyway=anyway),
        hours=None if days is None else days * 24,
    )
    panel, costs = session.panel, session.settings.costs
    if placebo is not None:
        made = placebo_of(session.frame, placebo, seed)
        panel = features(made, session.settings.panel)
    return panel, session.rows, costs


def round_trip_bps(costs: CostSettings) -> float:
    """Fees and slippage of entering and leaving dYdX once, without funding."""
    return 2 * (costs.dydx_taker_fee_bps + costs.slippage_bps)

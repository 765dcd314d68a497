"""What both commands start with: a panel, perhaps without its lead, and the rows asked for."""

from pathlib import Path

from research.features.panel import Panel, features
from research.leadlag.placebo import placebo as placebo_of
from research.settings.file import CostSettings
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
) -> tuple[Panel, slice]:
    """The panel and the last ``days`` of it; of a placebo where one is named."""
    session = Session.open(
        config=config,
        market=market,
        frame=frame,
        store=store,
        hours=None if days is None else days * 24,
    )
    if placebo is None:
        return session.panel, session.rows
    return features(placebo_of(session.frame, placebo, seed), session.settings), session.rows


def round_trip_bps(costs: CostSettings) -> float:
    """Fees and slippage of entering and leaving dYdX once, without funding."""
    return 2 * (costs.dydx_taker_fee_bps + costs.slippage_bps)

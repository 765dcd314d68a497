"""``leadfollow events``: what happens around triggers of lead/follow."""

import sys
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from sweeps.cli.leadlag.leadlag import DaysOption, OutOption, PlaceboOption
from sweeps.cli.options import (
    AnywayOption,
    ConfigOption,
    FrameOption,
    MarketOption,
    ReferenceOption,
    SideMode,
    SideModeOption,
    StoreOption,
)

if TYPE_CHECKING:
    from research.arrays import Bools
    from research.features.panel import Panel
    from strategies.lead_follow import LeadFollowParams

__all__ = ["events"]

_SIDES: tuple[Literal["long", "short"], ...] = ("long", "short")


def events(
    mode: SideModeOption = SideMode.BOTH,
    spread_entry: Annotated[
        float | None,
        typer.Option("--spread-entry", help="Premium (short) or discount (long), percent"),
    ] = None,
    binance_drop_window: Annotated[
        int | None, typer.Option("--binance-drop-window", help="Binance's move is over, minutes")
    ] = None,
    binance_drop_pct: Annotated[
        float | None,
        typer.Option("--binance-drop-pct", help="Binance's drop (short) or rise (long), percent"),
    ] = None,
    reference: ReferenceOption = None,
    horizon_min: Annotated[
        int | None, typer.Option("--horizon-min", help="Minutes of the payoff by segment")
    ] = None,
    cooldown_min: Annotated[
        int | None, typer.Option("--cooldown-min", help="Minutes between triggers of one side")
    ] = None,
    before: Annotated[int | None, typer.Option("--before", help="Minutes before, drawn")] = None,
    after: Annotated[int | None, typer.Option("--after", help="Minutes after, drawn")] = None,
    draws: Annotated[int | None, typer.Option("--draws", help="Resamples of days")] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", help="Of resamples, matched minutes and placebo")
    ] = None,
    market: MarketOption = None,
    frame: FrameOption = None,
    store: StoreOption = None,
    days: DaysOption = None,
    out: OutOption = None,
    placebo: PlaceboOption = None,
    config: ConfigOption = None,
    anyway: AnywayOption = False,
) -> None:
    """Around triggers of lead/follow: mean paths, who closes the gap, matched random minutes.

    Only what dYdX does after an order could be filled pays; the rest of the gap is gone at the
    next open, or closed by Binance coming back. Thresholds are those of `lead` where not given.

    Example: leadfollow events --spread-entry 0.02 --binance-drop-pct 0.10 --out events/
    """
    from research.leadlag.event_study import EventSpec, event_study
    from research.leadlag.minutes import pair_minutes
    from research.leadlag.sentences import event_sentences
    from strategies.lead_follow import LeadFollowParams
    from sweeps.cli.backtest.show import show_header
    from sweeps.cli.leadlag import show
    from sweeps.cli.leadlag.files import write_events
    from sweeps.cli.leadlag.session import open_panel, round_trip_bps
    from sweeps.cli.study.searches import progress_bar
    from sweeps.cli.terminal import say

    given: dict[str, Any] = {
        "spread_entry": spread_entry,
        "window": binance_drop_window,
        "move_pct": binance_drop_pct,
        "reference": reference and reference.value,
        "horizon": horizon_min,
        "cooldown": cooldown_min,
    }
    params = LeadFollowParams(**{name: value for name, value in given.items() if value is not None})
    around = {"before": before, "after": after, "draws": draws, "seed": seed}
    spec = EventSpec(
        horizon=params.horizon,
        spacing=params.cooldown,
        **{name: value for name, value in around.items() if value is not None},
    )
    panel, rows, costs = open_panel(config, market, frame, store, days, placebo, spec.seed, anyway)
    show_header(panel, rows)
    long, short = (_signals(panel, replace(params, mode=side), mode)[rows] for side in _SIDES)
    pair = pair_minutes(panel, rows, params.reference)
    with progress_bar("events and matched minutes", 2) as step:
        study = event_study(pair, long, short, spec, step=step)
    cost_bps = round_trip_bps(costs)
    show.show_events(study, params, mode.value)
    for sentence in event_sentences(study, cost_bps):
        say(sentence)
    if out is not None:
        trigger = {each.name: getattr(params, each.name) for each in fields(params)[1:5]}
        write_events(out, panel, study, trigger, cost_bps=cost_bps, command=sys.argv)


def _signals(panel: "Panel", params: "LeadFollowParams", mode: SideMode) -> "Bools":
    """Minutes that trigger one side; none where the other side alone is asked for."""
    import numpy as np

    from strategies.lead_follow.adapter import signals

    if mode.value not in (params.mode, "both"):
        return np.zeros(len(panel), dtype=np.bool_)
    return signals(panel, params)

"""``leadfollow reversion | lead | week``: the three analyses that the user already runs."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sweeps.cli.groups import Overrides, Source
from sweeps.cli.options import (
    ConfigOption,
    FeesOption,
    FillOption,
    FrameOption,
    HoursOption,
    LeadMode,
    LeadModeOption,
    MarketOption,
    MaxAgeOption,
    ModelName,
    ModelOption,
    OverlapOption,
    ReferenceOption,
    StoreOption,
    TouchOption,
)

if TYPE_CHECKING:
    from strategies.lead_follow import LeadFollowParams
    from strategies.registry import Params
    from sweeps.cli.session import Session
    from sweeps.report.week import Analysis

__all__ = ["lead", "reversion", "week"]

EventsOption = Annotated[
    Path | None, typer.Option("--events-out", help="CSV of every trade of the last model shown")
]
EntryOption = Annotated[float, typer.Option("--entry", help="|spread| that opens, percent")]
ExitOption = Annotated[float, typer.Option("--exit", help="|spread| that closes, percent")]
HoldOption = Annotated[int, typer.Option("--max-hold-min", help="Longest hold, minutes")]
GapOption = Annotated[int, typer.Option("--min-gap-min", help="Minutes between entries")]
SpreadOption = Annotated[
    float, typer.Option("--spread-entry", help="Premium (short) or discount (long), percent")
]
WindowOption = Annotated[
    int, typer.Option("--binance-drop-window", help="Binance's move is taken over, minutes")
]
MoveOption = Annotated[
    float, typer.Option("--binance-drop-pct", help="Binance's drop (short) or rise (long), percent")
]
HorizonOption = Annotated[int, typer.Option("--horizon-min", help="Longest hold, minutes")]
TpOption = Annotated[float, typer.Option("--tp", help="Take profit, percent")]
SlOption = Annotated[float, typer.Option("--sl", help="Stop loss, percent")]
CooldownOption = Annotated[
    int, typer.Option("--cooldown-min", help="Minutes between entries of one mode")
]


def reversion(
    entry: EntryOption = 0.08,
    exit: ExitOption = 0.03,  # noqa: A002 (the user's flag is --exit)
    max_hold_min: HoldOption = 60,
    min_gap_min: GapOption = 5,
    hours: HoursOption = None,
    fees_bps: FeesOption = None,
    market: MarketOption = None,
    frame: FrameOption = None,
    store: StoreOption = None,
    config: ConfigOption = None,
    model: ModelOption = None,
    fill: FillOption = None,
    overlap: OverlapOption = None,
    max_age_min: MaxAgeOption = None,
    reference: ReferenceOption = None,
    events_out: EventsOption = None,
) -> None:
    """Spread reversion: both venues against each other until the spread is back.

    Example: leadfollow reversion --hours 12 --entry 0.08 --exit 0.03 --fees-bps 8
    """
    from strategies.reversion import ReversionParams
    from sweeps.cli.session import Session

    params = ReversionParams(entry=entry, exit=exit, max_hold=max_hold_min, min_gap=min_gap_min)
    session = Session.open(
        Source(config=config, market=market, frame=frame, store=store), hours=hours
    )
    overrides = Overrides(fill=fill, overlap=overlap, max_age_min=max_age_min, reference=reference)
    _run(session, [params], model, fees_bps, overrides, events_out)


def lead(
    mode: LeadModeOption = LeadMode.SHORT,
    spread_entry: SpreadOption = 0.08,
    binance_drop_window: WindowOption = 5,
    binance_drop_pct: MoveOption = 0.15,
    horizon_min: HorizonOption = 15,
    tp: TpOption = 0.40,
    sl: SlOption = 0.60,
    cooldown_min: CooldownOption = 10,
    hours: HoursOption = None,
    fees_bps: FeesOption = None,
    market: MarketOption = None,
    frame: FrameOption = None,
    store: StoreOption = None,
    config: ConfigOption = None,
    model: ModelOption = None,
    fill: FillOption = None,
    touch: TouchOption = None,
    overlap: OverlapOption = None,
    max_age_min: MaxAgeOption = None,
    reference: ReferenceOption = None,
    events_out: EventsOption = None,
) -> None:
    """Lead/follow: Binance has moved, dYdX still trades at a premium or discount.

    Example: leadfollow lead --hours 12 --mode short --spread-entry 0.08
    --binance-drop-window 5 --binance-drop-pct 0.15 --horizon-min 15 --tp 0.40 --sl 0.60
    --fees-bps 8
    """
    from strategies.lead_follow import LeadFollowParams
    from sweeps.cli.session import Session

    params = LeadFollowParams(
        spread_entry=spread_entry,
        window=binance_drop_window,
        move_pct=binance_drop_pct,
        horizon=horizon_min,
        tp=tp,
        sl=sl,
        cooldown=cooldown_min,
    )
    session = Session.open(
        Source(config=config, market=market, frame=frame, store=store), hours=hours
    )
    overrides = Overrides(
        fill=fill, touch=touch, overlap=overlap, max_age_min=max_age_min, reference=reference
    )
    _run(session, _sides(params, mode), model, fees_bps, overrides, events_out)


def week(
    days: Annotated[float, typer.Option("--days", help="Only the last so many days")] = 7.0,
    mode: LeadModeOption = LeadMode.BOTH,
    out: Annotated[Path | None, typer.Option("--out", help="JSON file to write")] = None,
    entry: EntryOption = 0.08,
    exit: ExitOption = 0.03,  # noqa: A002 (the user's flag is --exit)
    spread_entry: SpreadOption = 0.08,
    binance_drop_window: WindowOption = 5,
    binance_drop_pct: MoveOption = 0.15,
    horizon_min: HorizonOption = 15,
    tp: TpOption = 0.40,
    sl: SlOption = 0.60,
    cooldown_min: CooldownOption = 10,
    max_hold_min: HoldOption = 60,
    min_gap_min: GapOption = 5,
    fees_bps: FeesOption = None,
    market: MarketOption = None,
    frame: FrameOption = None,
    store: StoreOption = None,
    config: ConfigOption = None,
    model: ModelOption = None,
    fill: FillOption = None,
    touch: TouchOption = None,
    overlap: OverlapOption = None,
    max_age_min: MaxAgeOption = None,
    reference: ReferenceOption = None,
) -> None:
    """The weekly look: spread distribution, reversion, lead/follow; all segments into JSON.

    Example: leadfollow week --days 7 --mode both --out backtest_results/week.json
    """
    from research.atomic import write_json
    from strategies.lead_follow import LeadFollowParams
    from strategies.reversion import ReversionParams
    from sweeps.cli.backtest.show import show_spread
    from sweeps.cli.session import Session
    from sweeps.cli.terminal import say
    from sweeps.report.week import week_json

    back = ReversionParams(entry=entry, exit=exit, max_hold=max_hold_min, min_gap=min_gap_min)
    follow = LeadFollowParams(
        spread_entry=spread_entry,
        window=binance_drop_window,
        move_pct=binance_drop_pct,
        horizon=horizon_min,
        tp=tp,
        sl=sl,
        cooldown=cooldown_min,
    )
    sets = [back, *_sides(follow, mode)]
    session = Session.open(
        Source(config=config, market=market, frame=frame, store=store), hours=days * 24
    )
    show_spread(session.panel, session.rows)
    overrides = Overrides(
        fill=fill, touch=touch, overlap=overlap, max_age_min=max_age_min, reference=reference
    )
    analyses = _run(session, sets, model, fees_bps, overrides, None, per_segment=True)
    if out is not None:
        write_json(out, week_json(session.panel, session.rows, analyses, sys.argv))
        say(f"wrote {out}")


def _sides(params: "LeadFollowParams", mode: LeadMode) -> "list[Params]":
    names = ("short", "long") if mode is LeadMode.BOTH else (mode.value,)
    return [replace(params, mode=name) for name in names]  # type: ignore[arg-type]  # checked there


def _run(
    session: "Session",
    sets: "list[Params]",
    model: ModelName | None,
    fees_bps: float | None,
    overrides: Overrides,
    events_out: Path | None,
    *,
    per_segment: bool = False,
) -> "list[Analysis]":
    """Every parameter set in every model: printed, and the trades written where asked for."""
    from sweeps.cli.backtest.show import show_analysis, show_header
    from sweeps.cli.session import choose_models
    from sweeps.report.week import analyse

    models = choose_models(session.settings, name=model, fees_bps=fees_bps, overrides=overrides)
    show_header(session.panel, session.rows)
    analyses = [analyse(session.panel, params, models, session.rows) for params in sets]
    for analysis in analyses:
        show_analysis(analysis, per_segment=per_segment)
    if events_out is not None:
        _write_events(analyses, events_out)
    return analyses


def _write_events(analyses: "list[Analysis]", path: Path) -> None:
    import pandas as pd

    from research.atomic import write_text
    from sweeps.cli.terminal import say

    model = analyses[0].models[-1].name
    tables = [analysis.results[model].events() for analysis in analyses]
    table = pd.concat(tables, ignore_index=True).sort_values("entry_time", kind="stable")
    write_text(path, table.to_csv(index=False, lineterminator="\n"))
    say(f"wrote {path}: {len(table):,} trades of the {model} model")

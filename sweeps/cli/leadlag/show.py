"""Tables of ``leadlag`` and ``events``."""

from collections.abc import Sequence
from math import isnan

from rich.table import Table

from research.leadlag.correction import Correction
from research.leadlag.event_paths import Band, Outcome
from research.leadlag.event_study import EventStudy
from research.leadlag.lag import LeadLag, SegmentLag
from strategies.lead_follow import LeadFollowParams
from sweeps.cli.terminal import console, say

__all__ = ["show_events", "show_lead"]

_NEAR = 3  # minutes of the curve that the terminal shows; files and pictures have all


def show_lead(found: LeadLag) -> None:
    """The curve around the same minute, then segments, predictions, days, second opinion."""
    say(f"both venues traded in {found.both:,} of {found.minutes:,} minutes")
    _show_curve(found.overall)
    _show_segments(found.segments)
    _show_predictions(found.overall)
    known = [each for each in found.windows if not each.reason]
    days = found.spec.window_min / 1440
    say(
        f"windows of {days:g} days: {len(known)} of {len(found.windows)} measured; the band of the "
        f"ratio lies above 1 in {sum(each.ratio_low > 1 for each in known)}, below 1 in "
        f"{sum(each.ratio_high < 1 for each in known)}"
    )
    other = found.cointegration
    say(
        f"second opinion (statsmodels, {other.minutes:,} minutes, {other.lags} lags by BIC): "
        f"long-run vector {other.vector:+.4f} +- {other.vector_error:.4f} (taken as given: -1), "
        f"trace {other.trace:.1f} (above {other.trace_95:.1f} they hang together)"
    )


def show_events(study: EventStudy, params: LeadFollowParams, mode: str) -> None:
    """Outcomes by horizon beside matched minutes, then by segment."""
    say(
        f"{study.events} triggers ({study.longs} long) on {study.days} days: {mode}, "
        f"{params.reference} spread >= {params.spread_entry:g} %, Binance {params.move_pct:g} % in "
        f"{params.window} min; {study.matched} matched minutes"
    )
    table = Table(title="the gap after so many minutes (moves in bps of the trade's direction)")
    columns = ("min", "", "n", "gone %", "halved %", "closed", "before fill", "after fill")
    for name in (*columns, "Binance", "dYdX %"):
        table.add_column(name, justify="right", no_wrap=True)
    for event, quiet in zip(study.event_outcomes, study.matched_outcomes, strict=True):
        table.add_row(f"{event.horizon}", "trigger", *_outcome(event))
        table.add_row("", "matched", *_outcome(quiet), style="dim")
    console.print(table)
    _show_event_segments(study)


def _show_curve(overall: SegmentLag) -> None:
    table = Table(title="dYdX so many minutes later: correlation [95 % band]")
    for name in ("shift", "cross-correlation", "HRY contrast"):
        table.add_column(name, justify="right")
    assert overall.correlation is not None  # noqa: S101 (the whole span is measured or refused)
    assert overall.contrast is not None  # noqa: S101
    for k, shift in enumerate(overall.contrast.shift.tolist()):
        if abs(shift) <= _NEAR:
            cells = [
                f"{curve.value[k]:+.4f} [{curve.low[k]:+.4f}, {curve.high[k]:+.4f}]"
                for curve in (overall.correlation, overall.contrast)
            ]
            table.add_row(f"{shift:+d}" if shift else "0", *cells)
    console.print(table)


def _show_segments(segments: Sequence[SegmentLag]) -> None:
    table = Table(title="by segment (Binance, dYdX: percent of a gap that each closes in a minute)")
    columns = ("segment", "minutes", "best shift", "lead-lag ratio", "Binance (t)", "dYdX (t)")
    for name in (*columns, "component share", "info share"):
        table.add_column(name, justify="right", no_wrap=True)
    short = []
    for each in segments:
        if each.contrast is None or each.correction is None:
            short.append(f"  {each.segment.name}: {each.reason}")
            continue
        curve, gap = each.contrast, each.correction
        table.add_row(
            each.segment.name,
            f"{each.minutes:,}",
            f"{curve.best_shift:+d}" if curve.best_shift else "0",
            f"{curve.ratio:.2f} [{curve.ratio_low:.2f}, {curve.ratio_high:.2f}]",
            f"{100 * gap.lead_speed:+.1f} ({gap.lead_speed_t:+.1f})",
            f"{-100 * gap.follow_speed:+.1f} ({-gap.follow_speed_t:+.1f})",
            *_shares(gap),
        )
    console.print(table)
    say("  shares: Binance's; - where no venue closes gaps measurably, so that none has a share")
    for line in short:
        say(line)


def _show_predictions(overall: SegmentLag) -> None:
    table = Table(title="dYdX's next return on the gap and on Binance's last move (Newey-West)")
    columns = ("minutes", "from", "gap slope", "p", "lead slope", "p", "R2 %", "bps a std of gap")
    for name in columns:
        table.add_column(name, justify="right")
    for each in overall.predictions:
        table.add_row(
            f"{each.horizon}",
            each.start.replace("_", " "),
            f"{each.gap_slope:+.3f} +- {each.gap_error:.3f}",
            f"{each.gap_p:.2g}",
            f"{each.lead_slope:+.3f} +- {each.lead_error:.3f}",
            f"{each.lead_p:.2g}",
            f"{each.r2 * 100:.2f}",
            f"{each.gap_bps:+.2f}",
            style="dim" if each.start == "close" else None,
        )
    console.print(table)
    say("  from the close: not tradable, a stray print reverts all by itself; shown to compare")


def _show_event_segments(study: EventStudy) -> None:
    table = Table(title=f"after {study.spec.horizon} minutes, by segment (bps)")
    for name in (
        "segment",
        "triggers",
        "days",
        "dYdX after the fill",
        "matched",
        "closed",
        "gone %",
    ):
        table.add_column(name, justify="right")
    short = []
    for each in study.segments:
        if each.event is None or each.matched is None:
            short.append(each.segment.name)
            continue
        table.add_row(
            each.segment.name,
            f"{each.events}",
            f"{each.days}",
            _band(each.event.after_fill_bps),
            _band(each.matched.after_fill_bps),
            f"{each.event.closed_bps.value:+.2f}",
            f"{each.event.compress.value * 100:.0f}",
        )
    console.print(table)
    if short:
        say(f"  too few triggers or days for a band: {', '.join(short)}")


def _shares(gap: Correction) -> tuple[str, str]:
    if not gap.is_identified:
        return "-", "-"
    return (
        f"{gap.component_share:.2f} [{gap.component_low:.1f}, {gap.component_high:.1f}]",
        f"{gap.info_low:.2f} .. {gap.info_high:.2f}",
    )


def _outcome(found: Outcome) -> tuple[str, ...]:
    share = found.follow_share
    return (
        f"{found.events}",
        f"{found.compress.value * 100:.0f}",
        f"{found.halved.value * 100:.0f}",
        _band(found.closed_bps),
        f"{found.before_fill_bps.value:+.2f}",
        _band(found.after_fill_bps),
        f"{found.lead_bps.value:+.2f}",
        "-" if isnan(share.value) else f"{share.value * 100:.0f}",
    )


def _band(found: Band) -> str:
    return f"{found.value:+.2f} [{found.low:+.1f}, {found.high:+.1f}]"

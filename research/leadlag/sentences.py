"""What was found, in a few plain sentences: the same in the terminal, in files and in pictures."""

from math import isfinite

from research.leadlag.event_study import EventStudy
from research.leadlag.lag import LeadLag
from research.leadlag.shifts import ShiftCurve

__all__ = ["event_sentences", "lead_sentences"]


def lead_sentences(found: LeadLag) -> tuple[str, ...]:
    """Same minute or later; who leads beside it; who closes the gap; what that foretells."""
    curve, correction = found.overall.contrast, found.overall.correction
    assert curve is not None  # noqa: S101 (the whole span is measured or refused)
    assert correction is not None  # noqa: S101
    last = [each for each in found.overall.predictions if each.start == "next_open"][-1]
    closing = (
        f"Of a gap Binance closes {correction.lead_speed:.1%} a minute "
        f"(t {correction.lead_speed_t:+.1f}), dYdX {-correction.follow_speed:.1%} "
        f"(t {-correction.follow_speed_t:+.1f})"
    )
    shares = (
        f"; Binance makes {correction.info_low:.0%} to {correction.info_high:.0%} of the common "
        f"price ({correction.info_low_band:.0%} to {correction.info_high_band:.0%} with the error)."
        if correction.is_identified
        else ": not told apart from nothing, so there are no shares of it to speak of."
    )
    return (
        _when(curve),
        _who(curve),
        closing + shares,
        f"From the next open, {last.horizon} minutes on, a gap of one standard deviation foretells "
        f"{last.gap_bps:+.2f} bps of dYdX (p {last.gap_p:.2g}), a move of Binance of one "
        f"{last.lead_bps:+.2f} bps (p {last.lead_p:.2g}); costs come on top.",
    )


def event_sentences(study: EventStudy, cost_bps: float) -> tuple[str, ...]:
    """What a trigger was worth before costs, and what Binance's coming back took of it."""
    at = next(each for each in study.event_outcomes if each.horizon == study.spec.horizon)
    quiet = next(each for each in study.matched_outcomes if each.horizon == at.horizon)
    paid = at.after_fill_bps
    gap, now = 100 * study.event_paths.gap[0], study.spec.before
    if paid.low > cost_bps:
        claim = f"above the {cost_bps:g} bps that a round trip costs"
    elif paid.high < cost_bps:
        claim = f"below the {cost_bps:g} bps that a round trip costs: nothing is earned"
    else:
        claim = f"the {cost_bps:g} bps that a round trip costs lie within the band"
    return (
        f"{at.horizon} minutes after a trigger dYdX had gone {paid.value:+.2f} bps the trade's way "
        f"from the next open on ({paid.low:+.2f} .. {paid.high:+.2f}), in matched minutes "
        f"{quiet.after_fill_bps.value:+.2f}; {claim}.",
        f"{at.compress.value:.0%} of the gap was gone ({at.compress.low:.0%} .. "
        f"{at.compress.high:.0%}): {at.before_fill_bps.value:+.2f} bps by dYdX before an order "
        f"could be filled, {paid.value:+.2f} by dYdX after it, {at.lead_bps.value:+.2f} by Binance "
        "coming back.",
        f"The gap was {gap[now]:.1f} bps at the trigger and {gap[0]:.1f} already "
        f"{study.spec.before} minutes before: only the difference is new.",
        f"Half of it was gone at some minute for {at.halved.value:.0%} of triggers"
        + (f" (half of them within {at.half_min:g} minutes)" if isfinite(at.half_min) else "")
        + f"; a move as large happened in {quiet.halved.value:.0%} of matched minutes.",
    )


def _when(curve: ShiftCurve) -> str:
    value = float(curve.value[curve.shift == curve.best_shift][0])
    sure = f"correlation {value:.3f}, the best shift in {curve.best_share:.0%} of resamples"
    if curve.best_shift == 0:
        return f"What both venues do, they do mostly in the same minute ({sure})."
    later, first = ("dYdX", "Binance") if curve.best_shift > 0 else ("Binance", "dYdX")
    return f"{later} does {abs(curve.best_shift)} minutes later what {first} did ({sure})."


def _who(curve: ShiftCurve) -> str:
    ratio = (
        f"lead-lag ratio {curve.ratio:.2f}, band {curve.ratio_low:.2f} .. {curve.ratio_high:.2f}"
    )
    if curve.ratio_low > 1:
        return f"Beside that minute Binance leads ({ratio})."
    if curve.ratio_high < 1:
        return f"Beside that minute dYdX leads ({ratio})."
    return f"At whole minutes neither venue leads ({ratio}: it holds 1)."

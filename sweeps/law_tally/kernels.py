"""The loops of the plain road: a law run for every set, its trades booked by segment."""

from typing import Any, NamedTuple

from research.arrays import Floats, Ints, Records
from research.jit import kernel
from strategies.law.minute import Desk, Minutes
from strategies.law.position import Rules
from strategies.lead_follow.kernel import LeadTerms
from strategies.lead_follow.kernel import run as run_lead
from strategies.reversion.kernel import ReversionTerms
from strategies.reversion.kernel import run as run_reversion
from sweeps.tally import EVENTS, FIRST_REASON, HOLD, WINS

__all__ = ["Part", "book", "tally_lead", "tally_reversion"]


class Part(NamedTuple):
    """What one chunk of sets adds to the tally; the first axis is the set."""

    counts: Any  # int64, (sets, segments, COUNTS)
    sums: Any  # float64, (sets, segments, SUMS)
    worst: Any  # float64, (sets, segments), +inf without events


@kernel
def tally_lead(
    minutes: Minutes,
    leads: Floats,
    terms: LeadTerms,
    sets: Records,
    segments: Ints,
    desk: Desk,
    part: Part,
) -> None:
    """Runs the law of lead/follow for every set; ``leads``: one row a window, (windows, n)."""
    for i in range(len(sets)):
        one = sets[i]
        its_terms = LeadTerms(
            terms.side,
            one["move_pct"],
            one["spread_entry"],
            one["tp"],
            one["sl"],
            terms.touches_intrabar,
            timed(terms.rules, one),
        )
        trades = run_lead(with_lead(minutes, leads[one["lead_row"]]), its_terms, desk)
        book(trades, segments, part.counts[i], part.sums[i], part.worst[i])


@kernel
def tally_reversion(
    minutes: Minutes,
    terms: ReversionTerms,
    sets: Records,
    segments: Ints,
    desk: Desk,
    part: Part,
) -> None:
    """Runs the law of spread reversion for every set."""
    for i in range(len(sets)):
        one = sets[i]
        its_terms = ReversionTerms(one["entry"], one["exit"], timed(terms.rules, one))
        trades = run_reversion(minutes, its_terms, desk)
        book(trades, segments, part.counts[i], part.sums[i], part.worst[i])


@kernel
def with_lead(minutes: Minutes, lead: Floats) -> Minutes:
    """``minutes`` with Binance's return over another window."""
    return Minutes(
        minutes.dydx_open,
        minutes.dydx_high,
        minutes.dydx_low,
        minutes.dydx_close,
        minutes.binance_open,
        minutes.binance_close,
        minutes.spread,
        lead,
        minutes.is_comparable,
        minutes.is_allowed,
        minutes.funding_rate,
    )


@kernel
def timed(rules: Rules, one: Any) -> Rules:
    """``rules`` with the horizon and cooldown of one set."""
    return Rules(
        rules.legs,
        int(one["horizon"]),
        int(one["cooldown"]),
        rules.fills_at_close,
        rules.overlap,
        rules.fees_pct,
        rules.slippage_pct,
        rules.pays_funding,
        rules.expiry_reason,
    )


@kernel
def book(trades: Any, segments: Ints, counts: Ints, sums: Floats, worst: Floats) -> None:
    """Adds trades to the segments of their entries; the first axis is the segment."""
    for k in range(len(trades)):
        trade = trades[k]
        net = trade["net_pct"]
        for segment in segments[trade["entry"]]:
            if segment < 0:
                continue
            counts[segment, EVENTS] += 1
            counts[segment, WINS] += net > 0
            counts[segment, FIRST_REASON + trade["reason"]] += 1
            counts[segment, HOLD] += trade["exit"] - trade["entry"]
            sums[segment, 0] += net
            sums[segment, 1] += net * net
            sums[segment, 2] += trade["gross_pct"]
            worst[segment] = min(worst[segment], net)

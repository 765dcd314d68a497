"""Sentences say what the numbers say, and no more: every claim turns where its band turns."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from research.features.labels import Segment
from research.leadlag.correction import Correction
from research.leadlag.event_paths import Band, Outcome
from research.leadlag.lag import SegmentLag
from research.leadlag.prediction import Prediction
from research.leadlag.sentences import event_sentences, lead_sentences
from research.leadlag.shifts import ShiftCurve

SHIFTS = np.arange(-2, 3)
CURVE = ShiftCurve(
    shift=SHIFTS,
    value=np.array([0.0, 0.1, 0.8, 0.3, 0.0]),
    low=np.full(5, -0.1),
    high=np.full(5, 0.9),
    pairs=1000,
    best_shift=0,
    best_share=1.0,
    ratio=1.5,
    ratio_low=1.2,
    ratio_high=1.9,
)
CORRECTION = Correction(
    minutes=1000,
    lags=5,
    lead_speed=0.012,
    lead_speed_t=1.1,
    follow_speed=-0.21,
    follow_speed_t=-6.4,
    total_speed=0.222,
    total_low=0.15,
    total_high=0.3,
    shock_correlation=0.6,
    component_share=0.95,
    component_low=0.8,
    component_high=1.1,
    info_low=0.55,
    info_high=0.9,
    info_low_band=0.4,
    info_high_band=0.97,
)
FORETOLD = Prediction(
    horizon=15,
    start="next_open",
    minutes=900,
    gap_slope=-0.5,
    gap_error=0.1,
    gap_p=0.001,
    lead_slope=0.2,
    lead_error=0.1,
    lead_p=0.04,
    r2=0.02,
    gap_bps=-1.25,
    lead_bps=0.5,
)


def lead(curve: ShiftCurve = CURVE, correction: Correction = CORRECTION) -> tuple[str, ...]:
    at_close = replace(FORETOLD, start="close", gap_bps=-99.0)
    earlier = replace(FORETOLD, horizon=5, gap_bps=-77.0)
    overall = SegmentLag(
        segment=Segment(),
        minutes=1000,
        contrast=curve,
        correction=correction,
        predictions=(earlier, FORETOLD, at_close),
    )
    found: Any = SimpleNamespace(overall=overall)
    return lead_sentences(found)


@pytest.mark.parametrize(
    ("best", "said"),
    [
        (0, "What both venues do, they do mostly in the same minute (correlation 0.800, "),
        (1, "dYdX does 1 minutes later what Binance did (correlation 0.300, "),
        (-1, "Binance does 1 minutes later what dYdX did (correlation 0.100, "),
        (2, "dYdX does 2 minutes later what Binance did (correlation 0.000, "),
    ],
)
def test_the_later_venue_is_the_one_that_follows(best: int, said: str) -> None:
    curve = replace(CURVE, best_shift=best, best_share=0.62)
    assert lead(curve)[0] == f"{said}the best shift in 62% of resamples)."


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (1.01, 2.0, "Beside that minute Binance leads (lead-lag ratio 1.50, band 1.01 .. 2.00)."),
        (0.4, 0.99, "Beside that minute dYdX leads (lead-lag ratio 1.50, band 0.40 .. 0.99)."),
        (
            1.0,
            2.0,
            "At whole minutes neither venue leads (lead-lag ratio 1.50, band 1.00 .. 2.00: ",
        ),
        (
            0.4,
            1.0,
            "At whole minutes neither venue leads (lead-lag ratio 1.50, band 0.40 .. 1.00: ",
        ),
        (np.nan, np.nan, "At whole minutes neither venue leads (lead-lag ratio 1.50, band nan"),
    ],
)
def test_a_venue_leads_only_where_the_whole_band_says_so(
    low: float, high: float, said: str
) -> None:
    assert lead(replace(CURVE, ratio_low=low, ratio_high=high))[1].startswith(said)


def test_who_closes_the_gap_is_told_with_the_sign_of_closing() -> None:
    assert lead()[2] == (
        "Of a gap Binance closes 1.2% a minute (t +1.1), dYdX 21.0% (t +6.4); Binance makes 55% to "
        "90% of the common price (40% to 97% with the error)."
    )


@pytest.mark.parametrize("low", [0.0, -0.1])
def test_a_correction_that_may_be_nothing_has_no_shares(low: float) -> None:
    said = lead(correction=replace(CORRECTION, total_low=low))[2]
    assert said.endswith(
        "(t +6.4): not told apart from nothing, so there are no shares of it to speak of."
    )
    assert "common price" not in said


def test_the_forecast_is_the_longest_from_the_next_open() -> None:
    assert lead()[3] == (
        "From the next open, 15 minutes on, a gap of one standard deviation foretells -1.25 bps of "
        "dYdX (p 0.001), a move of Binance of one +0.50 bps (p 0.04); costs come on top."
    )


OUTCOME = Outcome(
    horizon=30,
    events=80,
    compress=Band(0.7, 0.6, 0.8),
    halved=Band(0.9, 0.8, 1.0),
    half_min=4.0,
    closed_bps=Band(7.0, 6.0, 8.0),
    before_fill_bps=Band(2.0, 1.0, 3.0),
    after_fill_bps=Band(4.0, 3.0, 5.0),
    lead_bps=Band(1.0, 0.5, 1.5),
    follow_share=Band(0.8, 0.7, 0.9),
    paid_share=Band(0.5, 0.4, 0.6),
)


def events(cost_bps: float = 10.0, **changes: Any) -> tuple[str, ...]:
    event = replace(OUTCOME, **changes)
    quiet = replace(OUTCOME, after_fill_bps=Band(-0.25, -1.0, 1.0), halved=Band(0.3, 0.2, 0.4))
    other = replace(OUTCOME, horizon=5, after_fill_bps=Band(99.0, 98.0, 100.0))
    mean = np.array([0.02, 0.05, 0.10, 0.04])  # percent, from two minutes before
    study: Any = SimpleNamespace(
        spec=SimpleNamespace(horizon=30, before=2),
        event_outcomes=(other, event),
        matched_outcomes=(quiet, other),
        event_paths=SimpleNamespace(gap=(mean, mean - 9, mean + 9)),
    )
    return event_sentences(study, cost_bps)


@pytest.mark.parametrize(
    ("cost", "claim"),
    [
        (2.99, "above the 2.99 bps that a round trip costs."),
        (3.0, "the 3 bps that a round trip costs lie within the band."),
        (4.0, "the 4 bps that a round trip costs lie within the band."),
        (5.0, "the 5 bps that a round trip costs lie within the band."),
        (5.01, "below the 5.01 bps that a round trip costs: nothing is earned."),
    ],
)
def test_an_edge_is_claimed_only_where_the_whole_band_is_above_costs(
    cost: float, claim: str
) -> None:
    assert events(cost)[0] == (
        "30 minutes after a trigger dYdX had gone +4.00 bps the trade's way from the next open on "
        f"(+3.00 .. +5.00), in matched minutes -0.25; {claim}"
    )


def test_what_became_of_the_gap_adds_up_to_all_of_it() -> None:
    assert events()[1] == (
        "70% of the gap was gone (60% .. 80%): +2.00 bps by dYdX before an order could be filled, "
        "+4.00 by dYdX after it, +1.00 by Binance coming back."
    )
    parts = (OUTCOME.before_fill_bps, OUTCOME.after_fill_bps, OUTCOME.lead_bps)
    assert sum(part.value for part in parts) == OUTCOME.closed_bps.value


def test_the_gap_that_was_there_before_is_not_called_new() -> None:
    assert events()[2] == (
        "The gap was 10.0 bps at the trigger and 2.0 already 2 minutes before: only the difference "
        "is new."
    )


@pytest.mark.parametrize(
    ("half_min", "said"), [(4.0, " (half of them within 4 minutes);"), (np.inf, "triggers;")]
)
def test_a_median_time_is_told_only_where_most_arrived(half_min: float, said: str) -> None:
    sentence = events(half_min=half_min)[3]
    assert said in sentence
    assert sentence.startswith("Half of it was gone at some minute for 90% of triggers")
    assert sentence.endswith("a move as large happened in 30% of matched minutes.")

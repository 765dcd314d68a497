"""Pictures of leads and events: the info holds the numbers, what is unknown is said."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.text import Text

from research.features.panel import Panel, features
from research.leadlag.event_study import EventSpec, EventStudy, event_study
from research.leadlag.lag import LagSpec, LeadLag, lead_lag
from research.leadlag.minutes import pair_minutes
from research.plots.events import draw_events, events_info
from research.plots.leadlag import draw_lag, lag_info
from strategies.lead_follow import LeadFollowParams
from strategies.lead_follow.adapter import signals
from tests.samples.markets import small_frame


@pytest.fixture(scope="module")
def panel() -> Panel:
    return features(small_frame(edge=3.0, days=8.0))


@pytest.fixture(scope="module")
def lead(panel: Panel) -> LeadLag:
    return lead_lag(panel, spec=LagSpec(max_shift=5, draws=100))


@pytest.fixture(scope="module")
def study(panel: Panel) -> EventStudy:
    sides = [LeadFollowParams(mode=mode, spread_entry=0.04) for mode in ("long", "short")]
    long, short = (signals(panel, params) for params in sides)
    return event_study(pair_minutes(panel), long, short, EventSpec(draws=200))


def words(figure: object) -> str:
    return "\n".join(text.get_text() for text in figure.findobj(Text))


def test_the_picture_of_a_lead_holds_its_numbers(lead: LeadLag) -> None:
    info = lag_info(lead, label="BTC [SYNTHETIC] a .. b")
    assert np.array_equal(info.curves["HRY contrast"].value, lead.overall.contrast.value)
    assert info.segments[0] == "all"
    assert info.segment_ratio.value[0] == lead.overall.contrast.ratio
    assert info.window_start.size == len(lead.windows)
    slope = lead.overall.predictions[0]
    assert info.gap_slopes["next open"].value[0] == slope.gap_slope
    assert info.gap_slopes["next open"].low[0] == slope.gap_slope - 1.96 * slope.gap_error


def test_segments_without_evidence_are_named_not_drawn(lead: LeadLag) -> None:
    cut = replace(
        lead.segments[3], contrast=None, correlation=None, correction=None, reason="too short"
    )
    less = replace(lead, segments=(*lead.segments[:3], cut, *lead.segments[4:]))
    info = lag_info(less, label="x")
    assert "us" not in info.segments
    assert any(note.startswith("Too little evidence for:") and "us" in note for note in info.notes)


def test_a_window_without_evidence_leaves_a_hole(lead: LeadLag) -> None:
    hole = replace(lead.windows[0], ratio=np.nan, ratio_low=np.nan, ratio_high=np.nan)
    info = lag_info(replace(lead, windows=(hole, *lead.windows[1:])), label="x")
    assert np.isnan(info.window_ratio.value[0])
    draw_lag(info).canvas.draw()


def test_the_picture_says_what_was_found(lead: LeadLag, study: EventStudy) -> None:
    drawn = words(draw_lag(lag_info(lead, label="BTC [SYNTHETIC] a .. b", notes=("more",))))
    for part in ("[SYNTHETIC]", "same minute:", "lead-lag ratio", "more"):
        assert part in drawn
    info = events_info(study, cost_bps=12, label="BTC [SYNTHETIC] a .. b")
    drawn = words(draw_events(info))
    for part in ("a round trip costs 12 bps", "Matched random minutes", "[SYNTHETIC]"):
        assert part in drawn


def test_the_picture_of_events_holds_its_numbers(study: EventStudy) -> None:
    info = events_info(study, cost_bps=12, label="x")
    assert f"{study.events} triggers" in info.title
    np.testing.assert_allclose(info.events["dYdX"].value, 100 * study.event_paths.follow[0])
    at = study.event_outcomes[-1]
    assert info.paid.value[-1] == at.after_fill_bps.value
    assert info.parts_bps["Binance came back"][-1] == at.lead_bps.value
    assert info.horizons[-1] == at.horizon


def test_both_paths_are_drawn_on_one_scale(study: EventStudy) -> None:
    figure = draw_events(events_info(study, cost_bps=12, label="x"))
    after, matched = figure.axes[:2]
    assert after.get_ylim() == matched.get_ylim()

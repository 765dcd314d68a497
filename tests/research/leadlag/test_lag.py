"""The whole of it on markets: a planted lead, none, and what carries no claim."""

import numpy as np
import pytest

from research.errors import EvidenceError, ParamError
from research.features.panel import Panel, features
from research.frame.frame import Frame
from research.leadlag.lag import LagSpec, LeadLag, lead_lag, window_slices
from research.leadlag.minutes import pair_minutes
from research.leadlag.sentences import lead_sentences
from tests.samples.markets import small_frame

SPEC = LagSpec(max_shift=8, draws=150)


@pytest.fixture(scope="module")
def planted() -> LeadLag:
    return lead_lag(features(small_frame(edge=3.0, days=10.0)), spec=SPEC)


def changed(days: float = 2.0, **columns: object) -> Panel:
    frame = small_frame(days=days)
    return features(Frame(frame.table.assign(**columns), frame.market, frame.origin))


def test_a_planted_lead_is_found_and_said(planted: LeadLag) -> None:
    overall = planted.overall
    assert overall.contrast.ratio_low > 1
    assert overall.correction.follow_speed_t < -5
    assert abs(overall.correction.lead_speed_t) < 3
    assert overall.correction.info_high > 0.95
    assert overall.predictions[-2].gap_p < 1e-6
    assert "Beside that minute Binance leads" in lead_sentences(planted)[1]


def test_without_one_none_is_said() -> None:
    found = lead_lag(features(small_frame(edge=0.0, days=10.0)), spec=SPEC)
    assert found.overall.contrast.ratio_low < 1
    assert "neither venue leads" in lead_sentences(found)[1]


def test_every_segment_has_numbers_or_a_reason(planted: LeadLag) -> None:
    assert len(planted.segments) == 16
    for each in planted.segments:
        assert (each.contrast is None) == bool(each.reason)
    sessions = sum(each.minutes for each in planted.segments[1:4])
    assert sessions == planted.both


def test_windows_cover_the_span_a_day_each(planted: LeadLag) -> None:
    assert len(planted.windows) == 10
    firsts = [each.first_minute for each in planted.windows]
    assert np.diff(firsts).tolist() == [1440] * 9
    for each in planted.windows:
        assert np.isnan(each.ratio) == bool(each.reason)


def test_a_stump_of_a_window_is_left_out() -> None:
    assert len(window_slices(1440 + 700, SPEC)) == 1
    assert window_slices(1440 + 720, SPEC)[-1] == slice(1440, 2160)


def test_a_seed_gives_the_same_numbers(planted: LeadLag) -> None:
    again = lead_lag(features(small_frame(edge=3.0, days=10.0)), spec=SPEC)
    for one, other in zip(planted.segments, again.segments, strict=True):
        assert repr(one.correction) == repr(other.correction)
        assert one.predictions == other.predictions
    assert repr(planted.windows) == repr(again.windows)


def test_a_flat_candle_without_a_trade_is_no_price() -> None:
    silent = np.arange(2880) % 9 == 0
    table = small_frame(days=2.0).table
    last = table["dydx_close"].shift(1)
    flat = {
        f"dydx_{name}": table[f"dydx_{name}"].where(~silent, last)
        for name in ("open", "high", "low", "close")
    }
    for name in ("volume", "trades"):
        flat[f"dydx_{name}"] = table[f"dydx_{name}"].where(~silent, 0.0)
    missing = {name: table[name].where(~silent) for name in flat}
    one, other = pair_minutes(changed(**flat)), pair_minutes(changed(**missing))
    assert np.array_equal(one.follow, other.follow, equal_nan=True)
    assert np.array_equal(one.has_both, other.has_both)


def test_what_carries_no_claim_is_refused_with_the_reason() -> None:
    with pytest.raises(
        EvidenceError, match=r"both venues traded in 1\d\d minutes; a lead needs 240"
    ):
        lead_lag(features(small_frame()), slice(0, 200), SPEC)
    with pytest.raises(EvidenceError, match=r"900 minutes hold 7\.5 blocks of 120 minutes"):
        lead_lag(features(small_frame()), slice(0, 900), SPEC)
    for venue, name in (("binance", "Binance"), ("dydx", "dYdX")):
        columns = {f"{venue}_{each}": 100.0 for each in ("open", "high", "low", "close")}
        with pytest.raises(EvidenceError, match=f"{name}'s price is the same in all minutes"):
            lead_lag(changed(**columns), spec=SPEC)


def test_a_step_is_called_for_each_segment_and_window() -> None:
    steps: list[int] = []
    lead_lag(features(small_frame()), spec=SPEC, step=lambda: steps.append(1))
    assert len(steps) == 16 + 4


@pytest.mark.parametrize(
    "wrong",
    [{"max_shift": 0}, {"draws": 5}, {"block_min": 1}, {"horizons": ()}, {"seed": -1}],
)
def test_nonsense_is_refused_by_name(wrong: dict[str, object]) -> None:
    with pytest.raises(ParamError, match=f"lead-lag: {next(iter(wrong))} = "):
        LagSpec(**wrong)

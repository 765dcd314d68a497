"""Sessions cover the day, regimes are fitted once, segments have one name each."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.errors import ParamError
from research.features.labels import (
    REGIMES,
    SEGMENTS,
    SESSIONS,
    RegimeEdges,
    Segment,
    segment_name,
    segment_of,
    session_codes,
)

DAY = np.arange(1440, dtype=np.int64)
cuts = st.sets(st.integers(0, 23), min_size=3, max_size=3).map(sorted)


def edges(low: float, high: float) -> RegimeEdges:
    return RegimeEdges(low=low, high=high, fitted_on="elsewhere", is_in_sample=False)


def test_the_default_day_has_three_blocks_of_eight_hours() -> None:
    codes = session_codes(DAY, (0, 8, 16))
    assert [SESSIONS[code] for code in codes[::480]] == ["asia", "europe", "us"]
    assert np.bincount(codes).tolist() == [480, 480, 480]
    assert codes.dtype == np.int64


@given(cuts, st.integers(-3_000_000, 30_000_000))
def test_a_session_runs_from_its_cut_to_the_next_round_the_clock(
    hours: list[int], minute: int
) -> None:
    asia, europe, us = hours
    hour = minute // 60 % 24
    expected = "asia" if asia <= hour < europe else "europe" if europe <= hour < us else "us"
    code = session_codes(np.array([minute]), (asia, europe, us))[0]
    assert SESSIONS[code] == expected


def test_the_minutes_before_the_first_cut_belong_to_the_last_session() -> None:
    codes = session_codes(DAY, (2, 9, 20))
    assert {SESSIONS[code] for code in codes[:120]} == {"us"}


def test_a_value_on_an_edge_belongs_to_the_wilder_side() -> None:
    atr = np.array([0.0, 0.1, 0.15, 0.2, 9.0, np.nan])
    codes = edges(0.1, 0.2).codes(atr)
    assert [REGIMES[code] for code in codes[:5]] == ["calm", "normal", "normal", "wild", "wild"]
    assert codes[5] == -1


def test_edges_are_the_quantiles_of_what_is_known() -> None:
    atr = np.concatenate((np.full(50, np.nan), np.arange(101.0)))
    fitted = RegimeEdges.fit(atr, (0.25, 0.75), fitted_on="a span", is_in_sample=True)
    assert (fitted.low, fitted.high) == (25, 75)
    assert fitted.fitted_on == "a span"


def test_thirds_hold_a_third_each() -> None:
    atr = np.random.default_rng(3).lognormal(size=3000)
    fitted = RegimeEdges.fit(atr, fitted_on="a span", is_in_sample=True)
    assert np.bincount(fitted.codes(atr)).tolist() == [1000, 1000, 1000]


def test_without_any_known_range_every_regime_is_unknown() -> None:
    fitted = RegimeEdges.fit(np.full(5, np.nan), fitted_on="nothing", is_in_sample=True)
    assert np.isnan(fitted.low)
    assert set(fitted.codes(np.array([0.1, np.nan])).tolist()) == {-1}


def test_every_segment_has_a_name_of_its_own_and_is_found_by_it() -> None:
    names = [segment.name for segment in SEGMENTS]
    assert len(set(names)) == 16
    assert names[:5] == ["all", "asia", "europe", "us", "calm"]
    assert [segment_of(name) for name in names] == list(SEGMENTS)
    assert segment_name(None, None) == "all"
    assert segment_name(0, 2) == "asia/wild"


def test_an_unknown_segment_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ParamError, match="segment = 'mars': no such segment; take one of all, asi"):
        segment_of("mars")


def test_segments_part_the_rows_whose_regime_is_known() -> None:
    rng = np.random.default_rng(5)
    session, regime = rng.integers(0, 3, 500), rng.integers(-1, 3, 500)
    pairs = [segment for segment in SEGMENTS if None not in segment]
    sessions = [Segment(session=code) for code in range(3)]
    covered = sum(segment.mask(session, regime).astype(int) for segment in pairs)
    np.testing.assert_array_equal(covered, regime >= 0)
    assert sum(int(segment.mask(session, regime).sum()) for segment in sessions) == 500
    assert Segment().mask(session, regime).all()

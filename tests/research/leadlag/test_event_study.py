"""Around triggers: parts that sum, planted closings, matched minutes of the same kind."""

import numpy as np
import pytest

from research.errors import EvidenceError, ParamError
from research.leadlag.event_paths import event_sample, outcomes
from research.leadlag.event_study import EventSpec, EventStudy, event_study, spaced
from research.leadlag.matching import matched_rows
from research.leadlag.minutes import PairMinutes
from research.leadlag.sentences import event_sentences
from tests.samples.pairs import pair_of

DAYS, EVERY = 8, 240  # minutes between planted events
SPEC = EventSpec(before=10, after=20, horizon=10, draws=300)


def planted(follows: float = 1.0, seed: int = 2) -> tuple[PairMinutes, np.ndarray, np.ndarray]:
    """Binance jumps 20 bps every four hours; dYdX goes ``follows`` of it after 3 minutes."""
    generator = np.random.default_rng(seed)
    n = DAYS * 1440
    steps = generator.standard_normal(n) * 1e-5
    lead, gap = np.cumsum(steps), np.zeros(n)
    long, short = np.zeros((2, n), dtype=np.bool_)
    for k, t in enumerate(range(120, n - 60, EVERY)):
        side = 1 if k % 2 else -1
        gap[t : t + 3] -= side * 20e-4  # dYdX is behind for three minutes
        back = (1 - follows) * side * 20e-4
        lead[t:] += side * 20e-4
        lead[t + 3 :] -= back
        (long if side > 0 else short)[t] = True
    follow = lead + gap
    opened = np.concatenate((follow[:1], follow[:-1]))
    return pair_of(lead, follow, follow_open=opened), long, short


def study(follows: float = 1.0, spec: EventSpec = SPEC) -> EventStudy:
    return event_study(*planted(follows), spec)


@pytest.mark.parametrize("follows", [1.0, 0.5, 0.0])
def test_who_closed_the_gap_is_found(follows: float) -> None:
    found = study(follows)
    at = next(each for each in found.event_outcomes if each.horizon == 10)
    assert at.closed_bps.value == pytest.approx(20, abs=0.3)
    assert at.after_fill_bps.value == pytest.approx(20 * follows, abs=0.6)
    assert at.lead_bps.value == pytest.approx(20 * (1 - follows), abs=0.6)
    assert at.paid_share.value == pytest.approx(follows, abs=0.04)
    assert at.compress.value == pytest.approx(1, abs=0.03)
    assert at.half_min == 3
    assert at.halved.value == 1
    early = found.event_outcomes[1]
    assert early.horizon == 2
    assert early.halved.value == 0
    assert early.half_min == np.inf


def test_the_parts_sum_to_what_was_closed() -> None:
    found = study(0.3)
    for at in (*found.event_outcomes, *found.matched_outcomes):
        parts = at.before_fill_bps.value + at.after_fill_bps.value + at.lead_bps.value
        assert parts == pytest.approx(at.closed_bps.value, abs=1e-9)


def test_matched_minutes_show_nothing() -> None:
    found = study()
    assert found.matched == found.events
    for at in found.matched_outcomes:
        assert abs(at.after_fill_bps.value) < 0.6
        assert at.halved.value == 0
    assert np.nanmax(np.abs(found.matched_paths.follow[0])) < 0.01


def test_matched_minutes_are_of_the_same_kind_and_away_from_triggers() -> None:
    pair, long, short = planted()
    rows = np.flatnonzero(long | short)
    free = np.zeros(len(pair), dtype=np.bool_)
    free[50::97] = True
    found = matched_rows(pair, rows, free, seed=1)
    taken = found[found >= 0]
    assert np.unique(taken).size == taken.size
    assert free[taken].all()
    mine = rows[found >= 0]
    for kind in (pair.session, pair.regime, pair.minute // 60 % 24):
        assert np.array_equal(kind[mine], kind[taken])
    assert not np.array_equal(found, matched_rows(pair, rows, free, seed=2))


def test_where_no_minute_is_left_there_is_no_match() -> None:
    pair, long, _ = planted()
    rows = np.flatnonzero(long)
    assert (matched_rows(pair, rows, np.zeros(len(pair), dtype=np.bool_), seed=1) == -1).all()


def test_long_and_short_are_mirror_images() -> None:
    pair, long, short = planted()
    mirror = pair_of(-pair.lead, -pair.follow, follow_open=-pair.follow_open)
    one, other = event_study(pair, long, short, SPEC), event_study(mirror, short, long, SPEC)
    np.testing.assert_allclose(one.event_paths.follow[0], other.event_paths.follow[0], atol=1e-12)
    assert one.longs == other.events - other.longs


def test_a_silent_minute_is_left_out_of_its_own_offset_only() -> None:
    pair, long, _ = planted()
    rows = np.flatnonzero(long)
    side = np.ones(rows.size, dtype=np.int64)
    pair.follow[rows[0] + 5] = np.nan
    sample = event_sample(pair, rows, side, -pair.gap_pct[rows], before=10, after=20)
    assert np.isnan(sample.follow[0, 15])
    assert np.isnan(sample.follow).sum() == 1
    five, ten = outcomes(sample, [5, 10], 100, 1)
    assert (five.events, ten.events) == (rows.size - 1, rows.size)


def test_triggers_keep_their_distance() -> None:
    mask = np.zeros(50, dtype=np.bool_)
    mask[[3, 4, 12, 13, 14, 30]] = True
    assert spaced(mask, 10).tolist() == [3, 13, 30]
    assert spaced(mask, 0).tolist() == [3, 4, 12, 13, 14, 30]


def test_a_seed_gives_the_same_study() -> None:
    one, other = study(), study()
    assert one.event_paths.gap[1].tobytes() == other.event_paths.gap[1].tobytes()
    assert repr(one.matched_outcomes) == repr(other.matched_outcomes)  # NaN is not itself


def test_few_days_widen_the_band() -> None:
    pair, long, short = planted()
    first = np.arange(len(pair)) < 5 * 1440
    wide = event_study(pair, long & first, short & first, SPEC).event_outcomes[0].after_fill_bps
    near = event_study(pair, long, short, SPEC).event_outcomes[0].after_fill_bps
    assert wide.high - wide.low > near.high - near.low


def test_segments_have_numbers_or_a_reason() -> None:
    for each in study().segments:
        assert (each.event is None) == bool(each.reason)


def test_no_trigger_few_or_one_day_is_refused() -> None:
    pair, _, _ = planted()
    none = np.zeros(len(pair), dtype=np.bool_)
    with pytest.raises(EvidenceError, match="no trigger in 11,520 minutes: lower the move"):
        event_study(pair, none, none, SPEC)
    one_day = none.copy()
    one_day[100:1000:30] = True
    with pytest.raises(EvidenceError, match="30 events on 1 days; a band needs 10 on 5"):
        event_study(pair, one_day, none, SPEC)
    with pytest.raises(EvidenceError, match="no quiet minutes to compare with"):
        event_study(pair, ~none, none, SPEC)


def test_nonsense_is_refused_by_name() -> None:
    with pytest.raises(ParamError, match=r"event study: horizon = 40; must be 2..30 minutes"):
        EventSpec(horizon=40)


@pytest.mark.parametrize(("cost", "claim"), [(5, "above the 5 bps"), (300, "nothing is earned")])
def test_the_sentence_compares_with_costs(cost: float, claim: str) -> None:
    assert claim in event_sentences(study(), cost)[0]

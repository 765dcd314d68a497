"""Long stretches without dYdX trades are found whole, and quiet minutes stay."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.data.quality.exclusions import excluded_minutes, exclusion_lines, find_exclusions
from research.data.tables.schema import MINUTE_MS, candle_table, minutes_ms
from research.settings.frame import FrameSettings

RULE = FrameSettings(halt_min=30, settle_min=5)
HALT_DAY = 1_760_130_000_000  # 2025-10-10T21:00Z


def table(traded: list[bool], *, first_ms: int = HALT_DAY, present: list[bool] | None = None):  # type: ignore[no-untyped-def]
    n = len(traded)
    one = np.ones(n)
    kept = np.array(present if present is not None else [True] * n, dtype=bool)
    minutes = first_ms + MINUTE_MS * np.arange(n)
    columns = dict.fromkeys(("open", "high", "low", "close"), one[kept])
    columns |= {"volume": np.array(traded, dtype=float)[kept]}
    columns |= {"trades": np.array(traded, dtype=float)[kept]}
    return candle_table(minutes[kept], columns)


def test_a_halt_is_listed_with_its_name() -> None:
    traded = [True] * 3 + [False] * 477 + [True] * 20
    (halt,) = find_exclusions(table(traded), RULE)
    assert halt.sentence() == (
        "2025-10-10T21:04Z .. 2025-10-11T05:04Z (481 min): no dYdX trade for 477 min (more than "
        "30); halt of 2025-10-10"
    )


@pytest.mark.parametrize(("quiet", "found"), [(30, 0), (31, 1)])
def test_exactly_the_longest_quiet_stretch_stays(quiet: int, found: int) -> None:
    traded = [True] + [False] * quiet + [True] * 10
    assert len(find_exclusions(table(traded), RULE)) == found


def test_missing_minutes_are_minutes_without_trades() -> None:
    traded = [True] * 100
    present = [True] * 10 + [False] * 60 + [True] * 30
    rule = RULE.model_copy(update={"settle_min": 0})
    (halt,) = find_exclusions(table(traded, present=present), rule)
    assert halt.minutes == 59


def test_a_halt_at_the_end_is_excluded_to_the_end() -> None:
    (halt,) = find_exclusions(table([True] + [False] * 50), RULE)
    assert halt.minutes == 49


def test_nothing_stored_excludes_nothing() -> None:
    assert find_exclusions(table([]), RULE) == ()


def test_volume_tells_where_trades_are_unknown() -> None:
    candles = table([True] + [False] * 50 + [True])
    candles["trades"] = np.nan
    assert len(find_exclusions(candles, RULE)) == 1


def test_a_trade_that_does_not_end_the_silence_is_settled_over() -> None:
    traded = [True] + [False] * 40 + [True] + [False] * 40 + [True] * 60
    halts = find_exclusions(table(traded), RULE.model_copy(update={"settle_min": 50}))
    spans = [((each.first_ms - HALT_DAY) // MINUTE_MS, each.minutes) for each in halts]
    assert spans == [(2, 89), (91, 41)]  # disjoint, the second up to 50 minutes after its trade


def test_long_lists_are_cut_and_silence_is_said() -> None:
    sentences = [f"stretch {number}" for number in range(15)]
    lines = exclusion_lines("more than 30 min", sentences)
    assert lines[0] == "left out by rule (more than 30 min): 15 stretches"
    assert lines[-2:] == ["  stretch 11", "  and 3 more"]
    assert exclusion_lines("r", ["one"]) == ["left out by rule (r): 1 stretch", "  one"]
    assert exclusion_lines("r", []) == ["left out by rule (r): nothing"]
    assert exclusion_lines("", []) == ["left out by rule: not looked for"]


@given(st.lists(st.booleans(), min_size=1, max_size=200), st.integers(2, 40))
def test_long_silences_are_left_out_but_for_their_first_minute(
    traded: list[bool], halt_min: int
) -> None:
    candles = table(traded)
    exclusions = find_exclusions(candles, FrameSettings(halt_min=halt_min, settle_min=0))
    inside = excluded_minutes(minutes_ms(candles.index), exclusions)
    expected, start = [False] * len(traded), 0
    for t, has_traded in enumerate([*traded, True]):
        if has_traded:
            if t - start > halt_min:
                expected[start + 1 : t] = [True] * (t - start - 1)
            start = t + 1
    assert inside.tolist() == expected

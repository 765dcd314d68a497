"""Long stretches without dYdX trades are found whole, and quiet minutes stay."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.data.exclusions import excluded_minutes, find_exclusions
from research.data.schema import MINUTE_MS, candle_table, minutes_ms

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
    (halt,) = find_exclusions(table(traded), halt_min=30)
    assert halt.sentence() == (
        "2025-10-10T21:03Z .. 2025-10-11T05:04Z (482 min): no dYdX trade for 477 min (more than "
        "30); halt of 2025-10-10"
    )


@pytest.mark.parametrize(("quiet", "found"), [(30, 0), (31, 1)])
def test_exactly_the_longest_quiet_stretch_stays(quiet: int, found: int) -> None:
    traded = [True] + [False] * quiet + [True] * 10
    assert len(find_exclusions(table(traded), halt_min=30)) == found


def test_missing_minutes_are_minutes_without_trades() -> None:
    traded = [True] * 100
    present = [True] * 10 + [False] * 60 + [True] * 30
    (halt,) = find_exclusions(table(traded, present=present), halt_min=30, settle_min=0)
    assert halt.minutes == 60


def test_a_halt_at_the_end_is_excluded_to_the_end() -> None:
    (halt,) = find_exclusions(table([True] + [False] * 50), halt_min=30)
    assert halt.minutes == 50


def test_nothing_stored_excludes_nothing() -> None:
    assert find_exclusions(table([]), halt_min=30) == ()


def test_volume_tells_where_trades_are_unknown() -> None:
    candles = table([True] + [False] * 50 + [True])
    candles["trades"] = np.nan
    assert len(find_exclusions(candles, halt_min=30)) == 1


@given(st.lists(st.booleans(), min_size=1, max_size=200), st.integers(2, 40))
def test_every_excluded_minute_lies_in_a_long_quiet_stretch(
    traded: list[bool], halt_min: int
) -> None:
    candles = table(traded)
    exclusions = find_exclusions(candles, halt_min=halt_min, settle_min=0)
    inside = excluded_minutes(minutes_ms(candles.index), exclusions)
    run = longest = 0
    for t, has_traded in enumerate(traded):
        run = 0 if has_traded else run + 1
        longest = max(longest, run)
        assert not (has_traded and inside[t])
    assert inside.any() == (longest > halt_min)

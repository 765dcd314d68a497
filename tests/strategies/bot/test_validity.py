"""How long evidence speaks: a date, and ranges that the evidence itself keeps."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from strategies.bot.validity import (
    LEAST_OUTSIDE,
    FittedRange,
    Validity,
    fit_range,
    is_expired,
    moment_of,
    outside_share,
)
from sweeps.export.fitted import guards_of, validity_of
from sweeps.settings import Settings
from tests.samples.markets import small_panel


def validity(**changes: object) -> Validity:
    found = validity_of(small_panel(), Settings().bot)
    assert found is not None
    return Validity.model_validate(found.model_dump() | changes)


def test_it_ends_days_after_the_last_minute_of_the_evidence() -> None:
    last = small_panel().frame.table.index[-1].to_pydatetime()
    ends = last + timedelta(minutes=1, days=Settings().bot.valid_days)
    assert moment_of(validity().expires_at) == ends
    assert not is_expired(validity(), ends - timedelta(seconds=1))
    assert is_expired(validity(), ends)


@pytest.mark.parametrize(
    "text", ["soon", "2026-01-08", "2026-01-08T00:00", "", "0001-01-01T00:00+14:00"]
)
def test_a_moment_has_a_zone(text: str) -> None:
    with pytest.raises(ValidationError):
        validity(expires_at=text)
    assert moment_of("2026-01-08T02:00+02:00") == datetime(2026, 1, 8, tzinfo=UTC)


def test_no_window_of_the_evidence_leaves_its_own_range() -> None:
    panel, found = small_panel(), validity()
    for name, fitted in found.ranges.items():
        values = panel.column(name)
        for start in range(0, len(values) - found.window_min, 97):
            window = values[start : start + found.window_min]
            if np.isnan(window).mean() < 0.5:
                assert outside_share(window, fitted) <= fitted.max_outside + 1e-12


def test_another_market_leaves_it() -> None:
    panel, found = small_panel(), validity()
    for name in ("atr_pct", "spread_pct"):
        fitted = found.ranges[name]  # type: ignore[index]
        assert outside_share(panel.column(name) * 5 + 1, fitted) > fitted.max_outside
    assert np.isnan(outside_share(np.full(3, np.nan), found.ranges["atr_pct"]))


@given(
    st.lists(st.floats(-1e3, 1e3) | st.just(np.nan), min_size=2, max_size=60),
    st.integers(1, 80),
)
def test_the_worst_window_is_that_of_a_plain_search(values: list[float], window: int) -> None:
    array = np.array(values)
    found = fit_range(array, window)
    known = array[~np.isnan(array)]
    if known.size < 2:
        assert found is None
        return
    assert found is not None
    low, high = np.quantile(known, [0.01, 0.99])
    size, worst = min(window, array.size), 0.0
    for start in range(array.size - size + 1):
        part = array[start : start + size]
        part = part[~np.isnan(part)]
        if part.size >= max(size // 2, 1):
            worst = max(worst, np.mean((part < low) | (part > high)))
    assert found.max_outside == pytest.approx(max(LEAST_OUTSIDE, worst))


@pytest.mark.parametrize(
    "changes",
    [
        {"low": -9.0},
        {"max_outside": 0.0},
        {"max_outside": 1.1},
        {"quantiles": {"0.01": 1.0}},
    ],
)
def test_a_range_that_contradicts_itself_is_refused(changes: dict[str, object]) -> None:
    fitted = validity().ranges["atr_pct"]
    with pytest.raises(ValidationError):
        FittedRange.model_validate(fitted.model_dump() | changes)


def test_volatility_guards_are_those_of_the_evidence() -> None:
    found = guards_of(small_panel(), Settings().bot, 1000.0)
    assert found is not None
    known = small_panel().realized_vol_pct
    assert found.volatility.halt_above == np.nanmax(known)
    assert 0.005 < np.nanmean(known > found.volatility.slow_above) < 0.015
    assert found.min_depth_usdt == 3 * found.order_usdt

"""Spread reversion to the last digit: what crosses, what comes back, which side is taken."""

from typing import Any

import numpy as np
import pytest

from research.outcomes import END, REVERT, TIMEOUT
from strategies.law.minute import Minutes, empty_desk
from strategies.law.position import Rules
from strategies.reversion.kernel import ReversionTerms, run


def trades_of(spread: list[float], *, hold: int = 30, close: bool = True, **columns: Any) -> Any:
    """Trades of a spread series; both venues stand still, so that only the spread decides."""
    n = len(spread)
    flat, yes = np.full(n, 100.0), np.ones(n, np.bool_)
    minutes = Minutes(
        flat, flat, flat, flat, flat, flat, np.array(spread), flat * np.nan, yes, yes, np.zeros(n)
    )._replace(**columns)
    rules = Rules(2, hold, 1, close, False, 0.0, 0.0, False, TIMEOUT)
    return run(minutes, ReversionTerms(0.08, 0.03, rules), empty_desk(rules))


def entries(spread: list[float], **options: Any) -> list[int]:
    return [int(trade["entry"]) for trade in trades_of(spread, **options)]


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_spread_that_is_exactly_the_entry_crosses_it_from_below_only(sign: float) -> None:
    assert entries([0.0, 0.08 * sign, 0.05 * sign]) == [1]
    assert entries([0.0, 0.0799 * sign, 0.05 * sign]) == []
    assert entries([0.08 * sign, 0.09 * sign, 0.09 * sign]) == []  # it was out of line before
    assert entries([0.07 * sign, -0.09 * sign, 0.0]) == [1]  # below on the other side is below


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_dear_venue_is_sold(sign: float) -> None:
    (trade,) = trades_of([0.0, 0.09 * sign, 0.0, 0.0])
    assert trade["side"] == -sign


@pytest.mark.parametrize("back", [0.03, -0.03, 0.0])
def test_a_spread_that_is_exactly_the_exit_is_back(back: float) -> None:
    (trade,) = trades_of([0.0, 0.1, 0.031, back, 0.0, 0.0])
    assert (trade["reason"], trade["exit"]) == (REVERT, 3)


def test_a_spread_that_swings_through_to_the_other_side_is_not_back() -> None:
    (trade,) = trades_of([0.0, 0.1, -0.1, -0.1])
    assert (trade["reason"], trade["exit"]) == (END, 3)


@pytest.mark.parametrize("hold", [1, 2, 3])
def test_what_does_not_come_back_in_time_is_left_at_the_last_minute_of_the_hold(hold: int) -> None:
    (trade,) = trades_of([0.0, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1], hold=hold)
    assert (trade["reason"], trade["exit"]) == (TIMEOUT, 1 + hold)


@pytest.mark.parametrize("unknown", ["before", "now"])
def test_an_unknown_spread_on_either_minute_is_no_crossing(unknown: str) -> None:
    spread = [0.0, np.nan, 0.1] if unknown == "before" else [0.0, 0.05, np.nan]
    assert entries([*spread, 0.09, 0.09]) == []


def test_a_minute_that_is_not_comparable_is_neither_before_nor_now() -> None:
    stale_before = np.array([True, False, True, True, True])
    assert entries([0.0, 0.0, 0.1, 0.1, 0.1], is_comparable=stale_before) == []
    stale_now = np.array([True, True, False, True, True])
    assert entries([0.0, 0.0, 0.1, 0.1, 0.1], is_comparable=stale_now) == []


@pytest.mark.parametrize("venue", ["dydx_close", "binance_close"])
def test_a_minute_without_one_of_both_prices_ends_nothing(venue: str) -> None:
    price = np.array([100.0, 100.0, np.nan, 100.0, 100.0])
    (trade,) = trades_of([0.0, 0.1, 0.0, 0.0, 0.0], **{venue: price})
    assert (trade["reason"], trade["exit"]) == (REVERT, 3)

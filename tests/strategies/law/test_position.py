"""What filling, marking and leaving make of one position, record by record."""

from typing import Any

import numpy as np
import pytest

from strategies.law.position import (
    AT_CLOSE,
    AT_OPEN,
    CLOSED,
    NEVER,
    POSITION,
    WITHIN,
    Rules,
    accrue_funding,
    decide_exit,
    enter,
    leave_at_close,
    leave_at_open,
    leave_within,
    leg_pct,
    mark,
)

ONE_LEG = Rules(1, 10, 1, True, False, 0.08, 0.02, True, 2)
TWO_LEGS = ONE_LEG._replace(legs=2)


def fresh(side: int = 1, **fields: Any) -> Any:
    """A position whose signal was at row 10: nothing filled yet."""
    position = np.zeros(1, POSITION)[0]
    known = {"entry": 10, "exit": NEVER, "entered_at": NEVER, "last_present": 10, "side": side}
    for name, value in (known | fields).items():
        position[name] = value
    return position


def entered(side: int = 1, rules: Rules = ONE_LEG) -> Any:
    """Filled at the close of row 10, at 100 and, of two legs, at 50 on Binance."""
    position = fresh(side)
    enter(position, 11, 100.0, 50.0, rules)
    return position


def test_a_leg_earns_in_percent_of_its_own_entry_price() -> None:
    assert leg_pct(1, 50.0, 51.0) == 2.0
    assert leg_pct(-1, 50.0, 51.0) == -2.0
    assert leg_pct(1, 80.0, 80.0) == leg_pct(-1, 80.0, 80.0) == 0.0


def test_only_two_legged_trades_have_prices_on_binance() -> None:
    for rules, price in ((ONE_LEG, np.nan), (TWO_LEGS, 50.0)):
        position = entered(rules=rules)
        np.testing.assert_equal(position["binance_entry_price"], price)
        mark(position, 11, 101.0, 50.0)
        decide_exit(position, 11, 0)
        leave_at_close(position, rules)
        np.testing.assert_equal(position["binance_exit_price"], price)


def test_marking_moves_a_position_to_the_prices_of_its_row() -> None:
    position = entered()
    mark(position, 17, 102.0, 51.0)
    assert position["last_present"] == 17
    assert (position["last_close"], position["binance_last_close"]) == (102.0, 51.0)


@pytest.mark.parametrize("row", [9, 10, 11])
def test_funding_up_to_the_instant_of_the_entry_is_another_holders(row: int) -> None:
    position = entered()  # at instant 11: the open of row 11 is not after it
    accrue_funding(position, row, 0.001)
    assert position["funding_sum"] == position["funding_ahead"] == 0.0


def test_a_pending_position_pays_no_funding() -> None:
    position = fresh()
    accrue_funding(position, 60, 0.001)
    assert position["funding_sum"] == position["funding_ahead"] == 0.0


def test_rates_of_a_silence_are_paid_only_if_the_position_outlives_it() -> None:
    position = entered()
    mark(position, 19, 100.0, 50.0)
    accrue_funding(position, 20, 0.001)  # the close of row 19 is the open of row 20
    assert (position["funding_sum"], position["funding_ahead"]) == (0.001, 0.0)
    accrue_funding(position, 21, 0.002)  # no price since row 19
    accrue_funding(position, 80, 0.004)
    assert (position["funding_sum"], position["funding_ahead"]) == (0.001, 0.006)
    left = position.copy()
    decide_exit(left, 19, 2)
    assert leave_at_close(left, ONE_LEG) == CLOSED
    assert left["funding_pct"] == pytest.approx(0.1)  # out at the last price, before the rest
    mark(position, 81, 100.0, 50.0)
    assert position["funding_sum"] == pytest.approx(0.007)
    assert position["funding_ahead"] == 0.0


def test_an_exit_at_an_open_pays_what_came_due_in_the_silence_before_it() -> None:
    position = entered()
    mark(position, 19, 100.0, 50.0)
    accrue_funding(position, 60, 0.002)
    decide_exit(position, 19, 2)
    assert leave_at_open(position, 60, 100.0, 50.0, ONE_LEG) == CLOSED
    assert position["funding_pct"] == pytest.approx(0.2)


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("pays", [True, False])
def test_longs_pay_a_positive_rate_and_shorts_receive_it(side: int, pays: bool) -> None:
    rules = ONE_LEG._replace(pays_funding=pays)
    position = entered(side)
    mark(position, 12, 100.0, 50.0)
    accrue_funding(position, 12, 0.0005)
    decide_exit(position, 12, 0)
    leave_at_close(position, rules)
    assert position["funding_pct"] == (side * 0.05 if pays else 0.0)
    assert position["net_pct"] == pytest.approx(-0.08 - 0.02 - side * 0.05 * pays)


def test_an_exit_says_where_in_its_minute_it_was_filled() -> None:
    opened, touched, closed = entered(), entered(), entered()
    for position in (opened, touched, closed):
        position["left_how"] = -1  # a place on the desk remembers who was there before
        mark(position, 15, 102.0, 50.0)
        decide_exit(position, 15, 1)
        assert (position["exit"], position["reason"]) == (15, 1)
    assert leave_at_open(opened, 17, 101.0, 50.0, ONE_LEG) == CLOSED
    assert leave_within(touched, 15, 100.5, ONE_LEG) == CLOSED
    assert leave_at_close(closed, ONE_LEG) == CLOSED
    assert [(p["left_at"], p["left_how"]) for p in (opened, touched, closed)] == [
        (17, AT_OPEN),
        (15, WITHIN),
        (16, AT_CLOSE),  # the close of row 15 is the instant at which row 16 opens
    ]
    assert [p["exit_price"] for p in (opened, touched, closed)] == [101.0, 100.5, 102.0]


@pytest.mark.parametrize("side", [1, -1])
def test_net_is_gross_of_both_legs_less_all_costs(side: int) -> None:
    position = entered(side, TWO_LEGS)
    leave_at_open(position, 12, 102.0, 50.5, TWO_LEGS)
    assert position["gross_pct"] == pytest.approx(side * (2.0 - 1.0))
    assert position["net_pct"] == pytest.approx(side * 1.0 - 0.08 - 0.02)

"""The desk of a law holds every position that can be alive at once, and no law asks for more."""

import numpy as np
import pytest

from strategies.law.minute import START, Bar, Desk, Minutes, empty_desk
from strategies.law.position import (
    AT_CLOSE,
    AT_OPEN,
    CLOSED,
    KEPT,
    NEVER,
    OPEN,
    POSITION,
    TRADE_FIELDS,
    VOID,
    WITHIN,
    Rules,
)
from strategies.lead_follow.kernel import LeadTerms, run, step

ROWS = 60
ROOMY = 4 * ROWS


def rules(horizon: int, cooldown: int, *, overlap: bool, fills_at_close: bool) -> Rules:
    return Rules(
        legs=1,
        horizon=horizon,
        cooldown=cooldown,
        fills_at_close=fills_at_close,
        overlap=overlap,
        fees_pct=0.0,
        slippage_pct=0.0,
        pays_funding=False,
        expiry_reason=0,
    )


def eager_bar(t: int, *, is_silent: bool) -> Bar:
    """A minute that is a signal; a silent one has no price, so that no exit can be filled."""
    price = np.nan if is_silent else 100.0
    return Bar(t, price, price, price, price, 100.0, 100.0, 1.0, -1.0, True, True, 0.0)


def most_alive(terms: LeadTerms, silent_from: int) -> int:
    """The most positions on a desk that can never be full, counting the one just taken."""
    desk = Desk(np.zeros(ROOMY, POSITION), np.zeros(ROOMY, POSITION))
    state, most = START, 0
    for t in range(ROWS):
        state = step(state, eager_bar(t, is_silent=t >= silent_from), terms, desk)
        most = max(most, state.alive, state.ended)
    return most


@pytest.mark.parametrize("fills_at_close", [True, False])
@pytest.mark.parametrize(("horizon", "cooldown"), [(1, 1), (12, 1), (12, 2), (13, 5), (30, 1)])
def test_a_desk_has_room_for_all_positions_that_overlap(
    horizon: int, cooldown: int, fills_at_close: bool
) -> None:
    law = rules(horizon, cooldown, overlap=True, fills_at_close=fills_at_close)
    terms = LeadTerms(-1, 0.1, 0.1, 50.0, 50.0, False, law)
    alive = most_alive(terms, silent_from=ROWS)
    assert alive >= max(horizon // cooldown, 1)  # the market is as eager as a market can be
    assert len(empty_desk(law).positions) >= alive
    assert len(empty_desk(law).closed) >= alive


@pytest.mark.parametrize("fills_at_close", [True, False])
@pytest.mark.parametrize("silent_from", [5, 20, ROWS])
def test_one_position_at_a_time_needs_no_long_desk(silent_from: int, fills_at_close: bool) -> None:
    law = rules(12, 1, overlap=False, fills_at_close=fills_at_close)
    terms = LeadTerms(-1, 0.1, 0.1, 50.0, 50.0, False, law)
    assert 1 <= most_alive(terms, silent_from) <= len(empty_desk(law).positions) <= 8


@pytest.mark.parametrize("rows", [63, 64, 65, 66, 129, 130, 131, 700])
@pytest.mark.parametrize("overlap", [False, True])
def test_no_trade_is_lost_however_many_there_are(rows: int, overlap: bool) -> None:
    """Every minute is a signal and every position lives for one: a trade a minute."""
    price = 100.0 + np.arange(rows + 1)
    flat, yes = np.full(rows + 1, 100.0), np.ones(rows + 1, np.bool_)
    minutes = Minutes(
        price, price, price, price, flat, flat, flat / 100, -flat, yes, yes, np.zeros(rows + 1)
    )
    law = rules(1, 1, overlap=overlap, fills_at_close=True)
    trades = run(minutes, LeadTerms(-1, 0.1, 0.1, 50.0, 50.0, False, law), empty_desk(law))
    np.testing.assert_array_equal(trades["entry"], np.arange(rows))
    np.testing.assert_array_equal(trades["entry_price"], price[:-1])
    np.testing.assert_array_equal(trades["exit_price"], price[1:])


def test_many_positions_that_end_together_are_all_kept() -> None:
    """A desk of 150 leaves in the last minute, more than twice the first room for trades."""
    rows = 150
    flat, yes = np.full(rows + 1, 100.0), np.ones(rows + 1, np.bool_)
    minutes = Minutes(
        flat, flat, flat, flat, flat, flat, flat / 100, -flat, yes, yes, np.zeros(rows + 1)
    )
    law = rules(1000, 1, overlap=True, fills_at_close=True)
    trades = run(minutes, LeadTerms(-1, 0.1, 0.1, 50.0, 50.0, False, law), empty_desk(law))
    np.testing.assert_array_equal(trades["entry"], np.arange(rows))
    assert set(trades["exit"]) == {rows}


def test_a_fresh_state_remembers_no_entry_and_no_spread() -> None:
    assert (START.alive, START.ended, START.last_entry) == (0, 0, NEVER)
    assert np.isnan(START.last_spread)


@pytest.mark.parametrize("cooldown", [1, 80, 10_080])
def test_no_cooldown_holds_back_the_first_minute_of_a_frame(cooldown: int) -> None:
    law = rules(5, cooldown, overlap=False, fills_at_close=True)
    terms = LeadTerms(-1, 0.1, 0.1, 50.0, 50.0, False, law)
    assert step(START, eager_bar(0, is_silent=False), terms, empty_desk(law)).last_entry == 0


def test_fates_and_places_of_a_fill_are_told_apart() -> None:
    assert len({KEPT, OPEN, CLOSED, VOID}) == 4
    assert AT_OPEN < WITHIN < AT_CLOSE  # the order in which they happen within a minute


def test_a_trade_tells_all_of_its_position_but_the_last_fate() -> None:
    assert {*TRADE_FIELDS, "fate"} == set(POSITION.names or ())
    assert "fate" not in TRADE_FIELDS


def test_a_bar_carries_every_column_of_the_minutes_under_its_name() -> None:
    assert Bar._fields == ("t", *Minutes._fields)

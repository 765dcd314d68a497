"""The risk states: every pair of state and cause, calm and time, and what a position does."""

from dataclasses import replace
from typing import Any

import pytest

from research.errors import LiveError
from strategies.live.risk import (
    TRANSITIONS,
    Cause,
    MarketSnapshot,
    RiskMachine,
    RiskMemory,
    RiskState,
    VenueQuote,
)
from strategies.live.risk.market import EMPTY_BOOK
from strategies.live.risk.transitions import ENDINGS
from strategies.live.settings import RiskSettings
from tests.samples.gates import NOW, config, market, quote

CAN, SUSPECT, HALT, ESCAPE = RiskState
LIMITS = config().guards
WARNINGS = {Cause.DIFF_SUSPECT, Cause.ORACLE_UNKNOWN, Cause.ORACLE_WARN}
assert LIMITS is not None


def machine(state: RiskState = CAN, **memory: Any) -> RiskMachine:
    known = RiskMemory(state=state, looked_ms=NOW - 1000, **memory)
    assert LIMITS is not None
    return RiskMachine(LIMITS, RiskSettings(), known)


def of_venue(name: str, changed: VenueQuote) -> MarketSnapshot:
    return replace(market(), **{name: changed})


WRONG = {
    Cause.BINANCE_DISCONNECTED: of_venue("binance", quote(is_connected=False)),
    Cause.DYDX_DISCONNECTED: of_venue("dydx", quote(is_connected=False)),
    Cause.BINANCE_STALE: of_venue("binance", quote(exchange_ms=NOW - 2001)),
    Cause.DYDX_STALE: of_venue("dydx", quote(received_ms=NOW - 2001)),
    Cause.BINANCE_AHEAD: of_venue("binance", quote(exchange_ms=NOW + 501)),
    Cause.DYDX_AHEAD: of_venue("dydx", quote(received_ms=NOW + 501)),
    Cause.BINANCE_EMPTY: of_venue("binance", quote(bids=(), asks=())),
    Cause.DYDX_EMPTY: of_venue("dydx", quote(bids=(), asks=())),
    Cause.BINANCE_ONE_SIDED: of_venue("binance", quote(bids=())),
    Cause.DYDX_ONE_SIDED: of_venue("dydx", quote(asks=())),
    Cause.BINANCE_CROSSED: of_venue("binance", quote(bids=((100_100.0, 1.0),))),
    Cause.DYDX_CROSSED: of_venue("dydx", quote(asks=((99_900.0, 1.0),))),
    Cause.BINANCE_WRONG: of_venue("binance", quote(bids=((float("nan"), 1.0),))),
    Cause.DYDX_WRONG: of_venue("dydx", quote(asks=((100_020.0, 1.0), (100_010.0, 1.0)))),
    Cause.DIFF_SUSPECT: market(dydx=quote(100_300.0), oracle=100_300.0),
    Cause.DIFF_HALT: market(dydx=quote(101_500.0), oracle=101_500.0),
    Cause.ORACLE_UNKNOWN: market(oracle=None),
    Cause.ORACLE_WARN: market(oracle=100_700.0),
    Cause.ORACLE_HALT: market(oracle=101_200.0),
}


def test_every_pair_of_state_and_cause_leads_somewhere() -> None:
    assert set(TRANSITIONS) == {(state, cause) for state in RiskState for cause in Cause}
    sentences = [cause.value for cause in Cause]
    assert len(set(sentences)) == len(sentences)


@pytest.mark.parametrize("cause", list(Cause), ids=lambda cause: cause.name)
@pytest.mark.parametrize("state", list(RiskState))
def test_a_cause_of_the_market_never_lowers_a_state(state: RiskState, cause: Cause) -> None:
    after, order = TRANSITIONS[state, cause], list(RiskState)
    if cause in ENDINGS - {Cause.ESCAPE_TIMEOUT}:
        assert order.index(after) in (order.index(state), order.index(state) - 1)
    else:
        assert order.index(after) >= order.index(state)
        if cause not in ENDINGS:
            assert order.index(after) >= order.index(SUSPECT if cause in WARNINGS else HALT)


@pytest.mark.parametrize("cause", WRONG, ids=lambda cause: cause.name)
@pytest.mark.parametrize("state", list(RiskState))
def test_the_market_shows_every_cause_and_it_moves_every_state(
    state: RiskState, cause: Cause
) -> None:
    reading = machine(state).update(NOW, replace(WRONG[cause], open_positions=1))
    assert reading.causes == (cause,)
    assert reading.previous is state
    assert reading.state is TRANSITIONS[state, cause]


def test_a_machine_starts_in_halt_and_trades_after_calm_time_only() -> None:
    assert LIMITS is not None
    fresh = RiskMachine(LIMITS, RiskSettings())
    states = []
    for second in range(40):
        now_ms = NOW + second * 1000
        states.append(fresh.update(now_ms, market(now_ms)).state)
    settings = RiskSettings()
    halted = states.index(SUSPECT)
    assert halted >= settings.halt_calm_sec
    assert states.index(CAN) - halted >= settings.suspect_calm_sec
    assert set(states[states.index(CAN) :]) == {CAN}


def test_what_raised_a_state_must_fall_well_below_its_limit() -> None:
    """An oracle gap of 0.45 %: under the 0.5 % that warn, over the 0.4 % that release."""
    near = market(oracle=100_000 / 0.9955)
    assert machine(CAN).update(NOW, near).causes == ()
    assert machine(SUSPECT).update(NOW, near).causes == (Cause.ORACLE_WARN,)


def test_calm_counts_from_the_last_cause() -> None:
    tested = machine(SUSPECT, calm_ms=NOW - 4000)
    assert tested.update(NOW, WRONG[Cause.ORACLE_WARN]).state is SUSPECT
    assert tested.update(NOW + 1000, market(NOW + 1000)).state is SUSPECT
    assert tested.update(NOW + 5900, market(NOW + 5900)).state is SUSPECT
    assert tested.update(NOW + 6000, market(NOW + 6000)).state is CAN


def test_an_open_position_in_a_lasting_halt_is_an_escape_until_it_is_closed() -> None:
    tested, wrong = machine(CAN), WRONG[Cause.DYDX_EMPTY]
    states = []
    for second in range(62):
        now_ms = NOW + second * 1000
        states.append(tested.update(now_ms, replace(wrong, open_positions=1)).state)
    assert states[59] is HALT
    assert states[60:] == [ESCAPE, ESCAPE]
    calm = replace(market(NOW + 62_000), open_positions=1)
    assert tested.update(NOW + 62_000, calm).state is ESCAPE
    flat = tested.update(NOW + 63_000, market(NOW + 63_000))
    assert flat.state is HALT
    assert Cause.FLAT in flat.causes


def test_without_a_position_a_halt_is_no_escape() -> None:
    tested, wrong = machine(CAN), WRONG[Cause.DYDX_EMPTY]
    for second in range(200):
        assert tested.update(NOW + second * 1000, wrong).state is HALT


def test_a_clock_that_jumps_halts() -> None:
    back, ahead = NOW - 5000, NOW + 200_000
    assert Cause.CLOCK_BACK in machine().update(back, market(back)).causes
    assert machine().update(ahead, market(ahead)).causes == (Cause.UNWATCHED,)


def test_nothing_heard_yet_is_a_halt() -> None:
    reading = machine().update(NOW, market(binance=EMPTY_BOOK, dydx=EMPTY_BOOK))
    assert reading.state is HALT
    assert {Cause.BINANCE_EMPTY, Cause.DYDX_DISCONNECTED} <= set(reading.causes)


def test_a_memory_comes_back_as_it_was_and_a_foreign_one_is_refused() -> None:
    memory = RiskMemory(state=SUSPECT, looked_ms=1.5, calm_ms=0.25)
    assert RiskMemory.of(memory.to_dict()) == memory
    for raw in ({}, {"state": "FINE"}, {"state": "HALT", "other": 1}):
        with pytest.raises(LiveError, match="start without it"):
            RiskMemory.of(raw)

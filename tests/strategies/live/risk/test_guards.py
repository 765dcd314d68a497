"""Black-swan guards: when they slow down, when they halt, and the way back."""

import math

import pytest

from research.errors import LiveError
from strategies.live.risk import GuardMemory, Guards, GuardVerdict
from strategies.live.settings import RiskSettings
from tests.samples.gates import config

DAY_MS = 86_400_000
START = 20_000.0 * DAY_MS


def guards(**changes: object) -> Guards:
    limits = config(guards=changes).guards
    assert limits is not None
    return Guards(limits, RiskSettings())


def check(
    tested: Guards,
    now_ms: float = START,
    vol: float = 0.05,
    depth: float = 1e6,
    positions: int = 0,
) -> GuardVerdict:
    return tested.check(now_ms, realized_vol_pct=vol, depth_usdt=depth, open_positions=positions)


def names(verdict: GuardVerdict) -> list[str]:
    return [stop.guard for stop in verdict.stops]


def test_a_calm_day_lets_everything_pass() -> None:
    assert check(guards()) == (1.0, ())


def test_losses_in_a_row_slow_down_then_halt_then_let_back_slowly() -> None:
    """Five at most: slow from three, an hour of halt at five, then slow; a sixth halts again."""
    tested, sizes = guards(max_daily_loss_usdt=1e9), []
    for _ in range(5):
        sizes.append(check(tested).size_factor)
        tested.closed(START, -1.0)
    assert sizes == [1.0, 1.0, 1.0, 0.5, 0.5]
    assert check(tested).size_factor == 0.0
    assert check(tested, START + 59 * 60_000).size_factor == 0.0
    after = START + 60 * 60_000
    assert check(tested, after).size_factor == 0.5
    tested.closed(after, -1.0)
    assert check(tested, after).size_factor == 0.0
    tested.closed(after + 2 * 3_600_000, 5.0)
    assert check(tested, after + 2 * 3_600_000) == (1.0, ())


def test_a_trade_that_earned_nothing_is_no_loss_and_ends_no_row() -> None:
    tested = guards(max_daily_loss_usdt=1e9)
    for net in (-1.0, -1.0, 0.0, -1.0):
        tested.closed(START, net)
    assert names(check(tested)) == ["losses"]
    assert tested.memory.losses == 3


def test_the_loss_of_a_day_ends_with_the_day() -> None:
    tested = guards(max_consecutive_losses=1000)
    tested.closed(START, -25.0)
    assert check(tested).size_factor == 0.5
    tested.closed(START, -25.0)
    assert check(tested).size_factor == 0.0
    assert check(tested, START - 1).size_factor == 0.0  # a clock that went back forgives nothing
    assert check(tested, START + DAY_MS) == (1.0, ())


def test_volatility_leaves_a_level_only_well_below_its_edge() -> None:
    """Edges 0.106 and 0.2499: released at 0.8 of them."""
    tested = guards()
    found = [check(tested, vol=vol).size_factor for vol in (0.11, 0.26, 0.21, 0.19, 0.09, 0.08)]
    assert found == [0.5, 0.0, 0.0, 0.5, 0.5, 1.0]
    assert check(tested, vol=math.nan).size_factor == 0.0


def test_depth_and_positions_halt_while_they_last() -> None:
    tested = guards()
    assert names(check(tested, depth=2999.0)) == ["depth"]
    assert names(check(tested, depth=math.nan)) == ["depth"]
    assert names(check(tested, positions=1)) == ["positions"]
    assert check(tested, depth=3000.0) == (1.0, ())


def test_a_memory_comes_back_as_it_was() -> None:
    tested = guards()
    for memory in (GuardMemory(), GuardMemory(losses=2, cooling_until_ms=5.0, day=3)):
        assert GuardMemory.of(memory.to_dict()) == memory
    tested.closed(START, -1.0)
    assert tested.memory.day_net_usdt == -1.0
    with pytest.raises(LiveError, match="guard memory"):
        GuardMemory.of({"losses": 1})

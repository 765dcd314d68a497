"""TP and SL to the last digit: levels are touched inclusively, and the worst order is assumed."""

import numpy as np
import pytest

from research.arrays import Floats
from research.outcomes import END, HORIZON, SL, TP
from strategies.law.minute import Minutes, empty_desk
from strategies.law.position import AT_OPEN, WITHIN, Rules
from strategies.lead_follow.kernel import LeadTerms, run

Bar = tuple[float, float, float, float]  # open, high, low, close
ENTRY: Bar = (100.0, 100.0, 100.0, 100.0)


def minutes_of(bars: list[Bar], side: int) -> Minutes:
    """The first minute is the only signal; the second, at 100, is the fill minute's open."""
    opens, highs, lows, closes = (
        np.array(each, dtype=np.float64) for each in zip(*bars, strict=True)
    )
    flat, yes = np.full(len(bars), 100.0), np.ones(len(bars), np.bool_)
    signal = np.arange(len(bars)) == 0
    spread: Floats = np.where(signal, -side * 1.0, 0.0)
    lead: Floats = np.where(signal, side * 1.0, 0.0)
    still = np.zeros(len(bars))
    return Minutes(opens, highs, lows, closes, flat, flat, spread, lead, yes, yes, still)


def trade_of(bars: list[Bar], side: int, *, intrabar: bool = True, horizon: int = 30) -> dict:  # type: ignore[type-arg]
    rules = Rules(1, horizon, 1, False, False, 0.0, 0.0, False, HORIZON)
    terms = LeadTerms(side, 1.0, 1.0, 1.0, 2.0, intrabar, rules)
    (trade,) = run(minutes_of([ENTRY, *bars], side), terms, empty_desk(rules))
    return {name: trade[name] for name in trade.dtype.names}


def mirrored(bar: Bar) -> Bar:
    """What is up for a long is down for a short: the bar reflected at 100."""
    opened, high, low, close = bar
    return 200.0 - opened, 200.0 - low, 200.0 - high, 200.0 - close


def both_sides(*bars: Bar) -> list[tuple[int, list[Bar]]]:
    return [(1, list(bars)), (-1, [mirrored(bar) for bar in bars])]


def gross(bars: list[Bar], side: int, reason: int, **options: bool | int) -> float:
    trade = trade_of(bars, side, **options)  # type: ignore[arg-type]
    assert trade["reason"] == reason
    return float(trade["gross_pct"])


@pytest.mark.parametrize(("side", "bars"), both_sides((100.0, 101.0, 99.5, 100.0)))
def test_a_high_that_is_exactly_the_target_takes_it(side: int, bars: list[Bar]) -> None:
    assert gross(bars, side, TP) == 1.0


@pytest.mark.parametrize(("side", "bars"), both_sides((100.0, 100.5, 98.0, 100.0)))
def test_a_low_that_is_exactly_the_stop_takes_it(side: int, bars: list[Bar]) -> None:
    assert gross(bars, side, SL) == -2.0


@pytest.mark.parametrize(("side", "bars"), both_sides((100.0, 100.99, 98.01, 100.5)))
def test_short_of_both_levels_nothing_happens(side: int, bars: list[Bar]) -> None:
    assert gross(bars, side, END) == pytest.approx(0.5)


@pytest.mark.parametrize(("side", "bars"), both_sides((100.0, 103.0, 97.0, 100.0)))
def test_a_minute_that_touches_both_counts_as_a_loss(side: int, bars: list[Bar]) -> None:
    trade = trade_of(bars, side)
    assert (trade["reason"], trade["left_how"], trade["left_at"]) == (SL, WITHIN, 1)
    assert trade["gross_pct"] == pytest.approx(-2.0)
    assert (trade["mae_pct"], trade["mfe_pct"]) == (pytest.approx(-2.0), 0.0)


@pytest.mark.parametrize(
    ("side", "bars"), both_sides((100.0, 100.5, 99.5, 100.0), (102.5, 103.0, 101.5, 102.0))
)
def test_a_minute_that_opens_beyond_the_target_is_left_at_its_open(
    side: int, bars: list[Bar]
) -> None:
    trade = trade_of(bars, side)
    assert (trade["reason"], trade["gross_pct"]) == (TP, pytest.approx(2.5))
    assert trade["exit_price"] == bars[1][0]
    assert (trade["mae_pct"], trade["mfe_pct"]) == (pytest.approx(-0.5), pytest.approx(2.5))


@pytest.mark.parametrize(
    ("side", "bars"), both_sides((100.0, 100.5, 99.5, 100.0), (97.0, 101.5, 96.0, 101.0))
)
def test_a_minute_that_opens_beyond_the_stop_is_left_at_its_open(
    side: int, bars: list[Bar]
) -> None:
    trade = trade_of(bars, side)
    assert (trade["reason"], trade["gross_pct"]) == (SL, pytest.approx(-3.0))
    assert (trade["mae_pct"], trade["mfe_pct"]) == (pytest.approx(-3.0), pytest.approx(0.5))


@pytest.mark.parametrize(
    ("side", "bars"),
    both_sides((100.0, 103.0, 97.0, 98.0), (98.5, 99.0, 98.0, 98.5), (98.25, 98.25, 98.25, 98.25)),
)
def test_on_closes_wicks_touch_nothing_and_the_next_open_fills(side: int, bars: list[Bar]) -> None:
    trade = trade_of(bars, side, intrabar=False)
    assert (trade["reason"], trade["exit"], trade["left_how"]) == (SL, 1, AT_OPEN)  # exactly -2
    assert trade["gross_pct"] == pytest.approx(-1.5)
    assert (trade["mae_pct"], trade["mfe_pct"]) == (pytest.approx(-2.0), 0.0)


@pytest.mark.parametrize(
    ("side", "bars"), both_sides((100.0, 103.0, 97.0, 101.0), (101.5, 101.5, 101.5, 101.5))
)
def test_a_close_that_is_exactly_the_target_decides_for_it(side: int, bars: list[Bar]) -> None:
    trade = trade_of(bars, side, intrabar=False)
    assert (trade["reason"], trade["exit"]) == (TP, 1)
    assert trade["gross_pct"] == pytest.approx(1.5)


@pytest.mark.parametrize(("side", "bars"), both_sides(*[(100.0, 100.5, 99.5, 100.25)] * 6))
def test_a_horizon_ends_at_its_last_minute_and_fills_at_the_next_open(
    side: int, bars: list[Bar]
) -> None:
    trade = trade_of(bars, side, horizon=3)
    assert (trade["reason"], trade["exit"], trade["left_at"]) == (HORIZON, 3, 4)
    assert trade["gross_pct"] == 0.0

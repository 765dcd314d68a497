"""The diff taken apart: three parts, their sum exact, the cause by the rule of semantics, 9."""

from dataclasses import replace
from math import isnan, nan

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.errors import FormatError
from research.halts import (
    Gates,
    HaltRules,
    MinuteHistory,
    PointHistory,
    explain,
    halt_row,
    take_apart,
)
from research.halts.history import ask
from research.halts.replay import Halt
from research.journal import DecisionRecord, iso_of, ms_of

TS = "2026-01-05T00:34:26.900Z"
NOW = ms_of(TS)
RECORD = DecisionRecord(
    ts=TS,
    market="BTC-USD",
    binance_mid=100.0,
    binance_ts=iso_of(NOW - 100),
    binance_age_ms=100,
    dydx_mid=103.0,
    dydx_ts=iso_of(NOW - 2_000),
    dydx_age_ms=2_000,
    expected_fill_buy=104.0,
    expected_fill_sell=102.9,
    fill_size_base=0.5,
    risk_state="HALT",
    halt_reason="diff: 3%+",
    thresholds={"halt_diff": 0.03, "max_binance_age_ms": 1_500, "max_dydx_age_ms": 3_000},
    order_intent={"side": "buy"},
)
PRICES = st.floats(1e-3, 1e6)
NEAR = st.floats(0.2, 5.0)


def history(*quotes: tuple[int, float]) -> PointHistory:
    ts, prices = zip(*quotes, strict=True) if quotes else ((), ())
    return PointHistory.of(np.array(ts, np.int64), np.array(prices, np.float64), "quotes")


def then(price: float, before_ms: int = 0) -> PointHistory:
    """A history that knows Binance at ``dydx_ts``, less ``before_ms``."""
    return history((NOW - 2_000 - before_ms, price))


def halt(record: DecisionRecord = RECORD, *histories: PointHistory | MinuteHistory) -> Halt:
    return explain(record, histories)


@given(PRICES, NEAR, NEAR, NEAR)
def test_the_parts_sum_to_the_diff(mid: float, dydx: float, fill: float, moved: float) -> None:
    parts = take_apart(
        binance_mid=mid, dydx_mid=mid * dydx, expected_fill=mid * fill, binance_then=mid * moved
    )
    assert abs(parts.total - (mid * fill - mid) / mid) <= 1e-12
    if parts.total:
        assert sum(parts.shares().values()) == pytest.approx(1, abs=1e-6 / abs(parts.total))


def test_the_parts_are_those_of_the_definition() -> None:
    found = halt(RECORD, then(101.0))
    assert found.question.side == "buy"
    assert found.question.diff == 0.04
    assert (found.parts.fill, found.parts.latency, found.parts.mid) == (0.01, 0.01, 0.02)
    assert (found.diagnosis.cause, found.diagnosis.share) == ("mid", 0.5)
    assert (
        found.diagnosis.why
        == "mid is 50% of the diff (Binance at dydx_ts from the quotes, 0 ms before)"
    )


@pytest.mark.parametrize(
    ("binance_then", "dydx", "fill", "cause"),
    [(102.9, 103.0, 104.0, "latency"), (100.1, 103.5, 104.0, "mid"), (100.2, 100.5, 104.0, "fill")],
)
def test_the_cause_is_the_part_with_the_largest_share(
    binance_then: float, dydx: float, fill: float, cause: str
) -> None:
    record = replace(RECORD, dydx_mid=dydx, expected_fill_buy=fill)
    assert halt(record, then(binance_then)).diagnosis.cause == cause


def test_a_part_against_the_diff_is_no_cause_however_large() -> None:
    record = replace(RECORD, dydx_mid=96.0, expected_fill_buy=94.0, order_intent=None)
    found = halt(replace(record, expected_fill_sell=94.0), then(110.0))
    assert found.parts.latency == pytest.approx(0.10)
    assert found.diagnosis.cause == "mid"


@pytest.mark.parametrize("name", ["binance_mid", "dydx_mid", "expected_fill_buy"])
@pytest.mark.parametrize("value", [None, 0.0, -1.0])
def test_a_price_that_is_missing_or_none_makes_the_cause_unknown(
    name: str, value: float | None
) -> None:
    found = halt(replace(RECORD, **{name: value, "dydx_age_ms": 9_000.0}), then(101.0))
    assert found.diagnosis.cause == "unknown"
    shown = name if value is None else f"{name} (was {value:g})"
    assert found.diagnosis.why == f"not known: {shown}"
    assert any(name in note for note in found.notes) == (value is not None)


def test_without_a_moment_of_the_dydx_price_the_cause_is_unknown() -> None:
    bare = replace(RECORD, dydx_ts=None, dydx_age_ms=None)
    assert halt(bare, then(101.0)).diagnosis.why == "not known: dydx_ts"
    by_age = halt(replace(RECORD, dydx_ts=None), then(101.0))
    assert by_age.diagnosis.cause == "mid"  # ts - age says the same


def test_without_history_the_fill_is_known_and_the_rest_stays_together() -> None:
    found = halt(RECORD)
    assert (found.diagnosis.cause, found.parts.fill) == ("unknown", 0.01)
    assert isnan(found.parts.latency)
    assert isnan(found.parts.mid)
    assert found.diagnosis.why == (
        "no Binance price within 1,000 ms before dydx_ts; mid and latency stay together"
    )
    assert halt_row(found)["mid_and_latency"] == pytest.approx(0.03)


@pytest.mark.parametrize(
    ("ages", "venue"),
    [({"dydx_age_ms": 3_001.0}, "dYdX"), ({"binance_age_ms": 1_501.0}, "Binance")],
)
def test_an_age_over_its_gate_is_latency_outright_where_nothing_settles_it(
    ages: dict[str, float], venue: str
) -> None:
    found = halt(replace(RECORD, **ages), then(101.0, before_ms=1_001))
    assert found.diagnosis.cause == "latency"
    assert isnan(found.diagnosis.share)
    assert found.diagnosis.why.startswith(f"the {venue} quote was ")
    assert found.diagnosis.why.endswith("(the nearest, from the quotes, is 1,001 ms older)")
    settled = halt(replace(RECORD, **ages), then(100.2, before_ms=1_000))
    assert settled.diagnosis.cause == "mid"


def test_an_age_at_its_gate_is_within_it() -> None:
    record = replace(RECORD, dydx_age_ms=3_000.0, binance_age_ms=1_500.0)
    assert halt(record).diagnosis.cause == "unknown"


def test_a_quote_older_than_the_age_gate_settles_nothing() -> None:
    tight = replace(RECORD, thresholds={"halt_diff": 0.03, "max_dydx_age_ms": 500.0})
    assert halt(tight, then(101.0, before_ms=501)).diagnosis.cause == "latency"
    assert halt(tight, then(100.1, before_ms=500)).diagnosis.cause == "mid"


def test_a_price_after_the_moment_is_never_looked_at() -> None:
    late = history((NOW - 1_999, 90.0), (NOW, 80.0), (NOW + 5_000, 70.0))
    assert halt(RECORD, late).diagnosis.cause == "unknown"
    both = history((NOW - 2_000, 101.0), (NOW - 1_999, 90.0))
    assert halt(RECORD, both).parts.latency == 0.01


def test_two_quotes_of_one_instant_need_no_history() -> None:
    record = replace(RECORD, binance_ts=RECORD.dydx_ts)
    found = halt(record)
    assert (found.parts.latency, found.diagnosis.cause) == (0.0, "mid")
    assert halt_row(found)["history"] == "record"


def test_a_diff_of_nothing_has_no_cause() -> None:
    record = replace(RECORD, dydx_mid=100.0, expected_fill_buy=100.0, expected_fill_sell=100.0)
    found = halt(record, then(100.0))
    assert found.diagnosis.why == "the diff is 0: it was not about the diff"
    assert found.notes[-1] == (
        "the diff 0.00% is below the HALT threshold 3.00%: look at the reason diff: 3%+"
    )


@pytest.mark.parametrize(
    ("side", "buy", "sell", "chosen"),
    [
        ("buy", 104.0, 96.0, "buy"),
        ("buy", 101.0, 96.0, "sell"),  # the intended side is within the threshold
        (None, 104.0, 95.0, "sell"),
        (None, 104.0, None, "buy"),
        ("sell", None, None, "sell"),
        (None, None, None, None),
    ],
)
def test_the_side_is_the_intended_one_if_it_halts_else_the_worse(
    side: str | None, buy: float | None, sell: float | None, chosen: str | None
) -> None:
    record = replace(
        RECORD,
        expected_fill_buy=buy,
        expected_fill_sell=sell,
        order_intent=None if side is None else {"side": side},
    )
    assert halt(record, then(100.0)).question.side == chosen


def test_a_recorded_diff_stands_in_where_the_prices_are_missing() -> None:
    record = replace(RECORD, expected_fill_buy=None, effective_diff_signed_buy=0.035)
    found = halt(record)
    assert (found.question.diff, found.diagnosis.cause) == (0.035, "unknown")


def test_limits_of_the_caller_count_where_the_record_has_none() -> None:
    bare = replace(RECORD, thresholds=None, dydx_age_ms=4_000.0)
    assert explain(bare, []).diagnosis.cause == "unknown"
    gates = Gates(halt_diff=0.05, max_dydx_age_ms=3_500.0)
    found = explain(bare, [], HaltRules(gates=gates))
    assert found.diagnosis.cause == "latency"
    assert found.notes[-1].startswith("the diff 4.00% is below the HALT threshold 5.00%")


# what would have prevented it


def test_an_age_gate_below_the_age_would_have_prevented_latency() -> None:
    found = halt(RECORD, then(102.9))
    assert (found.prevention.age_venue, found.prevention.age_gate_below_ms) == ("dYdX", 2_000)
    assert found.prevention.words == (
        "a dYdX age gate below 2,000 ms (3,000 in force); or a HALT threshold above 4.00%"
    )


def test_a_smaller_size_would_have_brought_the_diff_to_the_threshold() -> None:
    record = replace(RECORD, dydx_mid=101.0)
    found = halt(record, then(100.5))
    size = found.prevention.size_below_base
    # slippage in proportion: 0.03 of 0.5 base; 0.02 is what the threshold leaves it
    assert size == pytest.approx(0.5 * 0.02 / 0.03)
    assert found.prevention.words.startswith("a size below 0.3333 (was 0.5), if slippage grows")
    hopeless = halt(replace(record, dydx_mid=103.5, expected_fill_buy=110.0), then(100.5))
    assert hopeless.prevention.size_below_base == 0
    assert hopeless.prevention.words.startswith("no size: mid and latency alone pass")
    unknown = halt(replace(record, fill_size_base=None), then(100.5))
    assert isnan(unknown.prevention.size_below_base)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"dydx_oracle": 100.1},
         "a check of the mid by the oracle: it was +2.90% from its oracle 100.1"),
        ({"dydx_oracle": 103.0},
         "nothing about the data: the oracle 103.0 agrees that dYdX traded there"),
        ({"dydx_mid_kind": "last"}, "the mid of the book in place of the last price"),
        ({}, "a second dYdX price to check the mid by (the record has no oracle)"),
    ],
)  # fmt: skip
def test_a_bad_mid_is_checked_against_what_the_record_has(
    fields: dict[str, object], words: str
) -> None:
    found = halt(replace(RECORD, **fields), then(100.1))
    assert found.diagnosis.cause == "mid"
    assert found.prevention.words == f"{words}; or a HALT threshold above 4.00%"
    assert found.prevention.threshold_above == 0.04


def test_unknown_numbers_are_null_in_a_row() -> None:
    row = halt_row(halt(replace(RECORD, binance_mid=None)))
    assert row["diff"] is None
    assert row["latency"] is None
    assert row["cause"] == "unknown"
    assert not any(isinstance(value, float) and isnan(value) for value in row.values())


# histories


def bars(*rows: tuple[int, float, float, float]) -> MinuteHistory:
    """Minutes after 00:30: (offset, low, high, close)."""
    start = ms_of("2026-01-05T00:30:00.000Z")
    offsets, low, high, close = (np.array(column, np.float64) for column in zip(*rows, strict=True))
    minute = pd.DatetimeIndex(pd.to_datetime(start + offsets * 60_000, unit="ms", utc=True))
    table = pd.DataFrame({"close": close, "low": low, "high": high}, index=minute.rename("minute"))
    return MinuteHistory.from_candles(table)


def test_minutes_answer_with_the_last_complete_close_and_say_how_coarse() -> None:
    found = halt(RECORD, bars((3, 100, 102, 101.0), (4, 100.9, 101.2, 100.0)))
    assert found.answer is not None
    assert (found.answer.price, found.answer.age_ms) == (101.0, 24_900)
    assert (found.answer.low, found.answer.high) == (100.9, 101.2)
    assert halt_row(found)["history_resolution_ms"] == 60_000
    assert found.diagnosis.why.endswith("(Binance at dydx_ts from the minutes, 24,900 ms before, "
                                      "one-minute bars)")  # fmt: skip


def test_minutes_too_wide_to_tell_do_not_tell() -> None:
    wide = bars((3, 100, 102, 101.0), (4, 99.0, 103.0, 100.0))
    found = halt(RECORD, wide)
    assert found.diagnosis.cause == "unknown"
    assert found.diagnosis.why == (
        "minute bars leave Binance between 99 and 103 at dydx_ts; mid and latency stay together"
    )
    late = halt(replace(RECORD, dydx_age_ms=5_000.0), wide)
    assert late.diagnosis.cause == "latency"
    assert abs(late.parts.total - 0.04) <= 1e-12


@pytest.mark.parametrize(
    "rows", [[(3, 1, 1, 1.0)], [(4, 1, 1, 1.0)], [(2, 1, 1, 1.0), (4, 1, 1, 1.0)]]
)
def test_a_minute_missing_around_the_moment_answers_nothing(
    rows: list[tuple[int, float, float, float]],
) -> None:
    assert bars(*rows).at(NOW - 2_000) is None


def test_single_quotes_are_asked_before_bars_and_the_first_that_settles_counts() -> None:
    coarse = bars((3, 100, 102, 101.0), (4, 100.9, 101.2, 100.0))
    old, fresh = then(50.0, before_ms=5_000), then(102.0)
    for histories, price in (([old, fresh, coarse], 102.0), ([old, coarse], 101.0)):
        answer, _ = ask(histories, NOW - 2_000, 1_000)
        assert answer is not None
        assert answer.price == price
    nothing, nearest = ask([old], NOW - 2_000, 1_000)
    assert nothing is None
    assert nearest is not None
    assert nearest.age_ms == 5_000


def test_of_two_quotes_at_one_moment_the_last_counts_and_zero_never() -> None:
    known = history((5, 2.0), (5, 3.0), (1, 1.0), (7, 0.0), (8, nan))
    assert [found.price for ts in (1, 4, 5, 9) if (found := known.at(ts))] == [1.0, 1.0, 3.0, 3.0]
    assert known.at(0) is None
    assert history().at(5) is None


def test_a_candle_table_without_a_needed_column_is_refused() -> None:
    with pytest.raises(FormatError) as refused:
        MinuteHistory.from_candles(pd.DataFrame({"close": [1.0]}))
    assert str(refused.value) == (
        "minutes: no column low, high among close; give a candle table of Binance"
    )

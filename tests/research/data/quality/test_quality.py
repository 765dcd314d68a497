"""Quality: what is missing or odd is counted, and stamps that are off are named with their cure."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from research.data.files.read import read_candles
from research.data.quality.report import quality_report
from research.data.quality.venue_pair import assess, assess_pair
from research.data.store.store import Store
from research.data.synthetic.market import SyntheticSpec, synthesize
from research.data.tables.schema import candle_table, minutes_ms
from research.errors import FrameError
from tests.samples.minute_tables import candles

PAIR = synthesize(SyntheticSpec(days=3, seed=5, edge=0))


def shifted(table: pd.DataFrame, minutes: int) -> pd.DataFrame:
    columns = {name: table[name].to_numpy() for name in table.columns}
    return candle_table(minutes_ms(table.index) + 60_000 * minutes, columns)


def test_a_sound_table_has_nothing_to_look_at() -> None:
    quality = assess(candles(500), "binance")
    assert (quality.rows, quality.expected, quality.missing, quality.gaps) == (500, 500, 0, 0)
    assert quality.findings == ()


def test_gaps_are_counted_and_the_longest_listed() -> None:
    table = candles(100)
    quality = assess(table.drop(table.index[[10, 50, 51, 52, 70]]), "dydx")
    assert (quality.missing, quality.gaps) == (5, 3)
    assert [(gap.first, gap.minutes) for gap in quality.longest_gaps] == [
        ("2026-01-01T00:50Z", 3),
        ("2026-01-01T00:10Z", 1),
        ("2026-01-01T01:10Z", 1),
    ]
    assert quality.findings == ("5 minutes missing in 3 gaps; fetch them again",)


def test_a_paging_fault_is_known_by_its_rhythm() -> None:
    table = candles(1000)
    quality = assess(table.drop(table.index[99:1000:100][:9]), "dydx")
    assert quality.gap_period_min == 100
    assert "single ones 100 minutes apart: a paging fault of the recorder" in quality.findings[0]
    assert assess(table.drop(table.index[[5, 17, 90, 300]]), "dydx").gap_period_min is None


def test_doubled_and_unsorted_minutes_are_counted() -> None:
    quality = assess(candles(10).iloc[[0, 1, 1, 3, 2, 4, 9]], "dydx")
    assert (quality.rows, quality.duplicates, quality.out_of_order) == (7, 1, 1)
    assert quality.missing == 4


def test_minutes_without_a_trade_are_counted_by_trades_else_by_volume() -> None:
    trades = [0.0, 3.0, np.nan, np.nan]
    quality = assess(candles(4, trades=trades, volume=[1.0, 0.0, 0.0, 1.0]), "dydx")
    assert quality.no_trade == 2
    assert "50 % of minutes without a trade: keep the age filter on" in quality.findings


def test_flat_minutes_are_counted() -> None:
    flat = {key: [5.0, 5.0] for key in ("open", "high", "low", "close")}
    assert assess(candles(2, **flat), "dydx").flat == 2


def test_jumps_are_found_and_bad_prints_told_from_moves() -> None:
    close = 100 + np.tile([0.0, 0.01, 0.03, 0.02], 50)
    close[100:] += 5  # a move
    close[150] += 7  # a print
    columns = {"open": close, "high": close, "low": close, "close": close}
    quality = assess(candles(200, **columns), "dydx")
    found = {jump.minute: jump.is_spike for jump in quality.largest_jumps}
    assert found == {
        "2026-01-01T01:40Z": False, "2026-01-01T02:30Z": True, "2026-01-01T02:31Z": False,
    }  # fmt: skip
    assert quality.jumps == 3


def test_a_jump_over_a_gap_is_none() -> None:
    close = 100 + np.tile([0.0, 0.01], 50)
    close[50:] += 5
    columns = {"open": close, "high": close, "low": close, "close": close}
    table = candles(100, **columns)
    assert assess(table.drop(table.index[50]), "dydx").jumps == 0


def test_a_running_candle_is_named() -> None:
    table = candles(3)
    running = assess(table, "dydx", datetime(2026, 1, 1, 0, 2, 59, tzinfo=UTC))
    assert running.running_last
    assert "the candle of 2026-01-01T00:02Z is still running: fetch it again" in running.findings
    assert not assess(table, "dydx", datetime(2026, 1, 1, 0, 3, tzinfo=UTC)).running_last
    assert not assess(table, "dydx").running_last


def test_generated_minutes_never_run(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put_synthetic("SYNTH", synthesize(SyntheticSpec(days=1)))
    early = datetime(2025, 1, 1, tzinfo=UTC)
    assert quality_report(store, "SYNTH", now=early).findings == ()


def test_stamps_that_agree_are_left_alone() -> None:
    found = assess_pair(PAIR.binance, PAIR.dydx)
    assert found.alignment.shift_min == 0
    assert found.findings == ()
    assert found.alignment.correlation > 0.9


@pytest.mark.parametrize("shift", [1, -1, 60, -60, 480, -480, 7, -90, 90, 330])
def test_a_feed_that_is_off_is_named_with_its_shift(shift: int) -> None:
    found = assess_pair(PAIR.binance, shifted(PAIR.dydx, shift)).alignment
    assert found.is_misaligned
    assert found.shift_min == shift
    assert f"--shift-min {-shift} (dydx)" in found.sentence
    cured = assess_pair(PAIR.binance, shifted(shifted(PAIR.dydx, shift), -shift))
    assert not cured.alignment.is_misaligned


def test_close_stamps_and_hours_are_called_by_their_names() -> None:
    def sentence(shift: int) -> str:
        return assess_pair(PAIR.binance, shifted(PAIR.dydx, shift)).alignment.sentence

    assert sentence(1).startswith(
        "dYdX stands 1 minute late, as if dYdX were stamped by CLOSE time, not open: "
    )
    assert "as if Binance were stamped by CLOSE time" in sentence(-1)
    assert "60 minutes early (1 h: time zone or daylight saving)" in sentence(-60)


def test_a_clock_change_half_way_is_dated() -> None:
    days = PAIR.dydx.index < pd.Timestamp("2026-01-03T00:00Z")
    late = shifted(PAIR.dydx[~days], 60)
    found = assess_pair(PAIR.binance, pd.concat([PAIR.dydx[days], late])).alignment
    assert found.is_misaligned
    assert [(run.first, run.shift_min) for run in found.shifted_days] == [("2026-01-03T00:00Z", 60)]
    assert found.sentence.startswith("from 2026-01-03T00:00Z to ")


def test_a_planted_lead_is_no_wrong_stamp() -> None:
    led = synthesize(SyntheticSpec(days=5, edge=1))
    found = assess_pair(led.binance, led.dydx).alignment
    assert (found.shift_min, found.is_misaligned) == (0, False)


def test_two_markets_are_not_taken_for_one() -> None:
    other = synthesize(SyntheticSpec(days=3, seed=6, price=3_000, edge=0))
    found = assess_pair(PAIR.binance, other.dydx)
    assert not found.alignment.is_judged
    assert any("two different markets?" in finding for finding in found.findings)
    assert any("are these two feeds of one market?" in finding for finding in found.findings)


def test_a_short_pair_is_not_judged() -> None:
    found = assess_pair(PAIR.binance.iloc[:50], PAIR.dydx.iloc[:50])
    assert "too short to judge the stamps" in found.findings[0]
    assert found.to_dict()["alignment"]["correlation"] is None
    assert found.to_dict()["spread_excess_pct"]["p50"] is None


def test_spans_apart_are_a_typed_error() -> None:
    with pytest.raises(FrameError, match="the venues do not overlap: binance 2026-01-01T00:00Z"):
        assess_pair(candles(10), candles(10, first=100))
    with pytest.raises(FrameError, match="dydx: no minutes to judge"):
        assess_pair(candles(10), candles(10).iloc[:0])


def test_the_spread_is_that_of_the_semantics_page() -> None:
    ours, theirs = candles(300)["close"].to_numpy(), candles(300)["close"].to_numpy() * 1.001
    columns = {"open": theirs, "high": theirs, "low": theirs, "close": theirs}
    found = assess_pair(candles(300), candles(300, **columns))
    spread = (theirs - ours) / ours * 100
    assert found.spread_pct["p50"] == np.quantile(spread, 0.5)
    assert abs(found.spread_excess_pct["p99"]) < 1e-9


def test_the_basis_is_the_median_of_the_minutes_before() -> None:
    ours = np.full(121, 100.0)  # 120 minutes before the last one: the fewest that make a basis
    theirs = 100 + np.arange(121) ** 2 / 1e4
    binance, dydx = (
        candles(121, **dict.fromkeys(("open", "high", "low", "close"), closes))
        for closes in (ours, theirs)
    )
    spread = (theirs - ours) / ours * 100
    expected = spread[120] - np.median(spread[:120])
    found = assess_pair(binance, dydx).spread_excess_pct
    assert list(found.values()) == pytest.approx([expected] * 7, abs=1e-12)


def test_the_recorded_week_shows_what_its_notes_say(shared_data: Path) -> None:
    folder = shared_data / "btc_week"
    binance = read_candles(folder / "binance_um_BTCUSDT_1m.csv", "binance").candles
    dydx = read_candles(folder / "dydx_BTC-USD_1MIN.csv", "dydx").candles
    quality = assess(dydx, "dydx", datetime.now(UTC) + timedelta(days=1))
    assert (quality.missing, quality.gaps, quality.gap_period_min) == (10, 10, 1000)
    assert (quality.no_trade, quality.flat, quality.jumps) == (82, 283, 0)
    pair = assess_pair(binance, dydx)
    assert (pair.common, pair.expected, pair.comparable) == (10_071, 10_081, 9_989)
    assert pair.alignment.shift_min == 0
    assert pair.alignment.correlation == pytest.approx(0.97, abs=0.005)
    assert pair.alignment.correlation_before == pytest.approx(0, abs=0.03)
    raw = [-0.165, -0.145, -0.022, 0.019, 0.027]
    assert [pair.spread_pct[p] for p in ("p1", "p5", "p50", "p95", "p99")] == pytest.approx(
        raw, abs=5e-4
    )
    excess = [-0.092, -0.044, 0.036, 0.088]
    assert [pair.spread_excess_pct[p] for p in ("p1", "p5", "p95", "p99")] == pytest.approx(
        excess, abs=5e-4
    )
    for shift in (1, 60):
        assert assess_pair(binance, shifted(dydx, shift)).alignment.shift_min == shift

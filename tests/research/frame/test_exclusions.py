"""Frames leave long silences of either venue out, say so, and do not look ahead by it."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from research.data.quality.exclusions import excluded_minutes, pair_exclusions
from research.data.store.store import Store
from research.data.tables.schema import VENUES, minutes_ms
from research.errors import FrameError
from research.features.panel import features
from research.frame.frame import (
    CANDLE_COLUMNS,
    VENUE_COLUMNS,
    Frame,
    _with_origin,
    build_frame,
    read_frame,
    write_frame,
)
from research.frame.load import load_frame
from research.settings.frame import FrameSettings
from strategies.backtest.backtest import backtest, with_filters
from strategies.lead_follow import LeadFollowParams
from tests.samples.minute_tables import candles, source

RULE = FrameSettings(halt_min=10, settle_min=3)


def dydx_of(traded: list[bool], delivered: list[bool] | None = None) -> pd.DataFrame:
    """Rising prices where dYdX traded, flat candles without a trade where it did not."""
    kept = np.array(delivered if delivered is not None else [True] * len(traded))
    close = 90_000.0 + np.maximum.accumulate(np.where(traded, np.arange(len(traded)), 0.0))
    flat = dict.fromkeys(("open", "high", "low", "close"), close)
    printed = np.array(traded, dtype=float)
    return candles(len(traded), **flat, volume=printed, trades=printed)[kept]


def halted(n: int = 60, first: int = 20, end: int = 45) -> Frame:
    traded = [not first <= t < end for t in range(n)]
    return build_frame(candles(n), dydx_of(traded), market="X", rule=RULE)


def test_a_silence_is_missing_but_for_its_first_minute_and_the_age_goes_on() -> None:
    frame = halted()
    missing = np.flatnonzero(np.isnan(frame.column("dydx_close")))
    assert missing.tolist() == list(range(21, 48))  # 45 .. 47 settle
    for name in CANDLE_COLUMNS:  # of both venues
        assert np.isnan(frame.column(name)).tolist() == [21 <= t < 48 for t in range(60)]
    assert frame.column("dydx_age_min")[19:46].tolist() == [*range(26), 0.0]
    assert [each.sentence() for each in frame.exclusions] == list(frame.origin.exclusions)
    assert frame.origin.exclusions == (
        "2026-01-01T00:21Z .. 2026-01-01T00:47Z (27 min): no dYdX trade for 25 min (more than 10)",
    )
    assert frame.origin.exclusion_rule == (
        "more than 10 min without a trade at either venue, and 3 min after"
    )


def test_a_silence_of_binance_blanks_both_venues_and_is_named() -> None:
    traded = [not 20 <= t < 45 for t in range(60)]
    for binance in (dydx_of(traded), dydx_of(traded, traded)):  # flat candles, none
        frame = build_frame(binance, candles(60), market="X", rule=RULE)
        for name in CANDLE_COLUMNS:
            assert np.isnan(frame.column(name)[21:48]).all()
        assert not np.isnan(frame.column("dydx_close")[[20, 48]]).any()
        assert frame.column("binance_age_min")[19:46].tolist() == [*range(26), 0.0]
        (told,) = frame.origin.exclusions
        assert told.endswith("(27 min): no Binance trade for 25 min (more than 10)")


def test_silences_of_both_venues_are_both_listed() -> None:
    ours = dydx_of([not 5 <= t < 30 for t in range(60)])
    theirs = dydx_of([not 20 <= t < 45 for t in range(60)])
    frame = build_frame(ours, theirs, market="X", rule=RULE)
    assert ["Binance" in told for told in frame.origin.exclusions] == [True, False]
    assert np.flatnonzero(np.isnan(frame.column("dydx_close"))).tolist() == list(range(6, 48))


def test_a_silence_as_long_as_the_rule_allows_stays() -> None:
    frame = halted(first=20, end=30)
    assert frame.exclusions == ()
    assert not np.isnan(frame.column("dydx_close")).any()


def test_without_a_rule_nothing_is_left_out() -> None:
    traded = [t < 5 for t in range(60)]
    frame = build_frame(candles(60), dydx_of(traded), market="X", rule=None)
    assert (frame.exclusions, frame.origin.exclusion_rule) == ((), "")
    assert not np.isnan(frame.column("dydx_close")).any()


def test_the_basis_is_not_fed_by_a_halt() -> None:
    panel = features(halted())
    assert np.isnan(panel.spread_pct[21:48]).all()
    assert np.isnan(panel.spread_pct[20])  # the first silent minute stays, without a price
    assert not np.isnan(panel.spread_pct[:20]).any()


@given(
    st.lists(st.tuples(st.booleans(), st.booleans()), min_size=3, max_size=90),
    st.integers(2, 12),
    st.integers(0, 6),
    st.data(),
)
def test_what_an_entry_sees_does_not_depend_on_what_comes(
    minutes: list[tuple[bool, bool]], halt_min: int, settle_min: int, data: st.DataObject
) -> None:
    """At every minute in which a venue traded: the rows up to it, and whether its fill is there."""
    traded = [True, *(has for has, _ in minutes)]
    delivered = [True, *(has or kept for has, kept in minutes)]
    rule = FrameSettings(halt_min=halt_min, settle_min=settle_min)
    is_dydx = data.draw(st.booleans())  # whose silences they are
    n = len(traded)

    def table_of(silent: pd.DataFrame) -> pd.DataFrame:
        pair = (candles(n), silent) if is_dydx else (silent, candles(n))
        return build_frame(*pair, market="X", rule=rule).table

    whole = table_of(dydx_of(traded, delivered))
    assume(len(whole) > 1)
    t = data.draw(st.sampled_from([t for t in range(len(whole) - 1) if traded[t]]))
    # whatever follows: the same minutes, and from t + 2 on trades without end
    rest = n - t - 2
    future = table_of(
        dydx_of([*traded[: t + 2], *[True] * rest], [*delivered[: t + 2], *[True] * rest])
    )
    columns = [name for name in whole if name != "funding_rate"]
    pd.testing.assert_frame_equal(
        whole[columns][: t + 2], future[columns][: t + 2], check_freq=False
    )


@pytest.mark.parametrize(("signal_at", "entries"), [(58, 1), (59, 0)])
def test_a_position_is_held_through_a_halt_and_none_is_entered_in_it(
    signal_at: int, entries: int
) -> None:
    """A signal is filled in the last minute that trades; one on that minute finds nobody."""
    n, halt = 120, range(60, 90)
    traded = [t not in halt for t in range(n)]
    dydx = dydx_of(traded)
    binance = candles(n)
    binance.loc[binance.index[signal_at], ["close", "high"]] = 95_000.0
    frame = build_frame(binance, dydx, market="X", rule=RULE)
    params = LeadFollowParams(
        mode="long", reference="raw", window=3, move_pct=1.0, spread_entry=0.5, tp=50, sl=50,
        horizon=10, cooldown=5,
    )  # fmt: skip
    trades = backtest(features(frame), params).trades
    assert len(trades) == entries
    for trade in trades.to_dict("records"):
        assert trade["entry_price"] == dydx["open"].iloc[59]
        assert trade["exit_price"] == dydx["open"].iloc[93]  # the first after the settling


def test_a_signal_before_a_halt_of_binance_is_filled_at_dydx() -> None:
    """A signal is not dropped because Binance stands still next: its tail is in the numbers."""
    n = 120
    binance, dydx = dydx_of([t not in range(60, 90) for t in range(n)]), candles(n)
    binance.loc[binance.index[59], ["close", "high"]] = 95_000.0
    frame = build_frame(binance, dydx, market="X", rule=RULE)
    params = LeadFollowParams(
        mode="long", reference="raw", window=3, move_pct=1.0, spread_entry=0.5, tp=50, sl=50,
        horizon=10, cooldown=5,
    )  # fmt: skip
    (trade,) = backtest(features(frame), params).trades.to_dict("records")
    assert trade["entry_price"] == dydx["open"].iloc[60]  # the first silent minute of Binance
    assert trade["exit_price"] == dydx["open"].iloc[93]


def test_no_entry_lies_in_a_halt_under_any_age_limit() -> None:
    rng = np.random.default_rng(5)
    n = 2000
    traded = [not (300 <= t < 700) and bool(rng.random() < 0.9) for t in range(n)]
    binance = candles(n)
    binance[["open", "high", "low", "close"]] *= 1 + 0.01 * rng.standard_normal((n, 1))
    frame = build_frame(binance, dydx_of(traded), market="X", rule=RULE)
    (halt,) = (each for each in frame.exclusions if each.minutes > 300)
    params = LeadFollowParams(mode="short", reference="raw", window=3, move_pct=0.1,
                              spread_entry=0.1, tp=1, sl=1, horizon=5, cooldown=1)  # fmt: skip
    trades = backtest(features(frame), with_filters(params, max_age_min=1e9)).trades
    assert len(trades) > 20
    entries = minutes_ms(pd.DatetimeIndex(trades["entry_time"]))
    assert not excluded_minutes(entries, [halt]).any()


def test_the_last_minutes_list_what_lies_in_them() -> None:
    frame = halted()
    assert len(frame.last(20).exclusions) == 1
    assert frame.last(12).origin.exclusions == ()
    assert frame.last(12).origin.exclusion_rule == frame.origin.exclusion_rule


def test_a_written_frame_keeps_its_exclusions(tmp_path: Path) -> None:
    frame = halted()
    write_frame(frame, tmp_path / "f.parquet")
    again = read_frame(tmp_path / "f.parquet")
    assert (again.exclusions, again.origin) == (frame.exclusions, frame.origin)


def test_a_frame_from_before_the_rule_is_still_read(tmp_path: Path) -> None:
    path = tmp_path / "f.parquet"
    write_frame(halted(first=20, end=22), path)
    table = pq.read_table(path)
    about = json.loads(table.schema.metadata[b"leadfollow"])
    assert not {"exclusions", "exclusion_rule"} & set(about["origin"])  # older readers refuse them
    del about["exclusions"], about["exclusion_rule"]
    metadata = table.schema.metadata | {b"leadfollow": json.dumps(about).encode()}
    pq.write_table(table.replace_schema_metadata(metadata), path)
    again = read_frame(path)
    assert (again.exclusions, again.origin.exclusion_rule) == ((), "")


def old_frame(path: Path, frame: Frame) -> pd.DataFrame:
    """Writes ``frame`` as schema 1 did, with Binance's candles kept in a halt of dYdX."""
    table = frame.table.drop(columns="binance_age_min")
    binance = [name for name in CANDLE_COLUMNS if name.startswith("binance")]
    table[binance] = candles(len(table))[list(VENUE_COLUMNS)].to_numpy()
    old = _with_origin(table, frame.market, frame.origin, frame.exclusions)
    write_frame(old, path)
    stored = pq.read_table(path)
    about = json.loads(stored.schema.metadata[b"leadfollow"]) | {"schema": 1}
    metadata = stored.schema.metadata | {b"leadfollow": json.dumps(about).encode()}
    pq.write_table(stored.replace_schema_metadata(metadata), path)
    return table


def test_a_frame_of_the_first_schema_is_read_by_the_rule_of_today(tmp_path: Path) -> None:
    frame, path = halted(), tmp_path / "f.parquet"
    old_frame(path, frame)
    again = read_frame(path)
    assert list(again.table.columns) == list(frame.table.columns)
    assert np.isnan(again.column("binance_close")[21:48]).all()
    assert (again.column("binance_age_min")[:21] == 0).all()
    assert again.origin.exclusions == frame.origin.exclusions


def test_a_changed_frame_of_the_first_schema_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.parquet"
    old_frame(path, halted())
    stored = pq.read_table(path)
    changed = stored.set_column(
        stored.schema.get_field_index("binance_open"), "binance_open", stored["dydx_open"]
    )
    pq.write_table(changed, path)
    with pytest.raises(FrameError, match="content differs from its own hash"):
        read_frame(path)


def test_the_store_applies_the_rule_that_it_is_given(tmp_path: Path) -> None:
    store = Store(tmp_path)
    traded = [not 20 <= t < 60 for t in range(100)]
    store.add("X", "binance", candles(100), source=source())
    store.add("X", "dydx", dydx_of(traded), source=source())
    assert len(load_frame("X", store=tmp_path).exclusions) == 1  # 40 minutes, by default 30
    lenient = FrameSettings(halt_min=40)
    assert load_frame("X", store=tmp_path, rule=lenient).exclusions == ()


def test_nothing_of_the_recorded_week_is_left_out(shared_data: Path, tmp_path: Path) -> None:
    from research.data.files.read import read_candles

    store = Store(tmp_path)
    for venue, name in (("binance", "binance_um_BTCUSDT_1m"), ("dydx", "dydx_BTC-USD_1MIN")):
        reading = read_candles(shared_data / "btc_week" / f"{name}.csv", venue)  # type: ignore[arg-type]
        store.add("BTC", venue, reading.candles, source=reading.source)  # type: ignore[arg-type]
    frame = load_frame("BTC", store=tmp_path)
    assert frame.exclusions == ()
    stored = (store.candles("BTC", venue) for venue in VENUES)
    assert pair_exclusions(*stored, FrameSettings()) == ()

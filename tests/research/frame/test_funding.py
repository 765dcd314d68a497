"""Binance's funding in frames: on the minute of payment, at an interval that is data."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from research.data.store.store import Store
from research.frame.columns import interval_rates
from research.frame.frame import build_frame, read_frame, write_frame
from research.frame.load import load_frame
from tests.samples.minute_tables import candles, source

START = pd.Timestamp("2026-01-01T00:00Z")
GRID = pd.date_range(START, periods=3 * 1440, freq="min", unit="ms", name="minute")


def paid_at(hours: list[float], rate: float = 1e-4) -> pd.Series:
    index = pd.DatetimeIndex([START + pd.Timedelta(hours=hour) for hour in hours]).as_unit("ms")
    return pd.Series(rate * (1 + np.arange(len(hours))), index=index.rename("minute"), name="rate")


def unknown_spans(rates: np.ndarray) -> list[tuple[float, float]]:
    """First and last hour of each run of unknown rows."""
    rows = np.flatnonzero(np.isnan(rates))
    runs = np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1) if rows.size else []
    return [(run[0] / 60, run[-1] / 60) for run in runs]


END = (3 * 1440 - 1) / 60


@pytest.mark.parametrize(
    ("hours", "unknown"),
    [
        (list(range(0, 80, 8)), []),
        (list(range(0, 76, 4)), []),
        ([0, 8, 16, 32, 40, 48, 56, 64], [(24, 24)]),  # one payment lacks
        ([0, 4, 8, 12, 20, 24, 28], [(16, 16), (32, END)]),
        ([0, 8, 16, 40, 48, 56, 64], [(24, 32)]),  # two lack
        ([0, 8, 16, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60, 64, 68], []),  # from 8 h to 4 h
        ([0, 4, 8, 16, 24, 32, 40, 48, 56, 64], []),  # and back
        ([16, 24, 32, 40, 48], [(0, 8), (56, END)]),  # before the first, after the last
        ([24], [(0, 16), (32, END)]),
        ([0, 24, 48], [(8, 16), (32, 40), (56, END)]),  # no interval is longer than 8 h
    ],
)
def test_rates_are_unknown_where_a_payment_may_have_been_due(
    hours: list[float], unknown: list[tuple[float, float]]
) -> None:
    payments = paid_at(hours)
    rates = interval_rates(GRID, payments)
    assert unknown_spans(rates) == unknown
    on = [int(hour * 60) for hour in hours if hour < 72]
    np.testing.assert_array_equal(rates[on], payments.to_numpy()[: len(on)])
    assert np.count_nonzero(np.nan_to_num(rates)) == len(on)


def test_without_a_payment_every_rate_is_unknown() -> None:
    assert np.isnan(interval_rates(GRID, paid_at([]))).all()
    assert np.isnan(interval_rates(GRID, paid_at([0.0]) * np.nan)).all()


def test_a_frame_has_the_column_only_where_the_store_has_the_payments(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for venue in ("binance", "dydx"):
        store.add("X", venue, candles(1000), source=source())  # type: ignore[arg-type]
    assert "binance_funding_rate" not in load_frame("X", store=tmp_path).table
    store.add_funding("X", paid_at([0, 8, 16]), source=source(), venue="binance")
    frame = load_frame("X", store=tmp_path)
    rates = frame.column("binance_funding_rate")
    assert rates[[0, 480, 960]] == pytest.approx([1e-4, 2e-4, 3e-4])
    assert np.count_nonzero(rates) == 3
    assert not frame.has_funding  # of dYdX
    write_frame(frame, tmp_path / "f.parquet")
    again = read_frame(tmp_path / "f.parquet")
    pd.testing.assert_frame_equal(again.table, frame.table, check_freq=False)
    assert again.origin.content_sha256 == frame.origin.content_sha256


def test_the_content_hash_notices_a_changed_rate_of_binance() -> None:
    minutes, payments = candles(1000), paid_at([0, 8, 16])
    hashes = {
        build_frame(minutes, minutes, market="X", binance_funding=rates).origin.content_sha256
        for rates in (None, payments, payments * 2)
    }
    assert len(hashes) == 3


def test_the_store_keeps_funding_of_each_venue_apart(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add_funding("X", paid_at([0, 8]), source=source(), venue="binance")
    assert store.funding("X") is None
    store.add_funding("X", paid_at([0, 1, 2]), source=source())
    assert len(store.funding("X", "binance")) == 2  # type: ignore[arg-type]
    assert len(store.funding("X")) == 3  # type: ignore[arg-type]

"""A tally: its columns are those of the report, its blanks are unknown and never zero."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from research.arrays import Records
from research.errors import SearchError
from research.features.labels import SEGMENTS, Segment
from research.measures.report import REPORT_COLUMNS, report
from research.outcomes import REASONS
from strategies.law.position import POSITION
from sweeps.law_tally.kernels import book
from sweeps.tally import ADDITIVE_COLUMNS, COUNTS, SUMS, Tally

Trade = tuple[int, int, int, float]  # session, regime (-1 unknown), reason, net in 1/1000 percent
TRADES = st.lists(
    st.tuples(st.integers(0, 2), st.integers(-1, 2), st.integers(0, 5), st.integers(-400, 400)),
    max_size=30,
)


def positions(trades: list[Any]) -> Records:
    out = np.zeros(len(trades), POSITION)
    for k, (_, _, reason, net) in enumerate(trades):
        out[k]["entry"], out[k]["exit"], out[k]["reason"] = k, k + 1 + k % 7, reason
        out[k]["net_pct"], out[k]["gross_pct"] = net / 1000, net / 1000 + 0.12
    return out


def booked(trades: list[Any]) -> Tally:
    """The tally of one set whose trades were entered in rows 0, 1, 2..."""
    segments = np.full((max(len(trades), 1), 4), -1, dtype=np.int64)
    for k, (session, regime, _, _) in enumerate(trades):
        inside = [i for i, each in enumerate(SEGMENTS) if holds(each, session, regime)]
        segments[k, : len(inside)] = inside
    counts = np.zeros((len(SEGMENTS), len(COUNTS)), dtype=np.int64)
    sums, worst = np.zeros((len(SEGMENTS), len(SUMS))), np.full(len(SEGMENTS), np.inf)
    book(positions(trades), segments, counts, sums, worst)
    return Tally(
        counts={name: counts[:, k : k + 1] for k, name in enumerate(COUNTS)},
        sums={name: sums[:, k : k + 1] for k, name in enumerate(SUMS)},
        worst=np.where(np.isinf(worst), np.nan, worst)[:, np.newaxis],
    )


def holds(segment: Segment, session: int, regime: int) -> bool:
    return segment.session in (None, session) and segment.regime in (None, regime)


@settings(max_examples=25)
@given(TRADES)
def test_columns_of_every_segment_are_those_of_the_report(trades: list[Trade]) -> None:
    tally, table = booked(trades), positions(trades)
    for index, segment in enumerate(SEGMENTS):
        inside = [holds(segment, session, regime) for session, regime, _, _ in trades]
        chosen = table[np.array(inside, dtype=np.bool_)]
        wanted = report(
            net_pct=chosen["net_pct"],
            gross_pct=chosen["gross_pct"],
            hold_min=chosen["exit"] - chosen["entry"],
            reason=chosen["reason"],
        )
        for name in ADDITIVE_COLUMNS:
            found = tally.of_segment(index).column(name)
            assert found == pytest.approx([getattr(wanted, name)], abs=1e-8, nan_ok=True), name
            np.testing.assert_array_equal(tally.column(name)[index], found)


def test_without_trades_everything_but_the_count_is_unknown() -> None:
    tally = Tally.empty(3)
    for name in ADDITIVE_COLUMNS:
        column = tally.column(name)
        assert column.shape == (len(SEGMENTS), 3)
        assert (column == 0).all() if name == "events" else np.isnan(column).all()


def test_one_trade_has_a_mean_but_neither_a_spread_nor_a_bound() -> None:
    tally = booked([(0, 0, 0, 100)]).of_segment(0)
    assert tally.avg_pnl == [0.1]
    assert np.isnan([tally.pnl_std, tally.lcb_pnl]).all()


def test_equal_trades_have_no_spread_whatever_the_rounding() -> None:
    tally = booked([(0, 0, 1, -320)] * 30).of_segment(0)
    assert tally.pnl_std == pytest.approx([0.0], abs=1e-8)
    assert not np.isnan(tally.lcb_pnl).any()


def test_counts_stand_in_the_order_in_which_kernels_write_them() -> None:
    assert COUNTS == ("events", "wins", "tp", "sl", "horizon", "end", "revert", "timeout", "hold")
    assert [name.upper() for name in COUNTS[2:-1]] == list(REASONS)
    assert SUMS == ("net", "net_squared", "gross")


def test_columns_are_report_columns_in_their_order() -> None:
    assert [name for name in REPORT_COLUMNS if name in ADDITIVE_COLUMNS] == list(ADDITIVE_COLUMNS)


def test_a_column_that_does_not_add_up_is_refused() -> None:
    with pytest.raises(SearchError) as refusal:
        Tally.empty(1).column("median_pnl")
    assert str(refusal.value) == (
        "column median_pnl: not known for a grid; it has events, win_rate, avg_pnl, pnl_std, "
        "total_pnl, avg_hold, tp_share, sl_share, horizon_share, revert_share, timeout_share, "
        "end_share, max_loss, lcb_pnl, breakeven_bps"
    )

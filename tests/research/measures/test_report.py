"""Report columns as the page of definitions has them."""

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.measures.report import (
    REPORT_COLUMNS,
    Report,
    columns_without,
    losing_streak,
    max_drawdown,
    report,
    spread_compress,
)
from research.outcomes import END, HORIZON, REASONS, REVERT, SL, TIMEOUT, TP
from tests.reference import report as reference
from tests.reference.trade import Trade

pnl = st.integers(-40, 40).map(lambda tick: tick / 100)
pnl_lists = st.lists(pnl, min_size=1, max_size=40)
SHARES = {f"{name.lower()}_share": name for name in REASONS}


def report_of_pnl(net: list[float], **columns: Any) -> Report:
    defaults = {
        "gross_pct": np.array(net) + 0.08,
        "hold_min": np.arange(len(net)) + 1,
        "reason": np.full(len(net), HORIZON),
        "mae_pct": np.full(len(net), -0.1),
        "mfe_pct": np.full(len(net), 0.2),
    }
    return report(net_pct=net, **(defaults | columns))


def test_a_hand_made_list_of_trades() -> None:
    ours = report_of_pnl(
        [0.3, -0.1, -0.2, 0.1],
        reason=np.array([TP, SL, SL, HORIZON]),
        hold_min=np.array([1, 2, 3, 10]),
    )
    assert ours.events == 4
    assert ours.win_rate == 50
    assert ours.avg_pnl == pytest.approx(0.025)
    assert ours.median_pnl == pytest.approx(0.0)
    assert ours.total_pnl == pytest.approx(0.1)
    assert ours.profit_factor == pytest.approx(0.4 / 0.3)
    assert ours.pnl_std == pytest.approx(math.sqrt((0.275**2 + 0.125**2 + 0.225**2 + 0.075**2) / 3))
    assert ours.lcb_pnl == pytest.approx(0.025 - 2.353363 * ours.pnl_std / 2, rel=1e-6)
    assert (ours.avg_hold, ours.median_hold) == (4, 2.5)
    assert (ours.tp_share, ours.sl_share, ours.horizon_share, ours.end_share) == (25, 50, 25, 0)
    assert ours.max_loss == -0.2
    assert ours.max_losing_streak == 2
    assert ours.max_drawdown == pytest.approx(0.3)
    assert ours.mae_mean == pytest.approx(-0.1)
    assert ours.mfe_mean == pytest.approx(0.2)
    assert ours.breakeven_bps == pytest.approx(10.5)


@given(st.lists(st.tuples(pnl, pnl, st.integers(1, 60), st.sampled_from(REASONS)), max_size=25))
def test_every_column_agrees_with_the_reference(rows: list[tuple[float, float, int, str]]) -> None:
    blank = Trade(*(math.nan for _ in Trade._fields))  # type: ignore[arg-type]  # filled below
    trades = [
        blank._replace(
            entry=t,
            exit=t + hold,
            gross_pct=gross,
            net_pct=net,
            reason=reason,
            mae_pct=-gross,
            mfe_pct=gross,
        )
        for t, (net, gross, hold, reason) in enumerate(rows)
    ]
    ours = report(
        net_pct=[net for net, *_ in rows],
        gross_pct=[gross for _, gross, *_ in rows],
        hold_min=[hold for *_, hold, _ in rows],
        reason=[REASONS.index(reason) for *_, reason in rows],
        mae_pct=[-gross for _, gross, *_ in rows],
        mfe_pct=[gross for _, gross, *_ in rows],
    )
    expected = reference.report(trades, SHARES)
    assert set(expected) == set(REPORT_COLUMNS)
    for name, value in expected.items():
        assert getattr(ours, name) == pytest.approx(value, abs=1e-12, nan_ok=True), name


def test_no_trades_are_no_events_and_everything_else_unknown() -> None:
    nothing = report_of_pnl([])
    assert nothing.events == 0
    assert all(math.isnan(getattr(nothing, name)) for name in REPORT_COLUMNS[1:])
    assert nothing.to_json() == {"events": 0, **dict.fromkeys(REPORT_COLUMNS[1:])}


def test_one_trade_has_no_deviation_and_no_lower_bound() -> None:
    single = report_of_pnl([0.4])
    assert math.isnan(single.pnl_std)
    assert math.isnan(single.lcb_pnl)
    assert single.pnl_q05 == single.pnl_q95 == single.max_loss == 0.4


def test_without_a_loss_the_profit_factor_is_infinite_and_null_in_json() -> None:
    winner = report_of_pnl([0.1, 0.2])
    assert winner.profit_factor == math.inf
    assert winner.to_json()["profit_factor"] is None
    json.dumps(winner.to_json(), allow_nan=False)


def test_a_trade_that_nets_exactly_nothing_is_not_a_win() -> None:
    ours = report_of_pnl([0.0, 0.0, 0.1])
    assert ours.win_rate == pytest.approx(100 / 3)
    assert ours.max_losing_streak == 2
    assert ours.profit_factor == math.inf


def test_every_reason_has_its_share_and_they_sum_to_all() -> None:
    codes = [TP, TP, SL, HORIZON, END, REVERT, TIMEOUT, TIMEOUT]
    ours = report_of_pnl([0.1] * 8, reason=np.array(codes))
    shares = [getattr(ours, name) for name in SHARES]
    assert shares == [25, 12.5, 12.5, 12.5, 12.5, 25]
    assert sum(shares) == 100


def test_columns_that_mean_nothing_are_left_out_and_the_order_stays() -> None:
    assert columns_without() == REPORT_COLUMNS
    kept = columns_without("tp_share", "mae_mean")
    assert [name for name in REPORT_COLUMNS if name in kept] == list(kept)
    assert set(REPORT_COLUMNS) - set(kept) == {"tp_share", "mae_mean"}


def test_reversion_has_no_excursions_to_average() -> None:
    ours = report_of_pnl([0.1], mae_pct=None, mfe_pct=None)
    assert math.isnan(ours.mae_mean)
    assert ours.to_json()["mfe_mean"] is None


def test_json_gives_the_columns_asked_for_in_their_order() -> None:
    assert list(report_of_pnl([0.1]).to_json(("total_pnl", "events"))) == ["total_pnl", "events"]


@given(pnl_lists, st.floats(0.001, 0.2))
def test_costs_never_help(net: list[float], cost: float) -> None:
    free, paid = report_of_pnl(net), report_of_pnl([each - cost for each in net])
    for name in ("win_rate", "avg_pnl", "median_pnl", "pnl_q05", "pnl_q95", "max_loss"):
        assert getattr(paid, name) <= getattr(free, name) + 1e-12
    assert paid.max_drawdown >= free.max_drawdown - 1e-12
    assert paid.max_losing_streak >= free.max_losing_streak


@given(pnl_lists)
def test_the_order_of_trades_matters_to_streaks_and_drawdown_only(net: list[float]) -> None:
    forward, backward = report_of_pnl(net), report_of_pnl(net[::-1])
    for name in set(REPORT_COLUMNS) - {"max_drawdown"}:
        expected = pytest.approx(getattr(forward, name), abs=1e-12, nan_ok=True)
        assert getattr(backward, name) == expected


def test_drawdown_starts_from_nothing_won() -> None:
    assert max_drawdown(np.array([-0.5, 1.0])) == 0.5
    assert max_drawdown(np.array([1.0, -0.2, -0.3, 2.0, -0.4])) == 0.5
    assert max_drawdown(np.array([0.1, 0.2])) == 0


def test_the_longest_streak_counts_not_the_last() -> None:
    assert losing_streak(np.array([-1, -1, -1, 2, -1, 3.0])) == 3


def test_compression_is_the_share_of_the_spread_that_is_gone() -> None:
    spread = np.array([0.2, 0.1, -0.05, 0.0, np.nan, 0.4])
    entries = np.array([0, 1, 3, 4, 5])
    np.testing.assert_allclose(
        spread_compress(spread, entries, 1), [0.5, 0.5, np.nan, np.nan, np.nan]
    )
    assert spread_compress(spread, np.array([0]), 5)[0] == pytest.approx(-1)

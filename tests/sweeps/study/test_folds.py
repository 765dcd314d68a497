"""Folds of time: no trade in two of them, no minute of one looked at by the next."""

import itertools

import numpy as np
import pytest

from research.errors import FrameError
from research.measures.costs import Costs
from strategies.backtest.backtest import backtest
from strategies.law.execution import EXECUTABLE
from strategies.lead_follow import LeadFollowParams
from sweeps.engine import score_exits
from sweeps.study.folds import time_folds
from tests.samples.markets import small_panel

COSTS = Costs(fees_bps=4)


def kept_rows(rows: slice, count: int, **options: int) -> list[range]:
    folds = time_folds(rows, count, **options)
    stops = [*folds.starts[1:].tolist(), rows.stop]
    return [
        range(a, b)
        for a, b, is_fold in zip(folds.starts.tolist(), stops, folds.is_fold, strict=True)
        if is_fold
    ]


def test_ends_are_purged_and_beginnings_embargoed_but_the_outer_ones() -> None:
    assert kept_rows(slice(100, 400), 3, purge=10, embargo=5) == [
        range(100, 190),
        range(205, 290),
        range(305, 400),
    ]


@pytest.mark.parametrize(("purge", "embargo"), [(0, 0), (10, 0), (0, 10)])
def test_without_a_gap_on_one_side_there_is_none(purge: int, embargo: int) -> None:
    first, second = kept_rows(slice(0, 100), 2, purge=purge, embargo=embargo)
    assert (first.stop, second.start) == (50 - purge, 50 + embargo)
    assert kept_rows(slice(5, 95), 1, purge=purge, embargo=embargo) == [range(5, 95)]


def test_a_fold_that_nothing_would_be_left_of_is_refused_with_the_cure() -> None:
    with pytest.raises(FrameError, match="a fold of 25 minutes is no longer than the longest hold"):
        time_folds(slice(0, 100), 4, purge=20, embargo=5)


def test_a_trade_counts_in_the_fold_of_its_entry_and_ends_before_the_next() -> None:
    panel, rows = small_panel(), slice(0, 4000)
    entry = LeadFollowParams(mode="long", move_pct=0.03, spread_entry=0.0)
    exits = {"tp": [0.1], "sl": [0.1], "horizon": [20.0]}
    folds = time_folds(rows, 4, purge=20, embargo=30)
    found = folds.of(
        score_exits(
            panel, entry, exits, execution=EXECUTABLE, costs=COSTS, rows=rows,
            starts=folds.starts,
        )
    )  # fmt: skip
    params = LeadFollowParams(
        mode="long", move_pct=0.03, spread_entry=0.0, tp=0.1, sl=0.1, horizon=20
    )
    made = backtest(panel, params, execution=EXECUTABLE, costs=COSTS, rows=rows).positions
    spans = kept_rows(rows, 4, purge=20, embargo=30)
    by_hand = [int(np.isin(made["entry"], np.array(span)).sum()) for span in spans]
    assert found.folds.events[:, 0].tolist() == by_hand
    assert found.whole.events[0, 0] == len(made) > sum(by_hand) > 0
    for span, following in itertools.pairwise(spans):
        inside = made[np.isin(made["entry"], np.array(span))]
        assert (inside["exit"] < following.start).all()

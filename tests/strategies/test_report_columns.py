"""What a strategy says it reports is what it knows."""

import math

import pytest

from research.measures.report import REPORT_COLUMNS
from strategies.backtest.backtest import backtest
from strategies.law.execution import PLAIN
from strategies.registry import Strategy, strategies, strategy_named
from tests.samples.markets import small_panel


@pytest.mark.parametrize("strategy", strategies(), ids=lambda each: each.name)
def test_every_report_column_of_a_strategy_is_known_once_it_traded(strategy: Strategy) -> None:
    report = backtest(small_panel(), strategy.params_type(), execution=PLAIN).report()
    assert report.events > 1
    assert not [name for name in strategy.report_columns if math.isnan(getattr(report, name))]
    others = set(REPORT_COLUMNS) - set(strategy.report_columns)
    shares = {name for name in others if name.endswith("_share")}
    assert all(getattr(report, name) == 0 for name in shares)
    assert all(math.isnan(getattr(report, name)) for name in others - shares)


def test_each_strategy_shows_the_shares_it_can_have() -> None:
    lead, reversion = (strategy_named(name).report_columns for name in ("lead", "reversion"))
    assert {"tp_share", "end_share"} < set(lead)
    assert {"revert_share", "timeout_share", "end_share"} < set(reversion)
    assert "revert_share" not in lead
    assert "tp_share" not in reversion

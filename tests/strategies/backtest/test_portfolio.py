"""vectorbt's own account of the same orders."""

from dataclasses import replace

import numpy as np
import pytest

from research.errors import ReplayError
from strategies.backtest.backtest import backtest
from strategies.backtest.portfolio import replay_in_vectorbt
from strategies.law.execution import PLAIN, Execution
from strategies.registry import Params
from tests.samples.markets import small_panel
from tests.strategies.backtest.test_backtest import LEAD, MODELS, SETS

SINGLE = [model for model in MODELS if not model.overlap]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("params", SETS)
@pytest.mark.parametrize("model", SINGLE)
def test_vectorbt_agrees_on_every_trade_and_on_net_pnl(params: Params, model: Execution) -> None:
    result = backtest(small_panel(), params, execution=model)
    found = replay_in_vectorbt(result)
    assert found.trades == len(result) > 5
    assert found.max_error_pct < 1e-9


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_portfolio_over_all_minutes_has_the_same_trades() -> None:
    result = backtest(small_panel(), LEAD)
    records = result.to_vectorbt().trades.records
    np.testing.assert_allclose(records["pnl"], result.net_pct, atol=1e-9)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_wrong_pnl_is_noticed() -> None:
    result = backtest(small_panel(), LEAD)
    forged = result.positions.copy()
    forged["net_pct"][3] += 1e-6
    with pytest.raises(ReplayError, match=r"vectorbt differs by 1.000e-06 %"):
        replay_in_vectorbt(replace(result, positions=forged))


def test_overlapping_positions_are_refused() -> None:
    result = backtest(small_panel(), LEAD, execution=PLAIN)
    with pytest.raises(ReplayError, match="overlapping positions have no single portfolio"):
        result.to_vectorbt()

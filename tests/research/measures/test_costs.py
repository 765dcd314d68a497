import pytest

from research.errors import ParamError
from research.measures.costs import Costs, plain_costs, taker_costs
from research.settings.costs import CostSettings


def test_taker_costs_count_both_sides_of_every_leg() -> None:
    settings = CostSettings(dydx_taker_fee_bps=5.0, binance_taker_fee_bps=4.0, slippage_bps=1.5)
    lead, reversion = taker_costs(settings, legs=1), taker_costs(settings, legs=2)
    assert (lead.fees_bps, reversion.fees_bps) == (10.0, 18.0)
    assert lead.slippage_pct(1) == pytest.approx(0.03)
    assert reversion.slippage_pct(2) == pytest.approx(0.06)
    assert lead.funding


def test_plain_costs_are_the_fees_given_and_nothing_else() -> None:
    assert plain_costs(8.0) == Costs(fees_bps=8.0, slippage_bps=0.0, funding=False)
    assert plain_costs(8.0).fees_pct == 0.08
    assert plain_costs(20.0) == Costs(fees_bps=20.0)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1000.0, -1000.0, -1001.0])
@pytest.mark.parametrize("name", ["fees_bps", "slippage_bps"])
def test_absurd_costs_are_refused(name: str, value: float) -> None:
    with pytest.raises(ParamError, match=f"{name} must be within"):
        Costs(**{name: value})


@pytest.mark.parametrize("value", [-999.5, 999.5])
def test_the_largest_costs_and_rebates_are_taken(value: float) -> None:
    assert Costs(fees_bps=value, slippage_bps=value).fees_pct == value / 100


def test_costs_unsaid_are_the_plain_ones() -> None:
    assert Costs() == plain_costs(8.0)

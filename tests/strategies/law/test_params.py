import math
from typing import Any

import pytest

from research.errors import ParamError
from strategies.law.bounds import Bound, bound_of, bounds
from strategies.law.execution import EXECUTABLE, PLAIN, Execution
from strategies.law.filters import EntryFilters
from strategies.lead_follow import LeadFollowParams
from strategies.reversion import ReversionParams


@pytest.mark.parametrize("params_type", [LeadFollowParams, ReversionParams])
def test_every_bound_is_enforced_at_both_ends(params_type: Any) -> None:
    for name, bound in bounds(params_type).items():
        others = {"exit": 0.0} if name == "entry" else {"entry": 20.0} if name == "exit" else {}
        for value in (math.nan, math.inf, bound.high * 2, -1):
            with pytest.raises(ParamError, match=f"{name} must be"):
                params_type(**(others | {name: value}))
        if bound.is_low_open:
            with pytest.raises(ParamError, match=f"{name} must be"):
                params_type(**(others | {name: bound.low}))


def test_minutes_are_whole_numbers() -> None:
    with pytest.raises(ParamError, match=r"horizon must be a whole number in \[1, 10080\] min"):
        LeadFollowParams(horizon=2.5)  # type: ignore[arg-type]
    with pytest.raises(ParamError, match="window must be a whole number"):
        LeadFollowParams(window=True)


def test_exit_lies_below_entry() -> None:
    with pytest.raises(ParamError, match=r"exit must be below entry=0.03 percent, was 0.03"):
        ReversionParams(entry=0.03, exit=0.03)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"mode": "up"}, "mode must be short or long, was 'up'"),
        ({"reference": "mid"}, "reference must be raw or excess, was 'mid'"),
    ],
)
def test_words_are_checked(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ParamError, match=message):
        LeadFollowParams(**values)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"max_age_min": -1}, "max_age_min must be >= 0"),
        ({"max_age_min": math.nan}, "max_age_min must be >= 0"),
        ({"sessions": ()}, "sessions must be some of asia, europe, us"),
        ({"regimes": ("mild",)}, "regimes must be some of calm, normal, wild"),
        ({"rsi_timeframe": "2m"}, "rsi_timeframe must be 1m, 5m, 15m, 1h or 4h"),
        ({"rsi_min": 60.0, "rsi_max": 40.0}, "0 <= rsi_min <= rsi_max <= 100"),
        ({"max_funding_pct": math.nan}, "max_funding_pct must be a number"),
    ],
)
def test_filters_refuse_nonsense(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ParamError, match=message):
        EntryFilters(**values)


def test_execution_refuses_unknown_words() -> None:
    with pytest.raises(ParamError, match="fill must be close or next_open"):
        Execution(fill="mid")  # type: ignore[arg-type]
    with pytest.raises(ParamError, match="touch must be close or intrabar"):
        Execution(touch="wick")  # type: ignore[arg-type]


def test_a_bound_holds_its_ends_and_what_lies_between_unless_it_says_otherwise() -> None:
    plain = Bound(low=0.0, high=1.0, unit="percent")
    assert [plain.holds(value) for value in (0.0, 0.5, 1.0)] == [True, True, True]
    assert [plain.holds(value) for value in (-0.01, 1.01, math.nan, math.inf)] == [False] * 4
    assert str(plain) == "in [0, 1] percent"
    strict = Bound(low=0.0, high=9.0, unit="min", is_low_open=True, is_integer=True)
    assert [strict.holds(value) for value in (0.0, 1.0, 1.5, 9)] == [False, True, False, True]
    assert str(strict) == "a whole number in (0, 9] min"


@pytest.mark.parametrize("params_type", [LeadFollowParams, ReversionParams])
def test_every_parameter_says_its_unit_and_what_it_means(params_type: Any) -> None:
    for name, bound in bounds(params_type).items():
        assert bound.unit, name
        assert bound.meaning, name


def test_the_two_models_of_execution_are_the_two_columns_of_the_page() -> None:
    """SEMANTICS.md, section 5: what nobody says otherwise is what an order could have got."""
    told = ("fill", "touch", "overlap", "flat_is_price")
    assert [getattr(PLAIN, name) for name in told] == ["close", "close", True, True]
    assert [getattr(EXECUTABLE, name) for name in told] == ["next_open", "intrabar", False, False]
    assert Execution() == EXECUTABLE


def test_an_unknown_bound_names_the_known_ones() -> None:
    assert bound_of(LeadFollowParams, "tp").unit == "percent"
    with pytest.raises(ParamError, match="no parameter mode; the bounded ones are window"):
        bound_of(LeadFollowParams, "mode")

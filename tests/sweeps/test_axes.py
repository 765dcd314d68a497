"""Axes and grids: what levels mean, which cells are sets, and what is refused."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.errors import ParamError, SearchError
from strategies.law.filters import EntryFilters
from strategies.lead_follow import LeadFollowParams
from strategies.registry import Params, strategy_named
from strategies.reversion import ReversionParams
from sweeps.axes import Axis, GridSpec, axes_of, grid_spec, parse_axis

LEAD: dict[str, Any] = {"window": [3, 5], "tp": "0.1,0.2,0.4", "cooldown": "0:10:5"}
BACK: dict[str, Any] = {"entry": "0.01:0.05:0.01", "exit": [0.0, 0.02, 0.03], "min_gap": [1, 5]}


def levels_of(name: str, text: str) -> tuple[float, ...]:
    spec = grid_spec(LeadFollowParams(), {name: text})
    return spec.axes[spec.position(name)].levels


def test_a_range_holds_both_ends_and_the_decimals_that_a_person_would_write() -> None:
    assert levels_of("spread_entry", "0.02:0.12:0.02") == (0.02, 0.04, 0.06, 0.08, 0.1, 0.12)
    assert levels_of("spread_entry", "0:0.3:0.1") == (0.0, 0.1, 0.2, 0.3)
    assert levels_of("spread_entry", "0.02:0.05:0.02") == (0.02, 0.04)
    assert levels_of("horizon", "5:5:1") == (5.0,)


@given(st.integers(0, 400), st.integers(0, 60), st.integers(1, 50))
def test_every_level_of_a_range_is_a_whole_number_of_thousandths(
    low: int, steps: int, step: int
) -> None:
    high = low + steps * step
    found = levels_of("spread_entry", f"{low / 1000}:{high / 1000}:{step / 1000}")
    assert found == tuple((low + i * step) / 1000 for i in range(steps + 1))


def test_parameters_without_levels_keep_the_value_of_the_base() -> None:
    filters = EntryFilters(max_age_min=3)
    base = LeadFollowParams(mode="long", reference="raw", sl=0.7, filters=filters)
    spec = grid_spec(base, {"tp": [0.1, 0.2]})
    assert spec.shape == (1, 1, 1, 1, 2, 1, 1)
    assert spec.params_at(1) == LeadFollowParams(
        mode="long", reference="raw", sl=0.7, filters=filters, tp=0.2
    )
    assert spec.mode == "long"
    assert grid_spec(ReversionParams(), {}).mode == "both"


def test_axes_without_levels_take_the_defaults_of_the_strategy() -> None:
    axes = axes_of(strategy_named("reversion"), {"entry": [0.05]})
    assert [(axis.name, axis.levels) for axis in axes] == [
        ("entry", (0.05,)),
        ("min_gap", (5.0,)),
        ("exit", (0.03,)),
        ("max_hold", (60.0,)),
    ]


@pytest.mark.parametrize(
    ("base", "levels"), [(LeadFollowParams(), LEAD), (ReversionParams(), BACK)]
)
def test_cells_count_in_c_order_and_are_valid_where_the_parameters_say_so(
    base: Params, levels: dict[str, Any]
) -> None:
    spec = grid_spec(base, levels)
    assert list(spec.cells()) == list(range(spec.size))
    for cell in spec.cells():
        index = np.unravel_index(cell, spec.shape)
        wanted = [axis.levels[i] for axis, i in zip(spec.axes, index, strict=True)]
        assert [spec.values(axis.name)[cell] for axis in spec.axes] == wanted
        if spec.is_valid[cell]:
            params = spec.params_at(cell)
            assert [getattr(params, axis.name) for axis in spec.axes] == wanted
        else:
            with pytest.raises(ParamError):
                spec.params_at(cell)


def test_a_reversion_grid_has_both_kinds_of_cells() -> None:
    spec = grid_spec(ReversionParams(), BACK)
    assert 0 < spec.is_valid.sum() < spec.size
    assert grid_spec(LeadFollowParams(), LEAD).is_valid.all()


def test_minutes_become_whole_numbers() -> None:
    params = grid_spec(LeadFollowParams(), {"window": "3:5:2"}).params_at(1)
    assert isinstance(params, LeadFollowParams)
    assert params.window == 5
    assert isinstance(params.window, int)


@pytest.mark.parametrize(
    ("levels", "message"),
    [
        (
            {"spred": [1]},
            "axis spred: lead has no such parameter; it has window, move_pct, spread_entry, "
            "cooldown, tp, sl, horizon, max_age_min, rsi_min, rsi_max, max_funding_pct, score_min",
        ),
        ({"tp": []}, "axis tp: no level; give at least one"),
        ({"tp": [float("nan")]}, "axis tp: levels must be finite, were nan"),
        (
            {"tp": [0.2, 0.1]},
            "axis tp: levels must rise without repeating, were 0.2, 0.1; sort them and drop "
            "repeats",
        ),
        (
            {"tp": "0.1,0.1"},
            "axis tp: levels must rise without repeating, were 0.1, 0.1; sort them and drop "
            "repeats",
        ),
        ({"tp": [0.0, 0.1]}, "axis tp: level 0 must be in (0, 50] percent"),
        ({"window": [3.5]}, "axis window: level 3.5 must be a whole number in [1, 240] min"),
        (
            {"tp": "0.1:0.2"},
            "axis tp: '0.1:0.2' is neither low:high:step nor a list a,b,c of numbers",
        ),
        ({"tp": "a,b"}, "axis tp: 'a,b' is neither low:high:step nor a list a,b,c of numbers"),
        ({"tp": "0.2:0.1:0.1"}, "axis tp: 0.2:0.1:0.1 needs low <= high and step > 0"),
        ({"tp": "0.1:0.2:0"}, "axis tp: 0.1:0.2:0 needs low <= high and step > 0"),
        ({"tp": "0.1:inf:1"}, "axis tp: 0.1:inf:1 needs low <= high and step > 0"),
        ({"tp": "0:40:0.001"}, "axis tp: 40,001 levels, at most 10,000; widen the step"),
    ],
)
def test_wrong_levels_are_refused_by_name(levels: dict[str, Any], message: str) -> None:
    with pytest.raises(SearchError) as refusal:
        grid_spec(LeadFollowParams(), levels)
    assert str(refusal.value) == message


@pytest.mark.parametrize("text", ["tp", "=0.1", "tp=", " = "])
def test_an_axis_of_the_command_line_needs_a_name_and_levels(text: str) -> None:
    with pytest.raises(SearchError) as refusal:
        parse_axis(text)
    assert str(refusal.value) == (
        f"axis {text!r}: must read name=low:high:step or name=a,b,c, "
        "such as spread_entry=0.02:0.12:0.02"
    )


def test_an_axis_of_the_command_line_may_hold_spaces() -> None:
    assert parse_axis(" tp = 0.1, 0.2 ") == ("tp", "0.1, 0.2")
    assert levels_of(*parse_axis(" tp = 0.1, 0.2 ")) == (0.1, 0.2)


def test_a_grid_is_refused_without_one_axis_for_each_parameter_in_order() -> None:
    with pytest.raises(SearchError) as refusal:
        GridSpec(base=ReversionParams(), axes=(Axis("exit", (0.01,)), Axis("entry", (0.05,))))
    assert str(refusal.value) == (
        "axes of a reversion grid must be entry, min_gap, exit, max_hold, in this order, were "
        "exit, entry; build the grid with grid_spec()"
    )
    axes = tuple(Axis(name, (1.0,)) for name in ("entry", "min_gap", "exit"))
    with pytest.raises(SearchError, match=r"axis max_hold: level 0\.5 must be a whole number"):
        GridSpec(base=ReversionParams(), axes=(*axes, Axis("max_hold", (0.5,))))


def test_an_axis_that_is_not_there_is_named() -> None:
    with pytest.raises(SearchError, match="axis tp: reversion has no such parameter; it has entry"):
        grid_spec(ReversionParams(), BACK).values("tp")

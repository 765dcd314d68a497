"""The space between the ends of axes: what is proposed, what is left to the cube of exits."""

import numpy as np
import optuna
import pytest

from research.errors import ParamError
from strategies.lead_follow import LeadFollowParams
from strategies.reversion import ReversionParams
from sweeps.study.space import DECIMALS, EXIT_LEVELS, SearchSpace, search_space

LEAD = LeadFollowParams(mode="long")


def lead_space(**levels: list[float]) -> SearchSpace:
    return search_space(LEAD, levels)


def test_only_what_can_differ_is_proposed() -> None:
    space = lead_space(window=[3, 10], move_pct=[0.1, 0.4], cooldown=[15], spread_entry=[0.02])
    kinds = space.distributions(LEAD)
    assert kinds == {
        "window": optuna.distributions.IntDistribution(3, 10),
        "move_pct": optuna.distributions.FloatDistribution(0.1, 0.4, log=True),
    }


def test_levels_in_between_are_no_border() -> None:
    """An axis is a range to a study: only its ends count."""
    few, many = lead_space(move_pct=[0.1, 0.4]), lead_space(move_pct=[0.1, 0.2, 0.3, 0.4])
    assert few.distributions(LEAD) == many.distributions(LEAD)


def test_an_entry_that_is_not_proposed_stands_at_its_level() -> None:
    space = lead_space(window=[5], move_pct=[0.1, 0.4], tp=[0.2, 0.8], sl=[0.3], horizon=[7, 9])
    entry = space.entry_at(LEAD, {"move_pct": 0.25})
    assert isinstance(entry, LeadFollowParams)
    assert (entry.window, entry.move_pct) == (5, 0.25)
    assert (entry.tp, entry.sl, entry.horizon) == (0.2, 0.3, 7)  # the lowest exits
    assert space.entry_at(LEAD, {}).move_pct == 0.1  # type: ignore[union-attr]


def test_proposals_are_rounded_to_what_a_person_would_write() -> None:
    space = lead_space(move_pct=[0.1, 0.4])
    entry = space.entry_at(LEAD, {"move_pct": 0.123456789})
    assert entry.move_pct == 0.1235 == round(0.123456789, DECIMALS)  # type: ignore[union-attr]


def test_exit_levels_rise_evenly_in_ratio_and_keep_both_ends() -> None:
    space = lead_space(tp=[0.05, 25.6], sl=[0.5], horizon=[2, 1024])
    assert space.exits["tp"] == [0.05 * 2**k for k in range(10)]
    assert space.exits["horizon"] == [2.0 * 2**k for k in range(10)]
    assert space.exits["sl"] == [0.5]  # one level is one, not ten of the same
    assert space.cube == tuple(len(levels) for levels in space.exits.values())
    assert max(space.cube) == EXIT_LEVELS


def test_a_low_of_nothing_is_left_in_equal_steps() -> None:
    space = search_space(ReversionParams(), {"entry": [0.2], "exit": [0.0, 0.09], "max_hold": [9]})
    assert space.exits["exit"] == [round(0.01 * k, 2) for k in range(10)]


def test_short_whole_numbers_are_not_repeated() -> None:
    assert lead_space(horizon=[1, 3]).exits["horizon"] == [1.0, 2.0, 3.0]


def test_cells_of_the_cube_count_the_last_exit_fastest() -> None:
    space = lead_space(tp=[0.1, 3.2], sl=[0.5, 16.0], horizon=[10, 320])
    names = list(space.exits)
    for cell in (0, 1, 35, 36, 100, 215):
        at = np.unravel_index(cell, space.cube)
        params = space.exit_at(LEAD, cell)
        found = [getattr(params, name) for name in names]
        assert found == [space.exits[name][int(k)] for name, k in zip(names, at, strict=True)]
    assert [getattr(space.exit_at(LEAD, 1), name) for name in names[:2]] == [
        space.exits[name][0] for name in names[:2]
    ]


def test_an_entry_below_its_lowest_exit_is_refused() -> None:
    space = search_space(ReversionParams(), {"entry": [0.02, 0.1], "exit": [0.03, 0.05]})
    with pytest.raises(ParamError, match="exit must be below entry"):
        space.entry_at(ReversionParams(), {"entry": 0.02})
    assert space.entry_at(ReversionParams(), {"entry": 0.031}).exit == 0.03  # type: ignore[union-attr]

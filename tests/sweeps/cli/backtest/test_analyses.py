"""The commands of strategies: made of the registry, in the spellings of the first analyses."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from strategies.law.bounds import bounded, bounds
from strategies.listed import LISTED, summary_of
from strategies.registry import Strategy, strategies, strategy_named
from sweeps.cli.backtest.thresholds import flag_of, given_to, modes_asked, thresholds

CONTRACT = {
    "lead": {
        "window": "--binance-drop-window",
        "move_pct": "--binance-drop-pct",
        "spread_entry": "--spread-entry",
        "cooldown": "--cooldown-min",
        "tp": "--tp",
        "sl": "--sl",
        "horizon": "--horizon-min",
    },
    "reversion": {
        "entry": "--entry",
        "exit": "--exit",
        "max_hold": "--max-hold-min",
        "min_gap": "--min-gap-min",
    },
}

Call = Callable[..., tuple[int, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PatienceParams:
    """Parameters of a strategy that no command was written for."""

    patience: int = bounded(7, 1, 60, "min", "Waits so long")
    spread_entry: float = bounded(0.11, 0.0, 20.0, "percent")


PATIENCE = replace(
    strategy_named("lead"),
    name="patience",
    params_type=PatienceParams,
    modes=(),
    entry_axes=("patience", "spread_entry"),
    exit_axes=(),
    flags={},
)


@pytest.mark.parametrize("strategy", strategies(), ids=lambda each: each.name)
def test_the_flags_are_those_of_the_first_analyses(strategy: Strategy) -> None:
    assert {name: flag_of(strategy, name) for name in strategy.axes} == CONTRACT[strategy.name]


@pytest.mark.parametrize("strategy", strategies(), ids=lambda each: each.name)
def test_defaults_and_meanings_shown_are_those_of_the_parameters(
    strategy: Strategy, help_of: Call
) -> None:
    code, shown = help_of(strategy.name)
    assert code == 0
    defaults = strategy.params_type()
    for name, bound in bounds(defaults).items():
        assert bound.meaning in shown
        assert f"[default: {getattr(defaults, name):g}]" in shown
    assert summary_of(strategy.name) in shown


def test_what_is_left_out_is_the_default_of_the_parameters() -> None:
    lead = strategy_named("lead")
    group = thresholds([lead])
    assert given_to(lead, group()) == {}
    assert given_to(lead, group(tp=0.3, binance_drop_window=7)) == {"tp": 0.3, "window": 7}
    assert modes_asked(lead, group()) == ["short"]
    assert modes_asked(lead, group(mode="both")) == ["short", "long"]
    assert modes_asked(lead, thresholds([lead], mode="both")()) == ["short", "long"]


def test_a_flag_that_two_strategies_spell_alike_goes_to_both() -> None:
    lead = strategy_named("lead")
    given = thresholds([lead, PATIENCE])(spread_entry=0.05, patience_min=9)
    assert given_to(lead, given) == {"spread_entry": 0.05}
    assert given_to(PATIENCE, given) == {"patience": 9, "spread_entry": 0.05}


def test_a_listed_strategy_has_its_command_by_one_line(
    monkeypatch: pytest.MonkeyPatch, help_of: Call
) -> None:
    code, _ = help_of("first")
    assert code == 2
    monkeypatch.setitem(LISTED, "first", "tests.samples.first_minute")
    code, shown = help_of("first")
    assert code == 0
    assert "First minute: lead/follow on the first minute of an excess alone." in shown
    assert "--spread-entry 0.08" in shown

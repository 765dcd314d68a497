"""Letters for pictures: counts add up, heights follow values, unknown is a dot."""

import re

import numpy as np

from sweeps.cli.sketch import histogram, sparkline
from sweeps.cli.terminal import console, say


def test_the_bars_of_a_histogram_count_every_known_value() -> None:
    values = np.concatenate([np.random.default_rng(3).normal(size=5000), [np.nan, 99.0]])
    lines = histogram(values)
    assert sum(int(line.split()[-1].replace(",", "")) for line in lines) == 5001
    assert lines[0].startswith("<=")
    assert lines[-1].startswith(">=")
    longest = max(lines, key=lambda line: line.count("█"))
    assert int(longest.split()[-1].replace(",", "")) == max(
        int(line.split()[-1].replace(",", "")) for line in lines
    )


def test_nothing_known_and_one_value_are_said() -> None:
    assert histogram(np.array([np.nan])) == ["nothing known"]
    assert histogram(np.full(5, 0.25)) == ["+0.2500 %  all 5"]


def test_a_sparkline_rises_with_its_values_and_dots_what_is_unknown() -> None:
    rising = sparkline(np.arange(600.0))
    assert len(rising) == 60
    assert list(rising) == sorted(rising)
    assert (rising[0], rising[-1]) == ("▁", "█")
    assert sparkline(np.array([1.0, np.nan, 2.0])) == "▁.█"
    assert sparkline(np.array([np.nan])) == "."


def test_what_a_terminal_would_obey_is_spelled_out() -> None:
    with console.capture() as captured:
        say("[red]x[/red] \x1b[31my\x07")
    assert re.sub(r"\s+$", "", captured.get()) == "[red]x[/red] \\x1b[31my\\x07"

"""The list of strategies as tests that hold for any of them see it: with a third one."""

from strategies.listed import LISTED

__all__ = ["THIRD", "WITH_THIRD"]

THIRD = ("first", "tests.samples.first_minute")
"""The one line that a third strategy needs."""
WITH_THIRD = dict([*LISTED.items(), THIRD])

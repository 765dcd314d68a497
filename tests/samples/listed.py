"""The list of strategies as tests that hold for any of them see it: with a third one."""

from strategies.listed import LISTED
from strategies.registry import Params, bases

__all__ = ["THIRD", "WITH_THIRD", "two_bases"]

THIRD = ("first", "tests.samples.first_minute")
"""The one line that a third strategy needs."""
WITH_THIRD = dict([*LISTED.items(), THIRD])


def two_bases() -> dict[str, Params]:
    """Bases of the two built-in strategies, whatever else is listed: for counts typed by hand."""
    known = bases()
    return {title: known[title] for title in ("lead-short", "lead-long", "reversion")}

"""The lines of a verdict: a claim, a number, what it must be, whether it is, one plain sentence."""

import math
from dataclasses import dataclass
from typing import Any

from research.strict_json import finite_or_none

__all__ = ["Line"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the table.

    Attributes
    ----------
    number
        NaN where it is unknown.
    needs
        What the number must be, for people: ``<= 0.05``; empty where nothing is asked.
    passed
        None where nothing is asked, or nothing can be said.
    decides
        Whether a set may not trade without it; the others inform.
    """

    claim: str
    check: str
    number: float = math.nan
    unit: str = ""
    needs: str = ""
    passed: bool | None = None
    decides: bool = False
    sentence: str

    def to_json(self) -> dict[str, Any]:
        """The fields; an unknown number is null."""
        return {
            "claim": self.claim,
            "check": self.check,
            "number": finite_or_none(self.number),
            "unit": self.unit,
            "needs": self.needs,
            "passed": self.passed,
            "decides": self.decides,
            "sentence": self.sentence,
        }

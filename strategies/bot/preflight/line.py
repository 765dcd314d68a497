"""The lines of a pre-flight: a check, its number, what it must be, whether it is, a sentence."""

import math
from dataclasses import dataclass
from typing import Any

from research.strict_json import finite_or_none

__all__ = ["Line"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One check. ``number`` is NaN where it is unknown: then it is not passed."""

    check: str
    passed: bool
    number: float = math.nan
    unit: str = ""
    needs: str
    sentence: str

    def to_json(self) -> dict[str, Any]:
        """The fields; an unknown number is null."""
        return {
            "check": self.check,
            "passed": self.passed,
            "number": finite_or_none(self.number),
            "unit": self.unit,
            "needs": self.needs,
            "sentence": self.sentence,
        }

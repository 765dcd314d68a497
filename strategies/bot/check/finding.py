"""One thing that is wrong with a file, or that its reader should know."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

__all__ = ["Finding", "outside"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One sentence about one place.

    Attributes
    ----------
    is_fault
        Whether the file does not pass with it; else it is for information.
    """

    where: str
    sentence: str
    is_fault: bool = True

    def to_json(self) -> dict[str, Any]:
        """The fields."""
        return {"where": self.where, "fault": self.is_fault, "sentence": self.sentence}


def outside(
    where: str, value: float, low: float, high: float, unit: str, *, zero_ok: bool = False
) -> Iterable[Finding]:
    """A finding where ``value`` is not plausible; says so where a factor of 100 would mend it."""
    if low <= value <= high or (zero_ok and value == 0):
        return
    words = f"{value:g} {unit} is not plausible, expected {low:g} to {high:g} {unit}"
    for factor, mend in ((100, "fraction for a percentage"), (0.01, "percentage for a fraction")):
        if low <= value * factor <= high:
            times = "times 100" if factor > 1 else "divided by 100"
            words += f"; {times} it would be: a {mend}?"
            break
    yield Finding(where=where, sentence=words)

"""What a set stands on: its trades in and out of sample, and the verdict on its claim."""

from typing import Annotated

from pydantic import Field

from strategies.bot.parts import Part
from strategies.bot.validity import Moment

__all__ = ["Check", "Evidence", "Holdout", "SetVerdict"]

Unknown = Annotated[float | None, Field(allow_inf_nan=False)]


class Evidence(Part):
    """All report columns over one span; null where unknown."""

    first_minute: Moment
    last_minute: Moment
    report: dict[str, float | None]
    trades_sha256: str | None = Field(
        description="over minute, side, reason and prices of its trades; null: of several sets"
    )


class Check(Part):
    """One line of the verdict."""

    check: str
    number: Unknown
    unit: str
    needs: str
    passed: bool | None = Field(description="null: nothing was asked")
    decides: bool
    sentence: str


class SetVerdict(Part):
    """What the walk's pooled trades say of the claim, percent a trade; null where untestable."""

    trades: int = Field(ge=0)
    days: int | None
    mean_pct: Unknown
    lower_pct: Unknown = Field(description="one-sided 95 %")
    upper_pct: Unknown
    std_error_pct: Unknown
    p: Unknown
    p_after_gates: Unknown = Field(description="all claims together")
    checks: tuple[Check, ...]

    @property
    def is_proven(self) -> bool:
        """Whether every check that decides was passed."""
        deciding = [each for each in self.checks if each.decides]
        return bool(deciding) and all(each.passed for each in deciding)

    @property
    def failed(self) -> tuple[str, ...]:
        """The checks that decide and were not passed, in words."""
        return tuple(
            f"{each.check}: {each.sentence}"
            for each in self.checks
            if each.decides and not each.passed
        )


class Holdout(Part):
    """The minutes that no search saw."""

    first_minute: Moment
    last_minute: Moment
    opened_by: int = Field(ge=1, description="different searches so far, this one among them")

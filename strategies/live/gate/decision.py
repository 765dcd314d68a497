"""The gate's answer."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from strategies.live.gate.reasons import Reason
from strategies.live.risk import RiskReading

__all__ = ["Action", "Decision"]


class Action(StrEnum):
    """What the bot may do about an entry. Leaving is never refused."""

    REFUSE = "refuse"
    ALLOW = "allow"
    ALLOW_SMALLER = "allow_smaller"
    ALLOW_WITH_BONUS = "allow_with_bonus"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One answer.

    Attributes
    ----------
    size_factor
        Of the order's size, in (0, 1]; 0 where it is refused.
    score_bonus
        To add to the bot's own score; negative: the evidence speaks against it. 0 where refused.
    reasons
        Most important first.
    set_id
        The set that speaks for the minute; None: none does.
    reading
        The risk state and its numbers at this moment.
    """

    action: Action
    size_factor: float
    score_bonus: float
    reasons: tuple[Reason, ...]
    set_id: str | None
    reading: RiskReading

    @property
    def allows(self) -> bool:
        """Whether the bot may enter."""
        return self.action is not Action.REFUSE

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "action": self.action.value,
            "size_factor": self.size_factor,
            "score_bonus": self.score_bonus,
            "reasons": [str(reason) for reason in self.reasons],
            "set_id": self.set_id,
            "risk_state": self.reading.state.value,
            "causes": [cause.value for cause in self.reading.causes],
        }

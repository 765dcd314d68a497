"""Many HALTs at once: which causes, in which sessions and regimes."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from research.halts.causes import Cause
from research.halts.replay import CAUSES, Halt

__all__ = ["CauseCounts", "summarise"]

_UNLABELLED: Final = "(none)"


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseCounts:
    """HALTs of one group, counted by cause."""

    group: str  # all, session or regime
    label: str
    halts: int
    counts: dict[Cause, int]

    def share(self, cause: Cause) -> float:
        """Percent of this group's HALTs with that cause."""
        return 100 * self.counts[cause] / self.halts

    def to_dict(self) -> dict[str, Any]:
        """Counts and shares (percent), ready for JSON."""
        row: dict[str, Any] = {"group": self.group, "label": self.label, "halts": self.halts}
        for cause in CAUSES:
            row |= {cause: self.counts[cause], f"{cause}_pct": round(self.share(cause), 2)}
        return row


def summarise(halts: Sequence[Halt]) -> list[CauseCounts]:
    """All HALTs, then those of each session, then of each regime; nothing for no HALTs."""
    groups: tuple[tuple[str, Callable[[Halt], str]], ...] = (
        ("all", lambda _: "all"),
        ("session", lambda halt: halt.session),
        ("regime", lambda halt: halt.record.regime or _UNLABELLED),
    )
    return [
        _counted(group, label, [halt for halt in halts if label_of(halt) == label])
        for group, label_of in groups
        for label in dict.fromkeys(sorted(label_of(halt) for halt in halts))
    ]


def _counted(group: str, label: str, halts: list[Halt]) -> CauseCounts:
    counts = Counter(halt.diagnosis.cause for halt in halts)
    by_cause = {cause: counts[cause] for cause in CAUSES}
    return CauseCounts(group=group, label=label, halts=len(halts), counts=by_cause)

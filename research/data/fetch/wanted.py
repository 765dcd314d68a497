"""What a fetch is asked for, who looks on, and what it answers."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from research.clock import Skew
from research.data.tables.schema import MINUTE_MS
from research.data.tables.spans import Span

__all__ = ["StreamReport", "Wanted", "Watch"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The time asked for; ``end_ms`` None means up to the last closed minute."""

    first_ms: int | None = None
    end_ms: int | None = None
    minutes: int | None = None  # counted back from the end; in place of first_ms

    def span(self, closed_ms: int) -> Span:
        """Whole minutes, none of them after ``closed_ms``, the end of the last closed one."""
        end = closed_ms if self.end_ms is None else min(self.end_ms, closed_ms)
        end -= end % MINUTE_MS
        if self.first_ms is not None:
            return Span(self.first_ms - self.first_ms % MINUTE_MS, end)
        return Span(end - (self.minutes or 0) * MINUTE_MS, end)


@dataclass(frozen=True, slots=True)
class Watch:
    """Who looks on: told of progress, asked whether to stop.

    Attributes
    ----------
    on_plan : (stream's name, missing rows) -> None
    on_rows : (stream's name, rows settled) -> None
    stop : Event
        Set from outside: streams end after the page at hand.
    """

    on_plan: Callable[[str, int], None] = lambda name, rows: None
    on_rows: Callable[[str, int], None] = lambda name, rows: None
    stop: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamReport:
    """What one stream did; counts are rows (minutes or payments)."""

    name: str
    span: Span
    step_ms: int
    had: int  # stored before
    missing: int  # to be asked for
    new: int
    requests: int
    retries: int
    seconds: float
    gaps: tuple[Span, ...]  # that the venue does not have, in the span asked for
    pending: tuple[Span, ...]  # too young to call a gap, or not reached before a stop
    skew: Skew

    def to_dict(self) -> dict[str, Any]:
        """The fields, for JSON."""
        return {
            "stream": self.name,
            "span": self.span.sentence(self.step_ms),
            "had": self.had,
            "missing": self.missing,
            "new": self.new,
            "requests": self.requests,
            "retries": self.retries,
            "seconds": round(self.seconds, 3),
            "gaps": [gap.sentence(self.step_ms) for gap in self.gaps],
            "pending": [gap.sentence(self.step_ms) for gap in self.pending],
            "clock_offset_ms": round(self.skew.offset_ms),
        }

"""Stretches of a time grid: what is there, what is missing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from research.arrays import Ints
from research.data.tables.schema import MINUTE_MS, iso_minute

__all__ = ["HOUR_MS", "Span", "covered_ms", "merged", "missing_spans", "without"]

HOUR_MS = 60 * MINUTE_MS


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Grid times ``first_ms <= t < end_ms``, milliseconds since 1970 UTC."""

    first_ms: int
    end_ms: int

    def __bool__(self) -> bool:
        return self.end_ms > self.first_ms

    def count(self, step_ms: int) -> int:
        """Grid times in it."""
        return max(0, -(-(self.end_ms - self.first_ms) // step_ms))

    def cut(self, other: "Span") -> "Span":
        """What both have in common; empty where nothing."""
        return Span(max(self.first_ms, other.first_ms), min(self.end_ms, other.end_ms))

    def by_month(self) -> Iterator["Span"]:
        """Its parts, each within one UTC month, oldest first."""
        first = self.first_ms
        while first < self.end_ms:
            month = np.datetime64(first, "ms").astype("datetime64[M]")
            end = int((month + 1).astype("datetime64[ms]").astype(np.int64))
            yield Span(first, min(end, self.end_ms))
            first = end

    def sentence(self, step_ms: int) -> str:
        """``2025-10-10T21:03Z .. 2025-10-11T04:59Z (477)``: first, last, count."""
        last = self.end_ms - step_ms
        if last <= self.first_ms:
            return f"{iso_minute(self.first_ms)} (1)"
        return f"{iso_minute(self.first_ms)} .. {iso_minute(last)} ({self.count(step_ms):,})"


def missing_spans(present_ms: Ints, span: Span, step_ms: int) -> list[Span]:
    """Stretches of ``span`` without a present time, oldest first.

    Parameters
    ----------
    present_ms : (n,) int64
        Rising times on the grid of ``step_ms``.
    """
    low, high = np.searchsorted(present_ms, [span.first_ms, span.end_ms])
    inside = present_ms[low:high]
    edges = np.concatenate(([span.first_ms - step_ms], inside, [span.end_ms]))
    jumps = np.flatnonzero(np.diff(edges) > step_ms)
    found = (Span(int(edges[at]) + step_ms, int(edges[at + 1])) for at in jumps)
    return [missing for missing in found if missing]


def without(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """What is left of ``spans`` outside of ``taken``, oldest first."""
    left = sorted(span for span in spans if span)
    for hole in taken:
        left = (
            [
                part
                for span in left
                for part in (
                    Span(span.first_ms, min(span.end_ms, max(hole.first_ms, span.first_ms))),
                    Span(max(span.first_ms, min(hole.end_ms, span.end_ms)), span.end_ms),
                )
                if part
            ]
            if hole
            else left
        )
    return sorted(set(left))


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same times as few, rising, disjoint stretches."""
    joined: list[Span] = []
    for span in sorted(span for span in spans if span):
        if joined and span.first_ms <= joined[-1].end_ms:
            joined[-1] = Span(joined[-1].first_ms, max(joined[-1].end_ms, span.end_ms))
        else:
            joined.append(span)
    return joined


def covered_ms(spans: Iterable[Span]) -> int:
    """Length of all ``spans`` together."""
    return sum(span.end_ms - span.first_ms for span in spans)

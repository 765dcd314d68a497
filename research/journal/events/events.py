"""The event table: which rows to keep, and what they say most often."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from research.errors import SettingsError
from research.journal.instants import ms_of

__all__ = ["EventCounts", "EventFilter"]

REFUSALS: Final = ("refuse", "refused", "skip", "reject", "rejected", "block", "no_trade")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """Which records the table shows; None lets everything through.

    ``state`` and ``market`` ignore case; ``reason`` is looked for inside ``halt_reason`` and
    ``reasons``; ``since_ms`` counts, ``until_ms`` does not.
    """

    state: str | None = None
    reason: str | None = None
    market: str | None = None
    since_ms: int | None = None
    until_ms: int | None = None

    @classmethod
    def of(
        cls,
        *,
        state: str | None = None,
        reason: str | None = None,
        market: str | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> "EventFilter":
        """A filter with its moments as ISO 8601 text. Raises :class:`SettingsError`."""
        return cls(
            state=state,
            reason=reason,
            market=market,
            since_ms=_moment("--since", since),
            until_ms=_moment("--until", until),
        )

    def apply(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The rows of ``batch`` that pass."""
        for mask in self._masks(batch):
            batch = batch if mask is None else batch.filter(mask(batch))
        return batch

    def _masks(self, batch: pa.RecordBatch) -> list[Callable[[Any], Any] | None]:
        return [
            _same_word("risk_state", self.state),
            _same_word("market", self.market),
            None if self.reason is None else _says(self.reason),
            None if self.since_ms is None else _compared(pc.greater_equal, self.since_ms),
            None if self.until_ms is None else _compared(pc.less, self.until_ms),
        ]


@dataclass(slots=True)
class EventCounts:
    """What the rows of a table say most often."""

    events: int = 0
    states: Counter[str] = field(default_factory=Counter)
    decisions: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)  # reasons of refused decisions
    halts: Counter[str] = field(default_factory=Counter)  # halt_reason

    def add(self, batch: pa.RecordBatch) -> None:
        """Counts the rows of ``batch``."""
        self.events += batch.num_rows
        _count(self.states, batch["risk_state"])
        _count(self.halts, batch["halt_reason"])
        decisions = _count(self.decisions, batch["decision"])
        refusing = [word for word in decisions if word.lower() in REFUSALS]
        reasons = batch["reasons"]
        if sum(decisions[word] for word in refusing) < batch.num_rows:
            reasons = reasons.filter(pc.is_in(batch["decision"], pa.array(refusing, pa.string())))
        _count(self.refusals, pc.list_flatten(reasons))


def _moment(option: str, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return ms_of(text if "T" in text else f"{text}T00:00:00Z")
    except ValueError:
        raise SettingsError(
            f"{option} {text}: must be a day or a moment in UTC, such as 2026-01-02 or "
            "2026-01-02T11:05:00Z"
        ) from None


def _same_word(column: str, word: str | None) -> Callable[[Any], Any] | None:
    if word is None:
        return None
    return lambda batch: pc.equal(pc.utf8_lower(batch[column]), word.lower())


def _says(words: str) -> Callable[[Any], Any]:
    def mask(batch: pa.RecordBatch) -> Any:
        joined = pc.binary_join(batch["reasons"], "\n")
        found = [
            pc.fill_null(pc.match_substring(texts, words, ignore_case=True), False)
            for texts in (batch["halt_reason"], joined)
        ]
        return pc.or_(*found)

    return mask


def _compared(compare: Callable[..., Any], ms: int) -> Callable[[Any], Any]:
    return lambda batch: compare(batch["ts"], pa.scalar(ms, pa.timestamp("ms", "UTC")))


def _count(counter: Counter[str], values: Any) -> Counter[str]:
    pairs = ((item["values"], item["counts"]) for item in pc.value_counts(values).to_pylist())
    found = Counter({word: count for word, count in pairs if word is not None})
    counter.update(found)
    return found

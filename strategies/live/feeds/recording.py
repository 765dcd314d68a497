"""Recordings as events: files of ``leadfollow data record``, or of an earlier paper run."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from research.errors import DataError, FormatError
from research.journal.blocks import read_blocks
from research.journal.sequence import log_files
from strategies.live.feeds.events import BookHeard, FeedEvent, MinuteHeard
from strategies.live.feeds.levels import with_behind
from strategies.live.feeds.lines import event_of, levels_of, number_of
from strategies.live.feeds.offset import ClockOffset
from strategies.live.risk.market import Level
from strategies.live.stream import LiveMinute

__all__ = ["Recording"]

_MINUTE_MS = 60_000
_VENUES = ("binance", "dydx")


@dataclass(slots=True)
class Recording:
    """Lines of a recording, in the order in which they were heard.

    Parameters
    ----------
    paths
        Files or folders.
    binance, dydx
        The venues' names of the market; lines of other markets are passed over.
    minutes
        Closed minutes for recordings that hold none, each told ``minute_delay_ms`` after its end.
    longest_silence_ms
        A longer stretch without a line counts as a hole.

    Attributes
    ----------
    rejected
        Lines that are nothing that can be heard, and the first of them.
    holes
        Stretches without a line, ms since 1970.
    """

    paths: Sequence[Path]
    binance: str
    dydx: str
    minutes: Iterable[LiveMinute] = ()
    minute_delay_ms: float = 500.0
    longest_silence_ms: float = 60_000.0
    rejected: int = 0
    first_rejected: str | None = None
    holes: list[tuple[float, float]] = field(default_factory=list)
    _offsets: dict[str, ClockOffset] = field(default_factory=dict)
    _levels: dict[str, tuple[Level, ...]] = field(default_factory=dict)

    def __iter__(self) -> Iterator[FeedEvent]:
        """Every event.

        Raises
        ------
        StoreError
            A file is missing or cannot be read.
        FormatError
            No line can be used.
        """
        waiting = iter(self.minutes)
        coming = next(waiting, None)
        last_ms: float | None = None
        for event in self._lines():
            if last_ms is not None and event.at_ms - last_ms > self.longest_silence_ms:
                self.holes.append((last_ms, event.at_ms))
            last_ms = event.at_ms
            while coming is not None and self._due(coming) <= event.at_ms:
                yield MinuteHeard(self._due(coming), coming)
                coming = next(waiting, None)
            yield event
        if last_ms is None:
            names = ", ".join(str(path) for path in self.paths[:3])
            first = f"; first line: {self.first_rejected}" if self.first_rejected else ""
            raise FormatError(
                f"{names}: no line of {self.binance} or {self.dydx} can be used{first}; give a "
                "recording of `leadfollow data record` or of `leadfollow paper`"
            )

    def first_ms(self) -> float:
        """When the first event was heard. Raises as iterating does."""
        return next(iter(Recording(self.paths, self.binance, self.dydx))).at_ms

    def holds_minutes(self) -> bool:
        """Whether any line is a closed minute."""
        events = Recording(self.paths, self.binance, self.dydx)._lines()
        return any(isinstance(event, MinuteHeard) for event in events)

    def _due(self, minute: LiveMinute) -> float:
        return (minute.minute + 1) * _MINUTE_MS + self.minute_delay_ms

    def _lines(self) -> Iterator[FeedEvent]:
        for path in log_files(_files(self.paths)):
            for block in read_blocks(path):
                for number, raw in enumerate(block.lines or [b""], start=block.first_line):
                    try:
                        event = self._event(raw)
                    except (ValueError, RecursionError, DataError) as error:
                        self.rejected += 1
                        self.first_rejected = self.first_rejected or f"{path}:{number}: {error}"
                        continue
                    if event is not None:
                        yield event

    def _event(self, raw: bytes) -> FeedEvent | None:
        payload = json.loads(raw)
        if not isinstance(payload, dict):
            raise FormatError("not an object")
        market = payload.get("market")
        if market is not None and market not in (self.binance, self.dydx):
            return None
        match payload.get("channel"):
            case "quote":
                return self._quote(payload)
            case "depth":
                for side in ("bids", "asks"):
                    self._levels[side] = levels_of(payload.get(side))
                at_ms = number_of(payload, "received_ms")
                return BookHeard(at_ms, "dydx", self._levels["bids"], self._levels["asks"], None)
        return event_of(payload)

    def _quote(self, payload: dict[str, Any]) -> FeedEvent:
        venue = str(payload.get("venue"))
        if venue not in _VENUES:
            raise FormatError(f"venue must be binance or dydx, was {venue!r:.40}")
        at_ms = number_of(payload, "received_ms")
        tops = [
            (number_of(payload, side), number_of(payload, f"{side}_size"))
            for side in ("bid", "ask")
        ]
        if venue == "binance":
            stamp = number_of(payload, "ts_ms")
            local = self._offsets.setdefault(venue, ClockOffset()).local(stamp, at_ms)
            return BookHeard(at_ms, venue, (tops[0],), (tops[1],), local)
        bids = with_behind((tops[0],), self._levels.get("bids", ()), -1)
        asks = with_behind((tops[1],), self._levels.get("asks", ()), 1)
        return BookHeard(at_ms, venue, bids, asks, None)


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    """A folder stands for its days."""
    for path in paths:
        days = sorted(path.glob("*.jsonl")) if path.is_dir() else []
        yield from days or [path]

"""Whether the newest minutes still look like those of the evidence."""

from collections import deque
from collections.abc import Mapping
from typing import Any

from research.errors import LiveError
from strategies.bot.validity import FittedRange, Validity
from strategies.live.gate.reasons import Reason, Why
from strategies.live.stream import MinuteFeatures

__all__ = ["RangeWatch"]

_UNKNOWN, _INSIDE, _OUTSIDE = 0, 1, 2


class RangeWatch:
    """Shares of the newest ``window_min`` minutes outside the fitted ranges, kept as they come.

    The same shares as :func:`strategies.bot.validity.outside_share` of these minutes.
    """

    def __init__(self, validity: Validity, min_share: float) -> None:
        self._ranges: dict[str, FittedRange] = dict(validity.ranges.items())
        self._window = validity.window_min
        self._needed = min_share * validity.window_min
        self._marks: dict[str, deque[int]] = {
            name: deque(maxlen=self._window) for name in self._ranges
        }
        self._counts = {name: [0, 0, 0] for name in self._ranges}
        self.last_minute: int | None = None

    def push(self, features: MinuteFeatures) -> None:
        """Takes a closed minute; one that is not after the last is passed over."""
        last = self.last_minute
        if last is not None and features.minute <= last:
            return
        missing = 0 if last is None else min(features.minute - last - 1, self._window)
        for name, fitted in self._ranges.items():
            value = getattr(features, name)
            for _ in range(missing):
                self._mark(name, _UNKNOWN)
            is_outside = value < fitted.low or value > fitted.high
            self._mark(name, _UNKNOWN if value != value else 1 + is_outside)
        self.last_minute = features.minute

    def reasons(self) -> tuple[Reason, ...]:
        """What does not fit, feature by feature."""
        found = []
        for name, fitted in self._ranges.items():
            _, inside, outside = self._counts[name]
            known = inside + outside
            if known < max(self._needed, 1):
                detail = f"{name}: {known:,} of {self._window:,} minutes"
                found.append(Reason(Why.RANGE_UNKNOWN, detail))
            elif outside / known > fitted.max_outside:
                detail = f"{name}: {outside / known:.1%} outside, {fitted.max_outside:.1%} allowed"
                found.append(Reason(Why.OUT_OF_RANGE, detail))
        return tuple(found)

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        marks = {name: "".join(map(str, each)) for name, each in self._marks.items()}
        return {"last_minute": self.last_minute, "marks": marks}

    def restore(self, raw: Mapping[str, Any]) -> None:
        """Takes what :meth:`to_dict` gave. Raises :class:`LiveError`."""
        try:
            marks = {name: [int(mark) for mark in raw["marks"][name]] for name in self._ranges}
            last = raw["last_minute"]
        except (KeyError, TypeError, ValueError) as error:
            raise LiveError(
                f"ranges: {error!r}; start without them and push the newest minutes"
            ) from None
        for name, each in marks.items():
            self._marks[name].clear()
            self._counts[name] = [0, 0, 0]
            for mark in each:
                self._mark(name, mark)
        self.last_minute = last

    def _mark(self, name: str, mark: int) -> None:
        marks, counts = self._marks[name], self._counts[name]
        if len(marks) == self._window:
            counts[marks[0]] -= 1
        marks.append(mark)
        counts[mark] += 1

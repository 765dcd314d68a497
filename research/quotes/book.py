"""dYdX's order book from its stream: a snapshot, then sizes by price; crossed levels taken out.

There is no central book at dYdX: each node sees its own, and updates may leave a bid above an
ask for a moment. The older of two crossing levels is the stale one (the venue's own guide).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from research.errors import FormatError

__all__ = ["Book"]

Level = tuple[float, float]  # price, size


class Book:
    """Sizes by price, and when each was last heard of (a counter of updates)."""

    def __init__(self) -> None:
        self.is_known = False  # whether a snapshot has come: sizes that changed are no book
        self._sides: dict[str, dict[float, tuple[float, int]]] = {"bids": {}, "asks": {}}
        self._updates = 0

    def replace(self, contents: Mapping[str, Any]) -> None:
        """A snapshot: objects with ``price`` and ``size``. Raises FormatError."""
        self._sides = {"bids": {}, "asks": {}}
        self.update(contents)
        self.is_known = True

    def hear(self, contents: Mapping[str, Any], *, is_snapshot: bool) -> None:
        """What a stream says of it; changes before the snapshot are none. Raises FormatError."""
        if is_snapshot:
            self.replace(contents)
        elif self.is_known:
            self.update(contents)

    def update(self, contents: Mapping[str, Any]) -> None:
        """Levels whose size changed; size 0 takes one away. Raises FormatError."""
        self._updates += 1
        for side, levels in self._sides.items():
            for price, size in _levels(contents.get(side, ())):
                if size == 0:
                    levels.pop(price, None)
                else:
                    levels[price] = (size, self._updates)
        self._uncross()

    def best(self) -> tuple[Level, Level] | None:
        """Best bid and best ask, None while a side is empty."""
        bids, asks = self._sides["bids"], self._sides["asks"]
        if not bids or not asks:
            return None
        bid, ask = max(bids), min(asks)
        return (bid, bids[bid][0]), (ask, asks[ask][0])

    def depth(self, levels: int) -> dict[str, list[Level]]:
        """The best ``levels`` of each side, best first."""
        bids, asks = self._sides["bids"], self._sides["asks"]
        return {
            "bids": [(price, bids[price][0]) for price in sorted(bids, reverse=True)[:levels]],
            "asks": [(price, asks[price][0]) for price in sorted(asks)[:levels]],
        }

    def _uncross(self) -> None:
        bids, asks = self._sides["bids"], self._sides["asks"]
        while bids and asks and (bid := max(bids)) >= (ask := min(asks)):
            if bids[bid][1] < asks[ask][1]:
                del bids[bid]
            elif bids[bid][1] > asks[ask][1]:
                del asks[ask]
            else:
                del bids[bid], asks[ask]


def _levels(raw: object) -> Iterable[Level]:
    if not isinstance(raw, Sequence) or isinstance(raw, str):
        raise FormatError(f"order book: levels are {raw!r:.60}, not a list")
    for level in raw:
        try:
            pair = (level["price"], level["size"]) if isinstance(level, dict) else level[:2]
            price, size = float(pair[0]), float(pair[1])
        except (KeyError, IndexError, TypeError, ValueError):
            raise FormatError(f"order book: {level!r:.60} is no price and size") from None
        if not (0 < price < 1e12 and 0 <= size < 1e15):
            raise FormatError(f"order book: {level!r:.60} is no price and size")
        yield price, size

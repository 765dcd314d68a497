"""Events as JSON lines: what a paper run keeps of what it heard, to be replayed exactly.

Channels ``oracle`` and ``lost`` are those of ``leadfollow data record``; ``book`` holds whole
books of both venues and ``minute`` the closed minutes, which a recorder of quotes does not know.
"""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from research.errors import FormatError
from strategies.live.feeds.events import (
    BookHeard,
    FeedEvent,
    MinuteHeard,
    OracleHeard,
    Tick,
    VenueLost,
)
from strategies.live.risk.market import Level
from strategies.live.stream import LiveMinute

__all__ = ["event_of", "levels_of", "line_of", "number_of"]

_VENUES = ("binance", "dydx")


def line_of(event: FeedEvent) -> str:
    """The event as one line of JSON, without the newline."""
    match event:
        case BookHeard():
            facts: dict[str, Any] = {
                "channel": "book", "venue": event.venue, "exchange_ms": event.exchange_ms,
                "bids": event.bids, "asks": event.asks,
            }  # fmt: skip
        case OracleHeard():
            facts = {"channel": "oracle", "venue": "dydx", "oracle": event.price}
        case MinuteHeard(minute=minute):
            known = {
                name: value
                for name, value in zip(LiveMinute._fields[:-1], minute[:-1], strict=True)
                if value == value
            }
            facts = {"channel": "minute"} | known
        case VenueLost():
            facts = {"channel": "lost", "venue": event.venue, "reason": event.reason}
        case Tick():
            facts = {"channel": "tick"}
    return json.dumps(facts | {"received_ms": event.at_ms}, allow_nan=False)


def event_of(payload: Mapping[str, Any]) -> FeedEvent | None:
    """The event of a line that :func:`line_of` wrote; None: of a channel that is none of these.

    Raises
    ------
    FormatError
        A value is not what its channel says.
    """
    channel = payload.get("channel")
    if channel not in ("book", "oracle", "minute", "lost", "tick"):
        return None
    at_ms = number_of(payload, "received_ms")
    match channel:
        case "book":
            stamp = payload.get("exchange_ms")
            return BookHeard(
                at_ms,
                _venue(payload),
                levels_of(payload.get("bids")),
                levels_of(payload.get("asks")),
                None if stamp is None else number_of(payload, "exchange_ms"),
            )
        case "oracle":
            return OracleHeard(at_ms, number_of(payload, "oracle"))
        case "minute":
            return MinuteHeard(at_ms, _minute(payload))
        case "lost":
            return VenueLost(at_ms, _venue(payload), str(payload.get("reason", ""))[:200])
    return Tick(at_ms)


def levels_of(raw: object) -> tuple[Level, ...]:
    """Pairs of price and size. Raises FormatError."""
    if not isinstance(raw, Sequence) or isinstance(raw, str):
        raise FormatError(f"levels are {raw!r:.60}, not a list")
    try:
        return tuple((float(price), float(size)) for price, size in raw)
    except (TypeError, ValueError):
        raise FormatError(f"levels {raw!r:.60} are no pairs of price and size") from None


def number_of(payload: Mapping[str, Any], name: str) -> float:
    """A finite number. Raises FormatError."""
    value = payload.get(name)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value):  # type: ignore[arg-type]
        raise FormatError(f"{name} must be a number, was {value!r:.40}")
    return value  # type: ignore[return-value]


def _venue(payload: Mapping[str, Any]) -> str:
    venue = payload.get("venue")
    if venue not in _VENUES:
        raise FormatError(f"venue must be binance or dydx, was {venue!r:.40}")
    return str(venue)


def _minute(payload: Mapping[str, Any]) -> LiveMinute:
    names = [name for name in LiveMinute._fields[:-1] if payload.get(name) is not None]
    values = {name: number_of(payload, name) for name in names}
    number = values.pop("minute", None)
    if number is None or number != int(number):
        raise FormatError(f"minute must be a whole number, was {payload.get('minute')!r:.40}")
    values.setdefault("funding_rate", math.nan)  # unknown is what is left out of a line
    return LiveMinute(int(number))._replace(**values)  # type: ignore[arg-type]  # all of them numbers

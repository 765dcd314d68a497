"""What every reader of a socket must stand: bodies of any form, numbers with holes."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from research.errors import DataError

__all__ = ["UNREADABLE", "Heard", "MessageNumbers", "parts_of"]

# what a body of the wrong form can raise while it is taken apart
UNREADABLE = (
    ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError, DataError,
)  # fmt: skip


class Heard(Enum):
    """How the number of a message follows the one before."""

    NEXT = "next"
    AGAIN = "repeated or late"
    AFTER_HOLE = "after a hole"


class MessageNumbers:
    """``message_id`` of one dYdX connection: it counts from 0 without a hole."""

    def __init__(self) -> None:
        self._last = -1

    def take(self, message: Mapping[str, Any]) -> Heard:
        """Where a message stands; raises one of :data:`UNREADABLE` where it has no number."""
        number = int(message["message_id"])
        if number <= self._last:
            return Heard.AGAIN
        if number != self._last + 1:
            return Heard.AFTER_HOLE
        self._last = number
        return Heard.NEXT


def parts_of(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The objects in ``contents`` of a dYdX message, batched or not."""
    contents = message.get("contents")
    parts = contents if isinstance(contents, list) else [contents]
    return [part for part in parts if isinstance(part, dict)]

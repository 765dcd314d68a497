"""What was worked out of a thing that never changes, kept beside it for the next who asks."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

__all__ = ["remembered"]

T = TypeVar("T")

_MEMORY: WeakKeyDictionary[Any, dict[tuple[Hashable, ...], Any]] = WeakKeyDictionary()


def remembered(
    owner: Any,
    key: tuple[Hashable, ...],
    make: Callable[[], T],
    *,
    most: int,
    is_small: Callable[[T], bool] = lambda made: True,
) -> T:
    """``make()``, or what it gave the last time that ``owner`` was asked for ``key``.

    Read it, do not write it: it is the same object for everyone. It is forgotten with its owner,
    and the oldest of a kind with the ``most + 1``-th. Two threads at once may both make it.

    Parameters
    ----------
    owner
        Compared by identity, so it must be one that never changes.
    key
        Begins with the kind of thing, and holds all that it depends on.
    is_small
        What is not is made each time.
    """
    kept = _MEMORY.setdefault(owner, {})
    if key in kept:
        return kept[key]  # type: ignore[no-any-return]
    made = make()
    if not is_small(made):
        return made
    older = [each for each in tuple(kept) if each[0] == key[0]]
    for each in older[: max(0, len(older) - most + 1)]:
        kept.pop(each, None)
    kept[key] = made
    return made

"""What is kept beside a thing: made once, forgotten with it, and the oldest first."""

import gc
from dataclasses import dataclass
from itertools import count

import pytest

from research import remembered as room
from research.remembered import remembered


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Owner:
    name: str = "one"


def test_it_is_made_once_for_each_owner_and_key() -> None:
    made, one, other = count(), Owner(), Owner()
    for owner, key, want in ((one, 1, 0), (one, 1, 0), (other, 1, 1), (one, 2, 2), (one, 1, 0)):
        assert remembered(owner, ("kind", key), lambda: next(made), most=4) == want


def test_the_oldest_of_a_kind_goes_first() -> None:
    made, owner = count(), Owner()
    for key in range(4):
        remembered(owner, ("kind", key), lambda: next(made), most=2)
    remembered(owner, ("another", 0), lambda: next(made), most=1)
    assert remembered(owner, ("kind", 3), lambda: next(made), most=2) == 3
    assert remembered(owner, ("kind", 0), lambda: next(made), most=2) == 5  # made anew
    assert remembered(owner, ("another", 0), lambda: next(made), most=1) == 4


def test_what_is_large_is_made_each_time() -> None:
    made, owner = count(), Owner()
    for want in range(3):
        found = remembered(
            owner, ("kind",), lambda: next(made), most=2, is_small=lambda value: value < 0
        )
        assert found == want


def test_it_goes_with_its_owner() -> None:
    owner = Owner()
    remembered(owner, ("kind",), lambda: bytes(10), most=1)
    before = len(room._MEMORY)
    del owner
    gc.collect()
    assert len(room._MEMORY) == before - 1


def test_what_cannot_be_made_is_not_kept() -> None:
    owner = Owner()

    def fails() -> int:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        remembered(owner, ("kind",), fails, most=1)
    assert remembered(owner, ("kind",), lambda: 7, most=1) == 7

"""What the second leg pays: the levels that it takes."""

import math

import pytest

from strategies.live.paper.money import hedge_price
from tests.samples.gates import NOW, quote


def test_one_leg_has_no_hedge_and_two_walk_the_book() -> None:
    book = quote(100.0, NOW)
    assert math.isnan(hedge_price(1, 1, 1.0, book))
    size = book.asks[0][1] / 2
    assert hedge_price(2, 1, size, book) == book.asks[0][0]
    assert hedge_price(2, -1, size, book) == book.bids[0][0]
    deep = hedge_price(2, 1, 1e6, book)  # beyond all levels: no worse than the last
    assert deep == pytest.approx(book.asks[-1][0], rel=1e-3)
    assert deep <= book.asks[-1][0]

"""What a gap foretells: planted slopes, and the difference between a close and an open."""

import numpy as np
import pytest

from research.errors import EvidenceError
from research.leadlag.prediction import Prediction, predictions
from tests.samples.pairs import corrected, delayed, pair_of


def foretold(
    pair: object, *, horizons: tuple[int, ...] = (1, 5)
) -> dict[tuple[int, str], Prediction]:
    found = predictions(pair, np.ones(len(pair), dtype=np.bool_), horizons=horizons, window=5)
    return {(each.horizon, each.start): each for each in found}


def test_a_venue_that_closes_a_fifth_a_minute_is_foretold_so() -> None:
    found = foretold(corrected(lead_speed=0.0, follow_speed=-0.2))
    assert found[1, "close"].gap_slope == pytest.approx(-0.2, abs=0.03)
    assert found[5, "close"].gap_slope == pytest.approx(-(1 - 0.8**5), abs=0.05)
    assert found[5, "close"].gap_p < 1e-10
    assert found[5, "close"].gap_bps < 0


def test_a_stray_print_reverts_from_the_close_and_not_from_the_open() -> None:
    generator = np.random.default_rng(5)
    walk = np.cumsum(generator.standard_normal(6000)) * 4e-4
    follow = walk + generator.standard_normal(6000) * 4e-4  # each close is off by chance
    opened = np.concatenate((walk[:1], walk[:-1]))  # the next open is not
    found = foretold(pair_of(walk, follow, follow_open=opened))
    assert found[5, "close"].gap_slope == pytest.approx(-1, abs=0.1)
    assert found[5, "close"].gap_p < 1e-6
    assert abs(found[5, "next_open"].gap_slope) < 3 * found[5, "next_open"].gap_error


def test_a_lead_shows_in_the_slope_on_binances_move() -> None:
    found = foretold(delayed(3, 6000, noise=0.05))
    assert found[1, "close"].lead_slope + found[1, "close"].gap_slope != 0
    assert found[5, "close"].r2 > 0.3


def test_a_return_needs_both_of_its_ends() -> None:
    pair = corrected(lead_speed=0.0, follow_speed=-0.2, n=2000)
    whole = foretold(pair)
    pair.follow[700], pair.follow_open[700], pair.gap_pct[700] = np.nan, np.nan, np.nan
    fewer = foretold(pair)
    assert whole[5, "close"].minutes - fewer[5, "close"].minutes == 2  # as regressor and as end
    assert whole[5, "next_open"].minutes - fewer[5, "next_open"].minutes == 3  # and as the open


def test_too_few_minutes_are_refused() -> None:
    with pytest.raises(EvidenceError, match="a regression needs 60"):
        foretold(delayed(1, 50))

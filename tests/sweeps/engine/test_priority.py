"""One rule of which way out comes first, asked cell by cell and of the whole cube at once."""

import numpy as np
import pytest

from research.outcomes import HORIZON, SL, TP
from sweeps.engine.kernels.corners import corners_of
from sweeps.engine.kernels.priority import NO_WAY, way_out

HORIZONS = np.array([2, 5, 9])
T, S, H = 3, 2, len(HORIZONS)


def first_touches(rng: np.random.Generator, present: list[int], levels: int) -> list[int]:
    """First touches of rising levels: later for higher ones, 0 (never) for the highest."""
    touched = sorted(rng.choice(present, int(rng.integers(0, levels + 1)))) if present else []
    return [*map(int, touched), *[0] * (levels - len(touched))]


def rungs_at(seed: int) -> list[int]:
    rng = np.random.default_rng(seed)
    present = [minute for minute in range(1, 10) if rng.random() < 0.7]
    held = [max((m for m in present if m <= horizon), default=0) for horizon in HORIZONS]
    return [*first_touches(rng, present, T), *first_touches(rng, present, S), *held]


@pytest.mark.parametrize(
    ("tp", "sl", "held", "way"),
    [
        (3, 0, 5, TP),
        (0, 3, 5, SL),
        (3, 3, 5, SL),  # both in one minute: the worst order is assumed
        (3, 2, 5, SL),
        (2, 3, 5, TP),
        (5, 0, 5, TP),  # the last minute of the horizon counts
        (6, 7, 4, HORIZON),
        (6, 5, 5, SL),
        (0, 0, 4, HORIZON),
        (0, 0, 0, NO_WAY),
    ],
)
def test_a_level_comes_before_the_horizon_and_sl_before_tp(
    tp: int, sl: int, held: int, way: int
) -> None:
    assert way_out(tp, sl, held, 5) == way


def test_the_corners_of_a_cube_say_what_the_rule_says_of_every_cell() -> None:
    way, cell = np.empty(T + S + H, np.int64), np.empty(T + S + H, np.int64)
    ways_seen = set()
    for seed in range(300):
        when = rungs_at(seed)
        used = corners_of(np.array(when, np.int32), T, S, HORIZONS, way, cell)
        for c in range(T * S * H):
            i, j, k = c // (S * H), c // H % S, c % H
            asked = way_out(when[i], when[T + j], when[T + S + k], HORIZONS[k])
            found = [
                (int(corner) // (T * S * H), int(rung))
                for rung, corner in zip(way[:used], cell[:used], strict=True)
                if covers(int(corner), i, j, k)
            ]
            rung = {TP: i, SL: T + j, HORIZON: T + S + k}
            assert found == ([] if asked == NO_WAY else [(asked, rung[asked])])
            ways_seen.add(asked)
    assert ways_seen == {TP, SL, HORIZON, NO_WAY}


def covers(corner: int, i: int, j: int, k: int) -> bool:
    """Whether the box of a corner holds a cell: free axes reach to the far end."""
    kind, cell = divmod(corner, T * S * H)
    a, b, c = cell // (S * H), cell // H % S, cell % H
    fixed = {TP: i == a, SL: j == b, HORIZON: k == c}[kind]
    return fixed and i >= a and j >= b and k >= c

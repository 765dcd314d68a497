"""Placebos: dYdX's own minutes, a market beside them, and no lead to be found."""

from pathlib import Path

import numpy as np
import pytest

from research.errors import EvidenceError, ParamError
from research.features.panel import features
from research.frame.frame import COLUMNS, VENUE_COLUMNS, Frame, read_frame, write_frame
from research.leadlag.minutes import pair_minutes
from research.leadlag.placebo import PLACEBOS, placebo
from research.leadlag.prediction import predictions
from research.leadlag.resample import CELL_MIN, block_counts
from research.leadlag.shifts import contrast
from tests.samples.markets import small_frame

SPREADS = [name for name in PLACEBOS if name.startswith("spread")]
KEEPING = [name for name in PLACEBOS if name != "swapped"]


@pytest.fixture(scope="module")
def planted() -> Frame:
    return small_frame(edge=3.0, days=10.0)


@pytest.mark.parametrize("name", PLACEBOS)
def test_a_placebo_is_a_frame_of_the_same_minutes_that_says_what_it_is(
    name: str, planted: Frame, tmp_path: Path
) -> None:
    made = placebo(planted, name, seed=3)
    assert made.table.index.equals(planted.table.index)
    assert list(made.table) == list(planted.table)
    assert f"PLACEBO {name} [SYNTHETIC]" in made.label
    assert made.origin.sources[0].startswith(f"placebo {name} seed=3 of ")
    assert made.origin.content_sha256 != planted.origin.content_sha256
    write_frame(made, tmp_path / "f.parquet")
    assert read_frame(tmp_path / "f.parquet").label == made.label
    again = placebo(planted, name, seed=3)
    assert again.origin.content_sha256 == made.origin.content_sha256


@pytest.mark.parametrize("name", KEEPING)
def test_dydx_keeps_its_minutes_and_binance_its_order_of_prices(name: str, planted: Frame) -> None:
    made = placebo(planted, name)
    kept = [*(f"dydx_{name}" for name in VENUE_COLUMNS), "dydx_age_min", "funding_rate"]
    assert made.table[kept].equals(planted.table[kept])
    low, high = made.column("binance_low"), made.column("binance_high")
    for price in (made.column("binance_open"), made.column("binance_close")):
        known = ~np.isnan(price)
        assert (low[known] <= price[known] * (1 + 1e-12)).all()
        assert (price[known] <= high[known] * (1 + 1e-12)).all()


@pytest.mark.parametrize("name", PLACEBOS)
def test_no_placebo_leaves_a_lead(name: str, planted: Frame) -> None:
    pair = pair_minutes(features(placebo(planted, name)))
    every = np.ones(len(pair), dtype=np.bool_)
    counts = block_counts(-(-len(pair) // CELL_MIN), 8, 200, seed=1)
    curve = contrast(pair, every, np.arange(-10, 11), counts)
    assert not curve.ratio_low > 1
    found = predictions(pair, every, horizons=(15,), window=5)[0]
    assert found.start == "next_open"
    # the planted lead: below -5 errors; eight placebos: 3.5 either way is chance
    assert abs(found.gap_slope) < 3.5 * found.gap_error


def test_the_market_they_are_made_of_has_one(planted: Frame) -> None:
    pair = pair_minutes(features(planted))
    every = np.ones(len(pair), dtype=np.bool_)
    counts = block_counts(-(-len(pair) // CELL_MIN), 8, 200, seed=1)
    assert contrast(pair, every, np.arange(-10, 11), counts).ratio_low > 1
    found = predictions(pair, every, horizons=(15,), window=5)[0]
    assert found.gap_slope < -5 * found.gap_error


@pytest.mark.parametrize("name", SPREADS)
def test_a_moved_spread_is_as_wide_as_the_real_one(name: str, planted: Frame) -> None:
    real, made = (
        pair_minutes(features(frame)).gap_pct for frame in (planted, placebo(planted, name))
    )
    assert 0.6 < np.nanstd(made) / np.nanstd(real) < 1.6


def test_seeds_make_different_placebos_where_chance_has_a_part(planted: Frame) -> None:
    for name in ("spread_circular", "spread_blocks", "lead_circular", "lead_blocks", "lead_signs"):
        one, other = (placebo(planted, name, seed=seed) for seed in (1, 2))
        assert one.origin.content_sha256 != other.origin.content_sha256


def test_swapped_twice_is_the_market_it_was(planted: Frame) -> None:
    back = placebo(placebo(planted, "swapped"), "swapped")
    assert back.table[list(COLUMNS)].equals(planted.table[list(COLUMNS)])


def test_what_cannot_be_made_is_refused(planted: Frame) -> None:
    with pytest.raises(ParamError, match="placebo = 'mirror': take one of spread_day, "):
        placebo(planted, "mirror")
    with pytest.raises(EvidenceError, match="2,879 minutes; a placebo needs 2,880"):
        placebo(planted.last(2879), "swapped")
    table = planted.table.copy()
    table["binance_close"] = np.nan
    empty = Frame(table, planted.market, planted.origin)
    with pytest.raises(EvidenceError, match="a venue has no price at all"):
        placebo(empty, "swapped")

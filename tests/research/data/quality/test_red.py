"""What makes an analysis doubtful is named: splits, units, bad prints, stamps, true lags."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from research.data.files.read import read_candles
from research.data.quality.bad_prints import bad_print_minutes, find_bad_prints
from research.data.quality.red import check_comparable, findings_of_frame, findings_of_pair
from research.data.quality.splits import find_splits
from research.data.quality.venue_pair import PairQuality, assess_pair
from research.data.synthetic.market import SyntheticSpec, synthesize
from research.data.tables.schema import PRICES, candle_table, minutes_ms
from research.errors import FrameError
from research.frame.frame import build_frame

PAIR = synthesize(SyntheticSpec(days=3, seed=5, edge=0))
MINUTE = PAIR.dydx.index[1000]


def changed(table: pd.DataFrame, **cells: float) -> pd.DataFrame:
    made = table.copy()
    for name, factor in cells.items():
        made.loc[MINUTE, name] *= factor
    return made


def scaled(table: pd.DataFrame, factor: float, start: int = 0) -> pd.DataFrame:
    made = table.copy()
    made.iloc[start:, [made.columns.get_loc(name) for name in PRICES]] *= factor
    return made


def lagged(table: pd.DataFrame, minutes: int, *, with_trading: bool) -> pd.DataFrame:
    """Prices that come later, and either all else with them or nothing else."""
    made = table.copy()
    moved = [*PRICES, "volume", "trades"] if with_trading else list(PRICES)
    made[moved] = made[moved].shift(minutes)
    return made.dropna(subset=["close"])


def with_shared_trading(table: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    return table.assign(volume=other["volume"] * 0.1, trades=other["trades"])


def worst(pair: PairQuality) -> list[str]:
    return [each.sentence for each in findings_of_pair(pair) if each.is_incomparable]


def test_a_sound_pair_has_no_red_finding() -> None:
    assert findings_of_pair(assess_pair(PAIR.binance, PAIR.dydx)) == ()


@pytest.mark.parametrize(
    ("cells", "what", "away"),
    [({"low": 0.4}, "low", -60), ({"high": 3.0}, "high", 200), ({"low": 0.9}, "low", -10)],
)
def test_a_print_that_stands_alone_is_named(
    cells: dict[str, float], what: str, away: float
) -> None:
    table = changed(PAIR.dydx, **cells)
    (found,) = find_bad_prints(table, PAIR.binance, "dydx")
    assert (found.ms, found.what) == (int(MINUTE.timestamp() * 1000), what)
    assert found.away_pct == pytest.approx(away, abs=1)
    assert bad_print_minutes((found,), "dydx").tolist() == [found.ms]
    assert bad_print_minutes((found,), "binance").tolist() == []
    pair = assess_pair(PAIR.binance, table)
    assert any("bad prints" in finding for finding in pair.findings)
    assert worst(pair) == []  # doubtful, still comparable


def test_a_whole_candle_that_is_undone_a_minute_later_is_a_bad_print() -> None:
    table = changed(PAIR.dydx, **dict.fromkeys(PRICES, 0.8))
    (found,) = find_bad_prints(table, PAIR.binance, "dydx")
    assert found.what == "close"


def test_a_crash_that_both_venues_show_is_no_bad_print() -> None:
    for cells in ({"low": 0.8}, dict.fromkeys(PRICES, 0.85)):
        ours, theirs = changed(PAIR.binance, **cells), changed(PAIR.dydx, **cells)
        assert find_bad_prints(theirs, ours, "dydx") == ()
        assert find_bad_prints(ours, theirs, "binance") == ()


@pytest.mark.parametrize("factor", [0.01, 100.0, 0.2, 2.0])
@pytest.mark.parametrize("start", [60, 2000, 4290])
def test_a_split_is_named_with_its_minute(factor: float, start: int) -> None:
    pair = assess_pair(scaled(PAIR.binance, factor, start), PAIR.dydx)
    (split,) = pair.splits
    assert split.ms == int(minutes_ms(PAIR.dydx.index)[start])
    assert split.factor == pytest.approx(1 / factor, rel=0.01)
    assert worst(pair)[0] == split.sentence()
    assert pair.alignment.is_judged  # one return out of 4,319 does not make two markets of one


def test_a_crash_is_no_split() -> None:
    assert find_splits(PAIR.binance["close"] * 1.0, PAIR.dydx["close"]) == ()
    flash = changed(PAIR.dydx, close=0.5)
    assert find_splits(PAIR.binance["close"], flash["close"]) == ()
    both = (scaled(PAIR.binance, 0.6, 2000), scaled(PAIR.dydx, 0.6, 2000))
    assert find_splits(both[0]["close"], both[1]["close"]) == ()


@pytest.mark.parametrize("power", [-3, -6, 2, 3])
def test_contracts_of_many_coins_are_not_comparable(power: int) -> None:
    pair = assess_pair(PAIR.binance, scaled(PAIR.dydx, 10.0**power))
    (sentence,) = worst(pair)
    assert f"{10 ** abs(power):,} times" in sentence
    with pytest.raises(FrameError, match="or run it all the same with --anyway"):
        check_comparable(findings_of_pair(pair), market="PEPE")
    check_comparable(findings_of_pair(pair), market="PEPE", anyway=True)


@pytest.mark.parametrize(("premium", "is_worst"), [(1.008, False), (0.993, False), (1.1, True)])
def test_a_constant_premium_is_a_finding(premium: float, is_worst: bool) -> None:
    pair = assess_pair(PAIR.binance, scaled(PAIR.dydx, premium))
    found = findings_of_pair(pair)
    assert any("in the median" in each.sentence for each in found)
    assert bool(worst(pair)) == is_worst


def test_hours_off_and_two_markets_are_not_comparable() -> None:
    late = candle_table(
        minutes_ms(PAIR.dydx.index) + 540 * 60_000,
        {name: PAIR.dydx[name].to_numpy() for name in PAIR.dydx.columns},
    )
    assert "540 minutes late" in worst(assess_pair(PAIR.binance, late))[0]
    other = synthesize(SyntheticSpec(days=3, seed=6, edge=0))
    assert "are these two feeds of one market?" in worst(assess_pair(PAIR.binance, other.dydx))[-1]


def test_a_true_lag_is_told_from_a_close_stamp_by_trading() -> None:
    together = with_shared_trading(PAIR.dydx, PAIR.binance)
    true = assess_pair(PAIR.binance, lagged(together, 1, with_trading=False))
    assert (true.alignment.cause, true.alignment.is_misaligned) == ("lag", False)
    assert "do not shift anything" in true.findings[0]
    assert worst(true) == []
    stamped = assess_pair(PAIR.binance, lagged(together, 1, with_trading=True))
    assert (stamped.alignment.cause, stamped.alignment.is_misaligned) == ("stamps", True)
    assert "--shift-min -1 (dydx)" in worst(stamped)[0]


def test_what_the_data_cannot_tell_is_said() -> None:
    silent = lagged(PAIR.dydx, 1, with_trading=False).assign(volume=1.0, trades=1.0)
    found = assess_pair(PAIR.binance, silent)
    assert found.alignment.cause == "unknown"
    assert "a venue that truly follows by 1 min looks the same" in found.findings[0]
    assert worst(found) == []


def test_a_bad_print_does_not_make_two_markets_of_one() -> None:
    table = PAIR.dydx.copy()
    table.loc[table.index[500], list(PRICES)] *= 30.0
    found = assess_pair(PAIR.binance, table)
    assert found.alignment.is_judged
    assert not found.alignment.is_misaligned


def test_minutes_without_any_volume_are_no_trades() -> None:
    mark = PAIR.binance.assign(volume=0.0, trades=0.0)
    found = findings_of_pair(assess_pair(mark, PAIR.dydx))
    assert any("a mark, index or premium price" in each.sentence for each in found)


def test_a_frame_is_judged_as_its_pair() -> None:
    frame = build_frame(PAIR.binance, scaled(PAIR.dydx, 0.001), market="X")
    (finding,) = [each for each in findings_of_frame(frame.table) if each.is_incomparable]
    assert "1,000 times" in finding.sentence
    sound = build_frame(PAIR.binance, PAIR.dydx, market="X")
    assert findings_of_frame(sound.table) == ()


@pytest.mark.parametrize(
    ("folder", "said"),
    [
        ("14-thousand-x", "1,000 times"),
        ("15-redenomination", "from 2026-02-03T14:24Z on"),
        ("16-wick", "2026-02-03T07:40Z high +199."),
        ("18-dst-local", "--shift-min -60 and -120"),
        ("19-named-by-close", "as if Binance were stamped by CLOSE time"),
        ("20-true-lag", "looks the same"),
        ("27-split-late", "from 2026-02-08T15:36Z on"),
    ],
)
def test_the_made_up_cases_are_named(shared_data: Path, folder: str, said: str) -> None:
    case = shared_data / "cases" / folder
    theirs = next(path for path in (case / "dydx.json", case / "dydx.csv") if path.exists())
    binance = read_candles(case / "binance.csv", "binance").candles
    found = findings_of_pair(assess_pair(binance, read_candles(theirs, "dydx").candles))
    assert any(said in each.sentence for each in found)


def test_tiny_prices_are_kept_exactly(shared_data: Path) -> None:
    case = shared_data / "cases/21-tiny-price"
    table = read_candles(case / "binance.csv", "binance").candles
    told = pd.read_csv(case / "binance.csv", dtype=str)["close"]
    np.testing.assert_array_equal(table["close"], [float(text) for text in told])
    dydx = read_candles(case / "dydx.json", "dydx").candles
    assert findings_of_pair(assess_pair(table, dydx)) == ()

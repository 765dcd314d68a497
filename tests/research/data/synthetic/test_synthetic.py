"""The synthetic market: reproducible, sound, like the recorded week, and with the planted lead."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from pandas.testing import assert_frame_equal, assert_series_equal

from research.data.files.read import read_candles
from research.data.synthetic.market import SyntheticPair, SyntheticSpec, synthesize
from research.data.synthetic.paths import autoregress
from research.data.tables.funding import validate_funding
from research.data.tables.schema import validate_candles
from research.errors import ParamError

LED = synthesize(SyntheticSpec(days=30, edge=1))
UNLED = synthesize(SyntheticSpec(days=30, edge=0))

Floats = NDArray[np.float64]


def test_the_same_seed_gives_the_same_bytes() -> None:
    again = synthesize(SyntheticSpec(days=30, edge=1))
    assert_frame_equal(again.binance, LED.binance, check_exact=True)
    assert_frame_equal(again.dydx, LED.dydx, check_exact=True)
    assert_series_equal(again.funding, LED.funding, check_exact=True)


def test_another_seed_gives_another_market() -> None:
    other = synthesize(SyntheticSpec(days=1, seed=8))
    assert (other.binance["close"] != LED.binance["close"].iloc[:1440]).mean() > 0.99


def test_the_edge_changes_dydx_and_nothing_else() -> None:
    assert_frame_equal(LED.binance, UNLED.binance, check_exact=True)
    assert_series_equal(LED.funding, UNLED.funding, check_exact=True)
    assert (LED.dydx["close"] != UNLED.dydx["close"]).mean() > 0.01


@pytest.mark.parametrize("pair", [LED, UNLED], ids=["edge 1", "edge 0"])
def test_every_candle_is_sound(pair: SyntheticPair) -> None:
    validate_candles(pair.binance, place="binance")
    validate_candles(pair.dydx, place="dydx")
    validate_funding(pair.funding, place="funding")
    assert len(pair.binance) == len(pair.dydx) == 43_200
    assert (pair.binance.index == pair.dydx.index).all()


def test_prices_lie_on_the_tick_grid_as_decimal_text_would() -> None:
    closes = LED.binance["close"].to_numpy()
    assert [float(f"{close:.1f}") for close in closes] == closes.tolist()
    assert (LED.dydx["close"] % 1 == 0).all()


def test_a_minute_without_a_trade_is_flat_at_the_last_trade() -> None:
    table = LED.dydx
    silent = (table["trades"] == 0).to_numpy()
    assert 0.007 < silent.mean() < 0.013
    assert (table["volume"].to_numpy()[silent] == 0).all()
    before = table["close"].shift().to_numpy()[silent]
    for column in ("open", "high", "low", "close"):
        assert (table[column].to_numpy()[silent] == before).all()
    assert (table["volume"].to_numpy()[~silent] > 0).all()
    assert (table["trades"].to_numpy()[~silent] >= 1).all()


def test_funding_is_hourly() -> None:
    assert len(LED.funding) == 30 * 24
    assert (np.diff(LED.funding.index.asi8) == 3_600_000).all()
    assert LED.funding.abs().max() < 1e-4


def returns_pct(table: pd.DataFrame) -> Floats:
    return np.diff(np.log(table["close"].to_numpy())) * 100


def spread_pct(pair: SyntheticPair) -> pd.Series:
    return (pair.dydx["close"] - pair.binance["close"]) / pair.binance["close"] * 100


def excess_pct(pair: SyntheticPair) -> Floats:
    spread = spread_pct(pair)
    basis = spread.rolling(720, min_periods=120).median().shift(1)
    return (spread - basis).to_numpy()


def test_the_basis_wanders_within_its_bound() -> None:
    basis = spread_pct(UNLED).rolling(60).median().dropna()
    assert basis.abs().max() < 0.2 + 0.01
    assert basis.max() - basis.min() > 0.1


def test_volatility_clusters_and_follows_the_sessions() -> None:
    size = pd.Series(np.abs(returns_pct(LED.binance)), index=LED.binance.index[1:])
    assert size.autocorr(1) > 0.1
    assert size.autocorr(60) > 0.05
    hourly = size.groupby(pd.DatetimeIndex(size.index).hour).mean()
    assert hourly.loc[13:16].mean() > 1.4 * hourly.loc[4:6].mean()


def test_binance_has_no_memory_to_earn_from() -> None:
    moves = returns_pct(LED.binance)
    for lag in (1, 2, 5, 15):
        assert abs(np.corrcoef(moves[:-lag], moves[lag:])[0, 1]) < 0.03


def forward_gross(pair: SyntheticPair, *, move: float, spread: float) -> Floats:
    """Gross percent of following at the next open for 15 minutes, both sides, single position."""
    binance, dydx = pair.binance["close"].to_numpy(), pair.dydx
    excess, opens = excess_pct(pair), dydx["open"].to_numpy()
    moved = np.full(len(binance), np.nan)
    moved[5:] = (binance[5:] - binance[:-5]) / binance[:-5] * 100
    side = np.where((moved >= move) & (excess <= -spread), 1, 0)
    side -= np.where((moved <= -move) & (excess >= spread), 1, 0)
    side[dydx["trades"].to_numpy() == 0] = 0
    gross, free = [], 0
    for t in np.flatnonzero(side):
        if t >= free and t + 16 < len(opens):
            gross.append(side[t] * (opens[t + 16] - opens[t + 1]) / opens[t + 1] * 100)
            free = t + 16
    return np.array(gross)


@pytest.mark.parametrize("seed", [7, 8, 9])
def test_a_planted_lead_pays_a_little_more_than_it_costs(seed: int) -> None:
    gross = forward_gross(
        synthesize(SyntheticSpec(days=30, edge=1, seed=seed)), move=0.15, spread=0.05
    )
    per_day = len(gross) / 30
    assert 2 < per_day < 12
    assert 0.02 < gross.mean() - 0.12 < 0.15  # percent; 12 bps are 10 of fees and 2 of slippage


@pytest.mark.parametrize("seed", [7, 8, 9])
def test_without_a_planted_lead_following_loses_its_costs(seed: int) -> None:
    gross = forward_gross(
        synthesize(SyntheticSpec(days=30, edge=0, seed=seed)), move=0.15, spread=0.05
    )
    assert gross.mean() - 0.12 < 0
    error = gross.std() / np.sqrt(len(gross))
    assert abs(gross.mean()) < 3 * error  # no more than chance


def test_a_stronger_edge_brings_more_events() -> None:
    events = [
        len(forward_gross(synthesize(SyntheticSpec(days=20, edge=edge)), move=0.15, spread=0.08))
        for edge in (0.0, 0.5, 1.0, 3.0)
    ]
    assert events == sorted(events)
    assert events[0] < events[-1] / 3


def fingerprint(binance: pd.DataFrame, dydx: pd.DataFrame) -> dict[str, float]:
    """Numbers by which a market is known; of the minutes that both have."""
    common = binance.index.intersection(dydx.index)
    ours, theirs = binance.loc[common], dydx.loc[common]
    a, b = returns_pct(ours), returns_pct(theirs)
    reach = ((ours["high"] - ours["low"]) / ours["close"] * 100).to_numpy()
    spread = ((theirs["close"] - ours["close"]) / ours["close"] * 100).to_numpy()
    size = np.abs(a)
    return {
        "std": float(a.std()),
        "kurtosis": float(pd.Series(a).kurt()),
        "range per move": float(reach.mean() / size.mean()),
        "clustering": float(pd.Series(size).autocorr(1)),
        "correlation": float(np.corrcoef(a, b)[0, 1]),
        "spread noise": float(np.diff(spread).std()),
        "spread memory": float(pd.Series(np.diff(spread)).autocorr(1)),
        "open surprise": float(
            ((theirs["open"] / theirs["close"].shift() - 1) * 100).std()
        ),
        "spread width": float(np.nanquantile(np.abs(spread - np.median(spread)), 0.5)),
        "silent": float((theirs["volume"] == 0).mean()),
        "volume and range": float(np.corrcoef(ours["volume"], reach)[0, 1]),
    }  # fmt: skip


# (lowest, highest) ratio synthetic / recorded; kurtosis of one calm week says little
TOLERANCES = {
    "std": (0.75, 1.4),
    "kurtosis": (0.4, 3.0),
    "range per move": (0.9, 1.1),
    "clustering": (0.5, 1.3),
    "correlation": (0.98, 1.02),
    "spread noise": (0.8, 1.3),
    "spread memory": (0.8, 1.2),
    "open surprise": (0.75, 1.3),
    "spread width": (0.5, 2.0),
    "silent": (0.7, 1.6),
    "volume and range": (0.75, 1.25),
}


def test_without_the_lead_it_is_the_recorded_week_all_over(shared_data: Path) -> None:
    folder = shared_data / "btc_week"
    recorded = fingerprint(
        read_candles(folder / "binance_um_BTCUSDT_1m.csv", "binance").candles,
        read_candles(folder / "dydx_BTC-USD_1MIN.csv", "dydx").candles,
    )
    made = fingerprint(UNLED.binance, UNLED.dydx)
    for name, (low, high) in TOLERANCES.items():
        assert low < made[name] / recorded[name] < high, (name, made[name], recorded[name])


@pytest.mark.parametrize(
    ("field", "value"),
    [("days", 0), ("days", 1e-9), ("days", 5000), ("seed", -1), ("edge", -0.1), ("edge", 6),
     ("lag_min", 0), ("no_trade_share", 0.9), ("basis_pct", 0), ("price", float("nan"))],
)  # fmt: skip
def test_a_spec_refuses_nonsense(field: str, value: float) -> None:
    with pytest.raises(ParamError, match=f"synthetic market: {field} = {value}; must be "):
        SyntheticSpec(**{field: value})


def test_the_label_says_what_it_is() -> None:
    assert LED.spec.label == "SYNTHETIC seed=7 days=30 edge=1"
    assert LED.source.is_synthetic


def test_autoregress_is_the_recursion() -> None:
    shocks = np.random.default_rng(1).standard_normal(1000)
    for decay in (0.0, 0.5, 0.99, 0.99999):
        x, slow = 0.0, []
        for shock in shocks:
            x = decay * x + shock
            slow.append(x)
        np.testing.assert_allclose(autoregress(shocks, decay), slow, rtol=1e-10, atol=1e-12)

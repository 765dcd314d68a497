"""The panel: everything beside its frame, and nothing of it from the future."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from research.errors import FrameError, ParamError
from research.features.labels import REGIMES, RegimeEdges
from research.features.panel import FEATURES, Panel, features
from research.frame.frame import Frame, build_frame
from research.settings.features import FeatureSettings, PanelSettings, SessionSettings
from tests.laws.kernels import FIRST_MINUTE, Columns, market
from tests.samples.markets import small_panel

SHORT = PanelSettings(features=FeatureSettings(basis_min=30, atr_min=10, realized_vol_min=10))


def candles(columns: Columns, venue: str) -> pd.DataFrame:
    rows = columns["dydx_close"].size
    start = pd.Timestamp(FIRST_MINUTE * 60, unit="s", tz="UTC")
    index = pd.date_range(start, periods=rows, freq="min", unit="ms", name="minute")
    table = pd.DataFrame(
        {name: columns[f"{venue}_{name}"] for name in ("open", "high", "low", "close")}, index=index
    )
    return table.assign(volume=1.0, trades=1.0)


def frame_of(columns: Columns) -> Frame:
    return build_frame(candles(columns, "binance"), candles(columns, "dydx"), market="BTC")


@pytest.fixture(scope="module")
def panel() -> Panel:
    return features(frame_of(market(8 * 1440)))


def test_every_feature_has_a_value_for_every_minute(panel: Panel) -> None:
    arrays = [panel.column(name) for name in (*FEATURES, "rsi_1m", "rsi_4h", "dydx_close")]
    arrays += [panel.lead_return_pct(5), panel.reference("raw"), panel.reference("excess")]
    for values in arrays:
        assert values.shape == (len(panel),)
        assert values.dtype == np.float64
        assert np.isfinite(values).any()
    for codes in (panel.minute, panel.session, panel.regime):
        assert codes.shape == (len(panel),)
        assert codes.dtype == np.int64


def test_bars_are_aligned_to_the_clock_of_the_frame(panel: Panel) -> None:
    rsi_1h = panel.rsi["1h"]
    changed = np.flatnonzero(np.diff(rsi_1h[~np.isnan(rsi_1h)])) + 1
    minute = panel.minute[~np.isnan(rsi_1h)]
    assert panel.minute[0] == FIRST_MINUTE
    assert set((minute[changed] % 60).tolist()) == {59}


def test_no_feature_looks_ahead() -> None:
    cut = 700
    columns, other = market(1500), market(1500, seed=9)
    changed = {name: np.where(np.arange(1500) < cut, columns[name], other[name]) for name in other}
    one, two = (features(frame_of(each), SHORT, train_rows=cut) for each in (columns, changed))
    assert one.edges == two.edges
    pd.testing.assert_frame_equal(one.table()[:cut], two.table()[:cut], check_exact=True)
    assert not one.table()[cut:].equals(two.table()[cut:])


def test_a_frame_shorter_than_its_windows_has_unknown_features_and_no_error() -> None:
    panel = features(frame_of(market(9)))
    for name in ("basis_pct", "spread_excess_pct", "atr_pct", "realized_vol_pct", "mtf_aligned"):
        assert np.isnan(panel.column(name)).all()
    assert set(panel.regime.tolist()) == {-1}
    assert np.isnan(panel.edges.low)
    assert np.isfinite(panel.spread_pct).any()
    assert panel.table()["regime"].isna().all()


def test_an_empty_frame_is_refused() -> None:
    whole = frame_of(market(5))
    empty = Frame(whole.table.iloc[:0], whole.market, whole.origin)
    with pytest.raises(FrameError, match=r"BTC 2025-12-26.*: the frame has no minute; widen the"):
        features(empty)


def test_edges_fitted_on_everything_say_so() -> None:
    frame = frame_of(market(300))
    edges = features(frame, SHORT).edges
    assert edges.is_in_sample
    assert edges.fitted_on == "2025-12-26T18:49Z .. 2025-12-26T23:48Z"


def test_edges_fitted_on_a_training_span_are_those_of_that_span_alone() -> None:
    frame = frame_of(market(300))
    edges = features(frame, SHORT, train_rows=200).edges
    atr = features(frame, SHORT).atr_pct[:200]
    assert not edges.is_in_sample
    assert edges.fitted_on == "2025-12-26T18:49Z .. 2025-12-26T22:08Z"
    assert edges.low == np.nanquantile(atr, 1 / 3)


def test_edges_from_elsewhere_are_used_as_they_are() -> None:
    edges = RegimeEdges(low=0.0, high=0.0, fitted_on="last year", is_in_sample=False)
    panel = features(frame_of(market(100)), SHORT, edges=edges)
    assert panel.edges is edges
    known = panel.regime[~np.isnan(panel.atr_pct)]
    assert set(known.tolist()) == {REGIMES.index("wild")}


def test_edges_and_a_training_span_exclude_each_other() -> None:
    frame = frame_of(market(20))
    edges = RegimeEdges(low=0.1, high=0.2, fitted_on="last year", is_in_sample=False)
    with pytest.raises(ParamError, match="train_rows and edges exclude each other"):
        features(frame, edges=edges, train_rows=10)
    with pytest.raises(ParamError, match="train_rows must be at least 1 minute, was 0"):
        features(frame, train_rows=0)


def test_settings_reach_the_features() -> None:
    frame = frame_of(market(300))
    moved = SHORT.model_copy(update={"sessions": SessionSettings(asia=1, europe=19, us=20)})
    panel = features(frame, moved)
    assert panel.table()["session"].iloc[[0, 11, 71]].tolist() == ["asia", "europe", "us"]
    assert np.isfinite(panel.atr_pct[20:40]).any()
    assert np.isnan(features(frame).atr_pct[:60]).all()


def test_lead_returns_are_computed_once_per_window(panel: Panel) -> None:
    assert panel.lead_return_pct(3) is panel.lead_return_pct(3)
    assert np.isnan(panel.lead_return_pct(7)[:7]).all()


def test_impossible_windows_references_and_columns_are_refused(panel: Panel) -> None:
    with pytest.raises(ParamError, match="window must be at least 1 minute, was 0"):
        panel.lead_return_pct(0)
    with pytest.raises(ParamError, match="reference = 'basis': must be raw or excess"):
        panel.reference("basis")  # type: ignore[arg-type]  # what a settings file might say
    with pytest.raises(ParamError, match="column = 'rsi_2h': neither a feature nor a column"):
        panel.column("rsi_2h")


def test_the_table_is_labelled_in_words(panel: Panel) -> None:
    table = panel.table(lead_windows=(4,))
    assert table.index.equals(panel.frame.table.index)
    assert list(table.columns) == [
        *FEATURES,
        *("rsi_1m", "rsi_5m", "rsi_15m", "rsi_1h", "rsi_4h"),
        *("binance_ret_4_pct", "session", "regime"),
    ]
    assert table["session"].iloc[0] == "us"
    assert table["regime"].isna().sum() == (panel.regime == -1).sum()


def test_excess_is_the_spread_over_its_basis(panel: Panel) -> None:
    np.testing.assert_array_equal(
        panel.reference("excess"), panel.reference("raw") - panel.basis_pct
    )


def test_the_recorded_week_has_the_known_spread(shared_data: Path) -> None:
    """The quantiles that the notes on the recorded data give, raw and over the basis."""
    week = shared_data / "btc_week"
    binance = pd.read_csv(week / "binance_um_BTCUSDT_1m.csv").rename(columns={"count": "trades"})
    binance.index = pd.to_datetime(binance["open_time"], unit="ms", utc=True).dt.as_unit("ms")
    dydx = pd.read_csv(week / "dydx_BTC-USD_1MIN.csv", comment="#").assign(trades=np.nan)
    dydx.index = pd.to_datetime(dydx["timestamp"], utc=True).dt.as_unit("ms")
    panel = features(build_frame(binance, dydx, market="BTC"))
    shares = (0.01, 0.05, 0.5, 0.95, 0.99)
    raw = np.nanquantile(panel.spread_pct, shares).round(3)
    excess = np.nanquantile(panel.spread_excess_pct, shares).round(3)
    assert raw.tolist() == [-0.165, -0.145, -0.022, 0.019, 0.027]
    assert excess[[0, 1, 3, 4]].tolist() == [-0.092, -0.044, 0.036, 0.088]
    assert np.bincount(panel.regime + 1).tolist() == [60, 3340, 3340, 3341]


def test_signals_read_otherwise_are_so_where_flat_candles_are_prices_too() -> None:
    """Placebos and delays of a verdict under the plain model would be no change at all."""
    panel = small_panel()
    read = panel.read_as(spread=lambda spread: -spread, lead=lambda lead: 2 * lead)
    for ours, theirs in ((read, panel), (read.as_recorded, panel.as_recorded)):
        np.testing.assert_array_equal(ours.spread_pct, -theirs.spread_pct)
        np.testing.assert_array_equal(ours.reference("excess"), -theirs.spread_excess_pct)
        np.testing.assert_array_equal(ours.lead_return_pct(5), 2 * theirs.lead_return_pct(5))
    assert read.as_recorded.flat_is_price
    assert (np.isnan(panel.spread_pct) & ~np.isnan(panel.as_recorded.spread_pct)).any()

"""Heatmaps: what each cell shows of the sets behind it, and what the picture admits."""

from typing import Any

import numpy as np
import pytest

from research.errors import ParamError, SearchError
from research.features.labels import RegimeEdges
from research.plots.heatmap import HeatmapInfo, HeatmapPanel
from strategies.lead_follow import LeadFollowParams
from strategies.reversion import ReversionParams
from sweeps.axes import grid_spec
from sweeps.grid.heatmaps import heatmap_info
from sweeps.grid.run import run_grid
from sweeps.tally import Tally
from tests.samples.markets import small_panel
from tests.sweeps.grid.by_hand import SPEC, by_hand


def info_of(how: Any = "best", value: str = "avg_pnl", **options: Any) -> HeatmapInfo:
    return heatmap_info(by_hand(), "entry", "exit", value=value, how=how, **options)


def panel_of(info: HeatmapInfo, segment: str = "all") -> HeatmapPanel:
    return next(panel for panel in info.panels if panel.segment == segment)


def test_the_best_is_the_largest_value_with_enough_trades() -> None:
    panel = panel_of(info_of())
    # 0.9 has 20 trades only; where no set has enough, the one with most trades stands
    np.testing.assert_allclose(panel.values, [[0.1, 0.3], [np.nan, 0.4]])
    np.testing.assert_array_equal(panel.events, [[50, 10], [0, 30]])
    np.testing.assert_array_equal(panel.is_thin, [[False, True], [True, False]])
    assert panel.best == (1, 1)


def test_the_median_is_taken_over_sets_with_enough_trades() -> None:
    panel = panel_of(info_of("median"))
    # (-0.2 and 0.1), (0.3 and -0.4: none has enough, the empty one is left out), all three
    np.testing.assert_allclose(panel.values, [[-0.05, -0.05], [np.nan, 0.3]])
    np.testing.assert_array_equal(panel.events, [[45, 7], [0, 30]])
    np.testing.assert_array_equal(panel.is_thin, [[False, True], [True, False]])


def test_fixed_levels_are_those_given_or_those_of_the_best_set_of_all() -> None:
    given = panel_of(info_of("fixed", fixed={"max_hold": 30}))
    np.testing.assert_allclose(given.values, [[0.1, -0.4], [np.nan, 0.2]])
    np.testing.assert_array_equal(given.events, [[50, 5], [0, 30]])
    info = info_of("fixed")  # the best of all has max_hold 15
    np.testing.assert_allclose(panel_of(info).values, [[-0.2, 0.3], [np.nan, 0.4]])
    assert (
        "fixed: min_gap 5 min, max_hold 15 min (levels not given: from the best set of all)"
        in (info.notes[1])
    )
    with_few = heatmap_info(by_hand(), "entry", "exit", how="fixed", min_events=999)
    assert "max_hold 30 min" in with_few.notes[1]  # the set with most trades


def test_axes_may_be_swapped() -> None:
    one, other = info_of(), heatmap_info(by_hand(), "exit", "entry", value="avg_pnl")
    for segment in ("all", "us/wild"):
        left, right = panel_of(one, segment), panel_of(other, segment)
        np.testing.assert_array_equal(left.values, right.values.T)
        np.testing.assert_array_equal(left.events, right.events.T)
    np.testing.assert_array_equal(one.is_valid, other.is_valid.T)
    assert (one.x.name, one.x.unit, one.x.levels.tolist()) == ("entry", "percent", [0.02, 0.04])
    assert other.x.name == one.y.name == "exit"


def test_cells_without_a_valid_set_are_marked() -> None:
    np.testing.assert_array_equal(info_of().is_valid, [[True, True], [False, True]])


def test_sessions_stand_in_rows_and_regimes_in_columns() -> None:
    places = {panel.segment: (panel.row, panel.column) for panel in info_of().panels}
    assert len(places) == len(set(places.values())) == 16
    assert places["all"] == (0, 0)
    assert (places["us"], places["wild"], places["us/wild"]) == ((3, 0), (0, 3), (3, 3))
    some = info_of(segments=["us/wild", "all", "us"])
    places = {panel.segment: (panel.row, panel.column) for panel in some.panels}
    assert places == {"all": (0, 0), "us": (1, 0), "us/wild": (1, 1)}
    assert [(p.row, p.column) for p in info_of(segments=["asia/calm"]).panels] == [(0, 0)]


def test_colours_are_shared_and_part_at_zero_whatever_thin_cells_hold() -> None:
    info = info_of()
    assert info.center == 0.0
    assert info.limits == pytest.approx((-0.4, 0.4))
    assert info_of(min_events=5).limits == pytest.approx((-0.9, 0.9))
    assert info_of(min_events=999).limits == pytest.approx((-0.3, 0.3))  # no cell has enough


def test_a_breakeven_is_good_only_beyond_the_round_trip() -> None:
    info = info_of(value="breakeven_bps")
    assert info.center == 22.0  # 20 of fees, 4 fills at 0.5
    assert info.limits == pytest.approx((22 - 40, 22 + 40))
    assert "colours part at the round trip of 22 bps (before funding)" in info.notes[2]


@pytest.mark.parametrize(
    ("value", "unit", "limits"),
    [
        ("avg_hold", "min", (0, 7)),
        ("events", "trades", (0, 50)),
        ("win_rate", "% of trades", (0, 1)),
    ],
)
def test_values_without_a_sign_start_at_zero(
    value: str, unit: str, limits: tuple[float, float]
) -> None:
    info = info_of(value=value)
    assert info.center is None
    assert info.unit == unit
    assert info.limits == limits


def test_a_grid_without_any_trade_still_makes_a_picture() -> None:
    info = heatmap_info(by_hand(tally=Tally.empty(SPEC.size)), "entry", "exit")
    assert info.limits == (-1.0, 1.0)
    for panel in info.panels:
        assert panel.best is None
        assert np.isnan(panel.values).all()
        assert panel.is_thin.all()


def test_the_notes_admit_what_the_picture_rests_on() -> None:
    info = info_of()
    assert info.title == "reversion: avg_pnl over entry and exit"
    assert info.subtitle == "BTC [SYNTHETIC] a .. b"
    assert info.notes == (
        "model: fill=next_open, touch=intrabar, one position, excess spread, dYdX age <= 0m, "
        "20 bps + 0.5 bps slippage a fill, funding on",
        "each cell: the set with the largest avg_pnl of 3 over max_hold; fixed: min_gap 5 min",
        "9 sets were scored on these minutes: the best of them is picked in-sample",
    )
    assert info_of("median").notes[1].startswith("each cell: the median avg_pnl of 3 over max_hold")
    edges = RegimeEdges(low=0.1, high=0.2, fitted_on="all", is_in_sample=True)
    assert (
        heatmap_info(by_hand(edges=edges), "entry", "exit")
        .notes[2]
        .endswith("regimes: edges: in-sample")
    )


def test_an_info_cannot_be_changed() -> None:
    info = info_of()
    arrays = [info.is_valid, info.x.levels, info.y.levels]
    arrays += [getattr(info.panels[0], name) for name in ("values", "events", "is_thin")]
    for array in arrays:
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_the_result_stays_as_it_was() -> None:
    result = by_hand()
    heatmap_info(result, "entry", "exit")
    result.tally.counts["events"][0, 0] = 41  # still writable


def test_the_median_is_that_of_numpy() -> None:
    panel = small_panel()
    levels: dict[str, Any] = {"tp": [0.1, 0.2], "sl": [0.1, 0.2, 0.4], "move_pct": [0.04, 0.08]}
    result = run_grid(panel, grid_spec(LeadFollowParams(spread_entry=0.0), levels))
    info = heatmap_info(result, "tp", "move_pct", value="avg_pnl", how="median", min_events=2)
    cube = np.moveaxis(result.cube("avg_pnl"), (1, 4), (0, 1)).reshape(2, 2, -1)
    np.testing.assert_allclose(panel_of(info).values, np.median(cube, axis=2))


@pytest.mark.parametrize("strategy", [LeadFollowParams(), ReversionParams()])
def test_the_usual_axes_are_axes(strategy: Any) -> None:
    spec = grid_spec(strategy, {})
    for name in spec.strategy.heatmap_axes:
        assert spec.position(name) >= 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"y": "entry"}, "a heatmap needs two different axes, was entry twice"),
        (
            {"y": "tp"},
            "axis tp: reversion has no such parameter; it has entry, min_gap, exit, max_hold",
        ),
        (
            {"value": "tp_share"},
            "column tp_share: not known for a reversion grid; did you mean end_share? it has "
            "events, win_rate, avg_pnl, median_pnl, pnl_std, pnl_q05, pnl_q25, pnl_q75, pnl_q95, "
            "total_pnl, profit_factor, avg_hold, median_hold, revert_share, timeout_share, "
            "end_share, max_loss, max_losing_streak, max_drawdown, lcb_pnl, breakeven_bps",
        ),
        ({"how": "mean"}, "how must be best, median, positive or fixed, was 'mean'"),
        ({"fixed": {"max_hold": 15}}, "levels to fix need how='fixed', was 'best'"),
        (
            {"how": "fixed", "fixed": {"max_hold": 16}},
            "axis max_hold: no level 16; take one of 15, 30, 60",
        ),
        (
            {"how": "fixed", "fixed": {"exit": 0.01}},
            "axis exit: shown, so it cannot be fixed; fix the others",
        ),
    ],
)
def test_what_cannot_be_shown_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(SearchError) as refusal:
        heatmap_info(by_hand(), **{"x": "entry", "y": "exit"} | options)
    assert str(refusal.value) == message


@pytest.mark.parametrize("value", ["mae_mean", "mfe_mean"])
def test_a_column_that_the_strategy_does_not_have_is_refused_and_not_grey(value: str) -> None:
    with pytest.raises(SearchError, match=f"column {value}: not known for a reversion grid"):
        heatmap_info(by_hand(), "entry", "exit", value=value, panel=small_panel())


def test_an_unknown_segment_is_refused() -> None:
    with pytest.raises(ParamError, match="segment = 'mars': no such segment"):
        info_of(segments=["mars"])

"""Pictures: the info holds the numbers, drawing changes nothing, files say their origin."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from research.errors import StoreError
from research.measures.report import max_drawdown
from research.plots.distribution import (
    draw_distribution,
    pnl_distribution_info,
    spread_distribution_info,
)
from research.plots.equity import EquityInfo, draw_equity, equity_info
from research.plots.figure import new_figure, save_figure, wrapped, write_notes
from research.plots.heatmap import HeatmapAxis, HeatmapInfo, HeatmapPanel, draw_heatmap, short_count

SPAN = (pd.Timestamp("2026-01-01T00:00Z"), pd.Timestamp("2026-01-02T00:00Z"))
SPLIT = pd.Timestamp("2026-01-01T12:00Z")


def words(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if isinstance(text, Text)]


def heatmap(nx: int = 3, ny: int = 2, segments: tuple[str, ...] = ("all", "us")) -> HeatmapInfo:
    values = np.linspace(-0.3, 0.5, nx * ny).reshape(ny, nx)
    values[0, 0] = np.nan
    events = np.arange(nx * ny).reshape(ny, nx) * 10_001
    is_valid = np.ones((ny, nx), dtype=np.bool_)
    is_valid[-1, -1] = False
    return HeatmapInfo(
        title="lead-long: lcb_pnl over tp and sl",
        subtitle="BTC [SYNTHETIC] a .. b",
        x=HeatmapAxis("tp", "percent", np.arange(nx) / 10),
        y=HeatmapAxis("sl", "percent", np.arange(ny) / 10),
        value="lcb_pnl",
        unit="% a trade",
        center=0.0,
        limits=(-0.4, 0.4),
        min_events=30,
        is_valid=is_valid,
        panels=tuple(
            HeatmapPanel(name, row, 0, values, events, events < 30, (0, 1) if nx > 1 else None)
            for row, name in enumerate(segments)
        ),
        notes=("model: x", "each cell: y"),
    )


def trades(net: list[float], hours: list[int]) -> pd.DataFrame:
    times = [SPAN[0] + pd.Timedelta(hours=hour) for hour in hours]
    return pd.DataFrame({"entry_time": pd.DatetimeIndex(times), "net_pct": net})


def equity(**changes: Any) -> EquityInfo:
    given: dict[str, Any] = {
        "trades": {"plain": trades([0.5, -1.0, 0.25, 0.75], [1, 2, 12, 20])},
        "title": "lead-long",
        "label": "BTC a .. b",
        "span": SPAN,
        "split": SPLIT,
    } | changes
    return equity_info(given.pop("trades"), **given)


# --- heatmap -------------------------------------------------------------------------------------


def test_a_heatmap_shows_trades_labels_notes_and_scale() -> None:
    found = words(draw_heatmap(heatmap()))
    assert found.count("n 0") == 2  # one in each panel
    assert sum("n 10k" in text for text in found) == 2 + 2  # in the cell and in the panel's title
    assert sum("n 50k" in text for text in found) == 0  # that cell is no valid set
    assert {"all", "us", "tp [percent]", "sl [percent]", "lcb_pnl [% a trade]"} <= set(found)
    assert {"lead-long: lcb_pnl over tp and sl", "BTC [SYNTHETIC] a .. b", "model: x"} <= set(found)
    assert any("fewer than 30 trades" in text for text in found)
    assert any("blank: not a valid set" in " ".join(found) for text in found)


@pytest.mark.parametrize(("nx", "ny"), [(1, 1), (10, 10), (60, 3), (2, 45)])
def test_a_heatmap_of_any_shape_can_be_drawn(nx: int, ny: int) -> None:
    figure = draw_heatmap(heatmap(nx, ny, ("all",)))
    width, height = figure.get_size_inches()
    assert 5 < width < 45
    assert 2 < height < 45
    boxes = [axes.get_position() for axes in figure.axes]
    assert all(box.x0 >= 0 and box.x1 <= 1 and box.y0 >= 0 and box.y1 <= 1 for box in boxes)


def test_too_many_cells_lose_their_numbers_and_the_picture_says_so() -> None:
    info = heatmap(100, 2)
    wide = replace(info, panels=tuple(replace(p, column=k) for k, p in enumerate(info.panels) if k))
    wide = replace(wide, panels=(info.panels[0], *wide.panels, replace(info.panels[1], column=3)))
    found = " ".join(words(draw_heatmap(wide)))
    assert "too many cells to write their trades" in found


def test_counts_fit_into_a_cell() -> None:
    counts = {0: "0", 9999: "9999", 10_000: "10k", 999_999: "999k", 3_200_000: "3M"}
    assert {count: short_count(count) for count in counts} == counts


def test_drawing_leaves_no_state_behind() -> None:
    before = dict(mpl.rcParams)
    draw_heatmap(heatmap())
    draw_equity(equity())
    assert dict(mpl.rcParams) == before


# --- equity --------------------------------------------------------------------------------------


def test_equity_is_the_running_sum_and_knows_its_parts() -> None:
    curve = equity().curves[0]
    assert curve.equity.tolist() == [0.5, -0.5, -0.25, 0.5]
    assert curve.drawdown.tolist() == [0.0, 1.0, 0.75, 0.0]
    assert (curve.total, curve.max_drawdown) == (0.5, 1.0)
    # the trade on the first minute of the test part belongs to it
    assert (curve.train_total, curve.test_total) == (-0.5, 1.0)


def test_trades_count_in_the_order_of_their_entries() -> None:
    curve = equity(trades={"x": trades([0.75, -1.0, 0.5], [20, 2, 1])}).curves[0]
    assert curve.equity.tolist() == [0.5, -0.5, 0.25]
    assert (np.diff(curve.time) > np.timedelta64(0)).all()


def test_drawdown_is_that_of_the_report() -> None:
    net = np.random.default_rng(7).normal(0, 1, 50)
    curve = equity(trades={"x": trades(net.tolist(), list(range(50)))}).curves[0]
    assert curve.max_drawdown == max_drawdown(net)
    assert equity(trades={"x": trades([-1.0], [3])}).curves[0].max_drawdown == 1.0


def test_without_a_split_everything_is_one_part() -> None:
    info = equity(split=None)
    assert info.split is None
    assert info.curves[0].train_total == 0.5
    assert np.isnan(info.curves[0].test_total)
    assert not {"train ", " test"} & set(words(draw_equity(info)))


def test_an_equity_picture_names_models_parts_and_totals() -> None:
    both = {"plain": trades([0.5, -1.0], [1, 20]), "executable": trades([], [])}
    found = words(draw_equity(equity(trades=both, notes=["a note"])))
    assert "plain: 2 trades, -0.50 % (train +0.50, test -1.00), max drawdown 1.00 %" in found
    assert {"executable: no trades", "train ", " test", "a note", "BTC a .. b"} <= set(found)


# --- distribution --------------------------------------------------------------------------------


def test_minutes_beyond_a_threshold_are_counted_on_its_side() -> None:
    spread = [-0.10, -0.08, -0.02, 0.0, 0.05, 0.08, np.nan]
    info = spread_distribution_info(
        {"raw": spread, "excess": [0.0]}, {"short": 0.08, "long": -0.08}, label="BTC"
    )
    raw, excess = info.panels
    assert [(m.name, m.value, m.beyond) for m in raw.markers] == [
        ("short", 0.08, 1),
        ("long", -0.08, 2),
    ]
    assert (raw.size, raw.counts.sum()) == (6, 6)
    assert (excess.size, excess.counts.sum()) == (1, 1)
    assert [m.beyond for m in excess.markers] == [0, 0]
    np.testing.assert_array_equal(raw.edges, excess.edges)
    assert raw.edges[0] < -0.10
    assert raw.edges[-1] > 0.08
    found = " ".join(words(draw_distribution(info)))
    assert "long -0.08: 2 minutes beyond (33.33%)" in found
    assert "minutes, log scale" in found


def test_a_threshold_that_nothing_reaches_is_still_in_the_picture() -> None:
    info = spread_distribution_info({"raw": [0.01, 0.02]}, {"far": 5.0}, label="BTC")
    assert info.panels[0].edges[-1] > 5.0
    assert info.panels[0].markers[0].beyond == 0


def test_pnl_histograms_share_their_bins_and_mark_the_mean() -> None:
    info = pnl_distribution_info(
        {"plain": [-0.2, 0.4], "executable": []}, title="net pnl", label="BTC", notes=["n"]
    )
    plain, none = info.panels
    assert plain.markers[0].value == pytest.approx(0.1)
    assert none.size == 0
    assert none.markers == ()
    found = words(draw_distribution(info))
    assert {"mean +0.1", "no trades", "plain: 2 trades", "executable: 0 trades", "n"} <= set(found)


def test_infos_are_read_only() -> None:
    curve = equity().curves[0]
    panel = pnl_distribution_info({"x": [1.0]}, title="", label="").panels[0]
    for array in (curve.equity, curve.drawdown, curve.time, panel.counts, panel.edges):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = array[0]


# --- files ---------------------------------------------------------------------------------------


def test_the_same_figure_gives_the_same_bytes_and_says_where_it_came_from(tmp_path: Path) -> None:
    about = {"data": {"content_sha256": "abc"}, "seed": None}
    paths = [tmp_path / name for name in ("a.png", "b.png")]
    for path in paths:
        save_figure(draw_equity(equity()), path, about)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    with Image.open(paths[0]) as image:
        assert json.loads(image.info["Description"]) == about
        assert image.size[0] == 1500


@pytest.mark.parametrize("ending", ["svg", "pdf"])
def test_other_formats_follow_the_ending(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    save_figure(draw_equity(equity()), path)
    assert path.read_bytes()[:5] in (b"<?xml", b"%PDF-")


def test_a_picture_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_text("old")
    with pytest.raises(ValueError, match="Out of range float"):
        save_figure(draw_equity(equity()), path, {"x": float("nan")})
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["a.png"]
    with pytest.raises(StoreError, match=r"a\.png/b\.png: cannot be written"):
        save_figure(draw_equity(equity()), path / "b.png")


def test_notes_are_wrapped_to_the_width_of_the_figure() -> None:
    note = "fill=next_open, touch=intrabar, one position, excess spread, dYdX age <= 0m, 10 bps; "
    lines = wrapped([note * 3, "short"], 7.0)
    assert len(lines) > 2
    assert lines[-1] == "short"
    figure = new_figure(7.0, 3.0)
    write_notes(figure, lines)
    figure.draw_without_rendering()
    ends = [text.get_window_extent().x1 for text in figure.texts]
    assert max(ends) <= 7.0 * figure.dpi

"""Reports per segment, and how people see them."""

import io
import json
import math

import numpy as np
import pandas as pd
import pytest
from rich.console import Console
from rich.table import Table

from research.features.labels import SEGMENTS
from research.measures.report import REPORT_COLUMNS, columns_without
from research.measures.tables import (
    SEGMENT_COLUMNS,
    format_value,
    report_frame,
    report_json,
    report_of,
    segment_reports,
    segment_table,
    side_by_side,
)
from research.outcomes import REASONS

LEAD_COLUMNS = columns_without("revert_share", "timeout_share")


def trades(rows: int, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    entry = np.sort(rng.integers(0, 10_000, rows))
    gross = rng.normal(0.05, 0.2, rows)
    return pd.DataFrame(
        {
            "entry": entry,
            "exit": entry + rng.integers(1, 15, rows),
            "gross_pct": gross,
            "net_pct": gross - 0.1,
            "mae_pct": -rng.random(rows),
            "mfe_pct": rng.random(rows),
            "reason": pd.Categorical.from_codes(rng.integers(0, 4, rows), pd.Index(REASONS)),
            "session": rng.integers(0, 3, rows),
            "regime": rng.integers(-1, 3, rows),
        }
    )


def text(table: Table) -> str:
    page = io.StringIO()
    Console(width=120, file=page).print(table)
    return page.getvalue()


def test_segments_are_reports_of_their_own_trades() -> None:
    table = trades(300)
    reports = segment_reports(table)
    assert list(reports) == [segment.name for segment in SEGMENTS]
    wild_asia = table[(table["session"] == 0) & (table["regime"] == 2)]
    assert reports["asia/wild"] == report_of(wild_asia)
    assert reports["asia/wild"].avg_pnl == pytest.approx(wild_asia["net_pct"].mean())
    assert reports["all"].events == 300


def test_sessions_part_all_trades_and_regimes_those_of_known_regime() -> None:
    table = trades(300)
    reports = segment_reports(table)
    assert sum(reports[name].events for name in ("asia", "europe", "us")) == 300
    known = int((table["regime"] >= 0).sum())
    assert sum(reports[name].events for name in ("calm", "normal", "wild")) == known < 300


def test_no_trades_make_sixteen_empty_reports() -> None:
    reports = segment_reports(trades(0))
    assert len(reports) == 16
    assert {each.events for each in reports.values()} == {0}


def test_the_order_of_rows_is_the_order_of_entries() -> None:
    table = trades(100)
    shuffled = table.sample(frac=1, random_state=1)
    assert report_of(shuffled).max_drawdown == report_of(table).max_drawdown


def test_hold_is_measured_from_entry_to_exit() -> None:
    table = trades(10)
    assert report_of(table).avg_hold == (table["exit"] - table["entry"]).mean()


def test_reversion_trades_have_no_excursions() -> None:
    without = report_of(trades(10).drop(columns=["mae_pct", "mfe_pct"]))
    assert math.isnan(without.mae_mean)
    assert without.events == 10


def test_a_report_frame_has_a_row_per_segment_and_a_column_per_column() -> None:
    frame = report_frame(segment_reports(trades(50)))
    assert frame.index.name == "segment"
    assert list(frame.columns) == list(REPORT_COLUMNS)
    assert frame.loc["all", "events"] == 50
    assert report_frame(segment_reports(trades(50)), ("events",)).shape == (16, 1)


def test_report_json_is_strict_json() -> None:
    body = report_json(segment_reports(trades(4)), LEAD_COLUMNS)
    assert list(body["all"]) == list(LEAD_COLUMNS)
    assert json.loads(json.dumps(body, allow_nan=False)) == body
    assert any(value is None for value in body["asia/wild"].values())


@pytest.mark.parametrize(
    ("column", "value", "shown"),
    [
        ("events", 12345, "12,345"),
        ("avg_pnl", -0.02738, "-0.0274"),
        ("win_rate", 37.73, "37.7"),
        ("profit_factor", math.inf, "inf"),
        ("lcb_pnl", math.nan, "-"),
        ("avg_hold", 12.06, "12.1"),
        ("breakeven_bps", 5.261, "5.26"),
        ("max_losing_streak", 7.0, "7"),
        ("total_pnl", -0.00001, "0.0000"),
    ],
)
def test_numbers_are_shown_with_the_decimals_of_their_column(
    column: str, value: float, shown: str
) -> None:
    assert format_value(column, value) == shown


def test_models_stand_side_by_side_with_units() -> None:
    both = {"plain": report_of(trades(30)), "executable": report_of(trades(20, seed=4))}
    shown = text(side_by_side(both, title="lead short, BTC", columns=LEAD_COLUMNS))
    lines = shown.splitlines()
    assert lines[0].startswith("lead short, BTC")
    assert "plain" in shown
    assert "executable" in shown
    cells = {line.split("│")[1].strip(): line for line in lines if "│" in line}
    assert list(cells) == list(LEAD_COLUMNS)
    assert [cell.strip() for cell in cells["events"].split("│")[2:-1]] == ["", "30", "20"]
    assert cells["avg_hold"].split("│")[2].strip() == "min"


def test_segments_stand_below_each_other() -> None:
    shown = text(segment_table(segment_reports(trades(60)), title="BTC [SYNTHETIC]"))
    assert all(segment.name in shown for segment in SEGMENTS)
    assert "[SYNTHETIC]" in shown
    assert all(column in shown.replace("\n", "") for column in SEGMENT_COLUMNS)
